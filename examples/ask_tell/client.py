#!/usr/bin/env python3
"""Any Python program as the objective: ask, evaluate, tell.

usage: client.py STORE [TRIALS]      STORE: sqlite:///study.db or postgresql://user@host:port/db
Run it several times at once on one store if you like: no two runs get the same trial.
YOAKE names the program, else it is looked for in PATH.
"""
import json
import os
import subprocess
import sys
import tempfile

YOAKE = os.environ.get("YOAKE", "yoake")
SPACE = {"x": {"type": "float", "low": -5.0, "high": 5.0},
         "rate": {"type": "float", "low": 1e-4, "high": 1.0, "log": True},
         "kind": {"type": "categorical", "choices": ["plain", "momentum"]},
         "momentum": {"type": "float", "low": 0.0, "high": 0.99, "when": {"kind": ["momentum"]}}}


def yoake(*arguments):
    return json.loads(subprocess.run([YOAKE, *arguments], check=True, stdout=subprocess.PIPE).stdout)


def objective(params):
    """Steps of gradient descent on (x - 2)^2: how far is it after ten of them?"""
    x, speed = params["x"], 0.0
    for _ in range(10):
        speed = params.get("momentum", 0.0) * speed - params["rate"] * 2 * (x - 2)
        x += speed
    return (x - 2) ** 2


def main():
    store, trials = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20
    study = ["--storage", store, "--study", "client"]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as space:
        json.dump(SPACE, space)
        space.flush()
        for _ in range(trials):
            trial = yoake("ask", *study, "--space", space.name, "--direction", "minimize")
            number = ["--number", str(trial["number"])]
            try:
                told = yoake("tell", *study, *number, "--value", repr(objective(trial["params"])))
            except OverflowError as error:  # A trial that fails teaches the sampler too.
                told = yoake("tell", *study, *number, "--state", "fail", "--reason", str(error))
            print(trial["number"], told["values"], trial["params"], sep="\t", flush=True)


main()
