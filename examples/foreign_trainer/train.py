#!/usr/bin/env python3
"""A trainer that is not yoake's, driven by `yoake study run` through the trial protocol. Needs Python alone.

usage: train.py CONFIG.json

It really fits something: logistic regression by stochastic gradient descent that tells two rings of points apart, on
features of a chosen degree. Copy what stands under "The trial protocol" into a trainer of your own:
  - YOAKE_TRIAL_DIR is this trial's folder, YOAKE_DEVICE its device ("cpu", "cuda:0").
  - events.jsonl there takes one JSON object a line, written in one go: started, epoch, finished or failed.
  - YOAKE_RESUME=1 asks to go on from the last checkpoint; SIGTERM asks to write one and end.
"""
import json
import math
import os
import random
import signal
import sys
import time

# ---- The trial protocol

FOLDER = os.environ.get("YOAKE_TRIAL_DIR", ".")
CHECKPOINT = os.path.join(FOLDER, "checkpoint.json")
stop_asked = False


def say(**event):
    with open(os.path.join(FOLDER, "events.jsonl"), "a", encoding="utf-8") as events:
        events.write(json.dumps(event) + "\n")


def ask_to_stop(unused_signal, unused_frame):
    global stop_asked
    stop_asked = True


def save(state):
    with open(CHECKPOINT + ".new", "w", encoding="utf-8") as file:
        json.dump(state, file)
    os.replace(CHECKPOINT + ".new", CHECKPOINT)


def resumed():
    if os.environ.get("YOAKE_RESUME") != "1" or not os.path.exists(CHECKPOINT):
        return None
    with open(CHECKPOINT, encoding="utf-8") as file:
        return json.load(file)


# ---- What is trained

def rings(count, seed, noise):
    """Points of an inner (0) and an outer ring (1): [(x, y, label)]."""
    stream = random.Random(seed)
    points = []
    for i in range(count):
        angle, label = stream.uniform(0, 2 * math.pi), i % 2
        radius = (0.5 + 0.5 * label) + stream.gauss(0, noise)
        points.append((radius * math.cos(angle), radius * math.sin(angle), label))
    return points


def features(x, y, degree):
    return [x ** i * y ** j for i in range(degree + 1) for j in range(degree + 1 - i)]


def predict(weights, inputs):
    score = sum(w * f for w, f in zip(weights, inputs))
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, score))))


def train_epoch(weights, data, config, stream):
    rate, decay = config["optimizer"]["lr"], config["optimizer"]["weight_decay"]
    loss = 0.0
    stream.shuffle(data)
    for inputs, label in data:
        p = predict(weights, inputs)
        loss -= math.log(max(1e-12, p if label else 1 - p))
        for k, f in enumerate(inputs):
            weights[k] -= rate * ((p - label) * f + decay * weights[k])
    return loss / len(data)


def accuracy(weights, data):
    return sum((predict(weights, inputs) > 0.5) == bool(label) for inputs, label in data) / len(data)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)
    signal.signal(signal.SIGTERM, ask_to_stop)
    degree, noise = config["model"]["degree"], config["data"]["noise"]
    train = [(features(x, y, degree), c) for x, y, c in rings(200, 1, noise)]
    val = [(features(x, y, degree), c) for x, y, c in rings(400, 2, noise)]
    state = resumed() or {"epoch": 0, "weights": [0.0] * len(train[0][0])}
    weights = state["weights"]

    say(event="started", trainer="rings 1.0", device=os.environ.get("YOAKE_DEVICE", "cpu"), epochs=config["epochs"])
    begin = time.monotonic()
    score = accuracy(weights, val)
    for epoch in range(state["epoch"] + 1, config["epochs"] + 1):
        if stop_asked:
            say(event="failed", reason="interrupted", message="asked to stop")
            return 1
        loss = train_epoch(weights, train, config, random.Random(f"{config['seed']} {epoch}"))
        if not math.isfinite(loss):
            say(event="failed", reason="diverged", message=f"the loss is {loss} in epoch {epoch}")
            return 1
        score = accuracy(weights, val)
        save({"epoch": epoch, "weights": weights})
        say(event="epoch", epoch=epoch, metrics={"accuracy": score, "loss": loss},
            seconds=time.monotonic() - begin)
    say(event="finished", metrics={"accuracy": score})
    return 0


sys.exit(main())
