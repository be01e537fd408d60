#!/usr/bin/env python3
"""A trainer that trains nothing: it speaks the trial protocol and behaves as its configuration's "mode" says.

usage: fake_trainer.py CONFIG.json
       fake_trainer.py train CONFIG.json ... [--resume] [--validate-only] [--print-config]     as yoake-trainer

As yoake-trainer it knows the keys of DEFAULTS alone, and refuses others with exit code 2.

Keys of the configuration: mode, epochs, epoch_s (length of an epoch), lr (the metric's limit), noise (what the
seed adds to it), tests.
Modes: ok, crash (exit code 3 in epoch 2), crash_once (the first attempt only), kill (by SIGKILL), hang (in epoch 2,
deaf to SIGTERM), diverge, oom, data, silent (ends without a last word), garbage (broken lines between good ones),
undefined (its metric is null), notice (says that it gave up memory), child (leaves a grandchild behind), start_crash (before the first epoch).
Checkpoints after each epoch in weights/last.pt, and goes on from there when YOAKE_RESUME=1.
"""
import json
import os
import random
import signal
import subprocess
import sys
import time

DEFAULTS = {"mode": "ok", "epochs": 3, "epoch_s": 0, "lr": 0.5, "noise": 0, "optimizer": {"type": "SGD", "momentum": 0.9},
            "evaluation": {"metric": "mAP"}, "threads": 1, "seed": 0, "data": {}, "tests": {}}

trial = os.environ.get("YOAKE_TRIAL_DIR", "")
checkpoint = os.path.join(trial, "weights", "last.pt")
stop = False


def resolve(config):
    for key in config:
        if key not in DEFAULTS:
            sys.exit(refuse(f"unknown key '{key}'"))
    optimizer = {**DEFAULTS["optimizer"], **config.get("optimizer", {})}
    for key in optimizer:
        if key not in DEFAULTS["optimizer"]:
            sys.exit(refuse(f"unknown key '{key}' in optimizer"))
    return {**DEFAULTS, **config, "optimizer": optimizer}


def refuse(why):
    print(f"yoake-trainer: {why}", file=sys.stderr)
    return 2


def validate(files, print_config):
    for name in files:
        with open(name, encoding="utf-8") as file:
            config = resolve(json.load(file))
        if config["optimizer"]["momentum"] > 0.99:
            print("warning: the momentum is very high", file=sys.stderr)
        if print_config:
            print(json.dumps(config))


def say(**event):
    with open(os.path.join(trial, "events.jsonl"), "a", encoding="utf-8") as events:
        events.write(json.dumps(event) + "\n")


def garble(text):
    with open(os.path.join(trial, "events.jsonl"), "a", encoding="utf-8") as events:
        events.write(text)


def on_term(unused_signal, unused_frame):
    global stop
    stop = True


def misbehave(mode, epoch, attempt):
    if epoch != 2:
        return
    if mode == "crash" or (mode == "crash_once" and attempt == 1):
        print("the fake trainer crashes", flush=True)
        sys.exit(3)
    if mode == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if mode == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            signal.pause()
    failures = {"diverge": ("diverged", "the loss is nan"), "oom": ("out_of_memory", "tried to take 80 GB"),
                "data": ("data", "image 7 cannot be read")}
    if mode in failures:
        say(event="failed", reason=failures[mode][0], message=failures[mode][1])
        sys.exit(1)
    if mode == "silent":
        sys.exit(0)
    if mode == "garbage":
        garble("{\"event\": \"epo\nnot json at all\n[1, 2]\n\n{\"event\":\"unheard of\"}\n")
    if mode == "notice":
        say(event="notice", about="memory", message="memory: 612 of 700 MB, batch 4 instead of 8")
    if mode == "child":
        subprocess.Popen(["sleep", "1000"])


def main():
    arguments = sys.argv[1:]
    files = [word for word in arguments if not word.startswith("--") and word != "train"]
    if "--validate-only" in arguments:
        return validate(files, "--print-config" in arguments)
    with open(files[0], encoding="utf-8") as file:
        config = json.load(file)
    signal.signal(signal.SIGTERM, on_term)
    mode, epochs, limit = config.get("mode", "ok"), config.get("epochs", 3), config.get("lr", 0.5)
    limit += config.get("noise", 0) * random.Random(config.get("seed", 0)).gauss(0, 1)
    done, attempt = 0, 1
    if os.environ.get("YOAKE_RESUME") == "1" and os.path.exists(checkpoint):
        with open(checkpoint, encoding="utf-8") as file:
            done, attempt = json.load(file)
        attempt += 1
    if mode == "start_crash":
        print("no module named detector", flush=True)
        sys.exit(1)
    say(event="started", trainer="fake 1.0", device=os.environ["YOAKE_DEVICE"], epochs=epochs)
    begin = time.monotonic()
    os.makedirs(os.path.dirname(checkpoint), exist_ok=True)
    for epoch in range(done + 1, epochs + 1):
        # The epochs that are behind and the attempt this is.
        with open(checkpoint + ".new", "w", encoding="utf-8") as file:
            json.dump([epoch - 1, attempt], file)
        os.replace(checkpoint + ".new", checkpoint)
        misbehave(mode, epoch, attempt)
        if config.get("epoch_s", 0) > 0:
            time.sleep(config["epoch_s"])
        if stop:
            say(event="failed", reason="interrupted", message="asked to stop")
            sys.exit(1)
        value = None if mode == "undefined" else limit * epoch / epochs
        say(event="epoch", epoch=epoch, metrics={"mAP": value, "loss": 1 / epoch}, seconds=time.monotonic() - begin)
    detections = {}
    for test in config.get("tests", {}):
        os.makedirs(os.path.join(trial, "detections"), exist_ok=True)
        detections[test] = f"detections/{test}.json"
        with open(os.path.join(trial, detections[test]), "w", encoding="utf-8") as file:
            json.dump([{"image_id": 1, "category_id": 1, "bbox": [10, 10, 20, 20], "score": 0.9}], file)
    say(event="finished", metrics={"mAP": None if mode == "undefined" else limit, "loss": 0.1}, detections=detections)


main()
