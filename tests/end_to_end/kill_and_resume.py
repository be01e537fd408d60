#!/usr/bin/env python3
"""Kills the driver of a real study with SIGKILL at random moments, resumes it each time, and counts what was lost.

usage: kill_and_resume.py YOAKE STUDY.json OUT [--kills 5] [--seed 1] [--longest 20] [--after-a-trial]

With --after-a-trial the random wait begins when one more trial has finished, so that every kill has something to
lose.

A finished trial (COMPLETE, PRUNED or FAIL) must stand unchanged after every kill; at the end every trial number
stands once and as many have finished as the study asks for. Prints one line a kill and a verdict; exit code 1
when a trial was lost, changed or doubled.
"""
import argparse
import json
import random
import signal
import subprocess
import sys
import time

FINISHED = {"COMPLETE", "PRUNED", "FAIL"}


def trials(yoake, out):
    run = subprocess.run([yoake, "study", "trials", out, "--format", "json"], capture_output=True, text=True)
    return json.loads(run.stdout) if run.returncode == 0 and run.stdout.strip() else []


def finished(rows):
    return {row["number"]: (row["state"], row["params"], row["values"], row["variant"]) for row in rows
            if row["state"] in FINISHED}


def wait_for_a_trial(args, driver, known):
    while driver.poll() is None and len(finished(trials(args.yoake, args.out))) <= known:
        time.sleep(0.5)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("yoake")
    parser.add_argument("study")
    parser.add_argument("out")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=20, help="seconds before a kill, at most")
    parser.add_argument("--after-a-trial", action="store_true", help="wait from the end of one more trial on")
    args = parser.parse_args()
    moments = random.Random(args.seed)
    command = [args.yoake, "study", "run", args.study, "--out", args.out]
    lost, kept = 0, {}
    for kill in range(args.kills + 1):
        driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        command = [args.yoake, "study", "resume", args.out]
        wait = moments.uniform(0.2, args.longest)
        if args.after_a_trial and kill < args.kills:
            wait_for_a_trial(args, driver, len(kept))
        ended = "end"
        try:
            driver.wait(timeout=None if kill == args.kills else wait)
            if kill < args.kills:
                sys.exit(f"the driver ended by itself (exit code {driver.returncode}) before kill {kill + 1}; "
                         "take a longer study or a smaller --longest")
        except subprocess.TimeoutExpired:
            driver.send_signal(signal.SIGKILL)
            driver.wait()
            ended = f"kill {kill + 1} after {wait:.1f} s"
        now = finished(trials(args.yoake, args.out))
        lost += sum(1 for number, trial in kept.items() if now.get(number) != trial)
        kept = now
        print(f"{ended}: {len(kept)} trials finished, {lost} lost or changed", flush=True)
    rows = trials(args.yoake, args.out)
    doubled = len(rows) - len({row["number"] for row in rows})
    same = len(rows) - len({json.dumps([row["params"], row["variant"]], sort_keys=True) for row in rows})
    unfinished = sum(row["state"] not in FINISHED for row in rows)
    print(f"trials {len(rows)}, lost {lost}, number twice {doubled}, configuration twice {same}, unfinished {unfinished}, "
          f"driver's exit code {driver.returncode}")
    sys.exit(1 if lost or doubled or same or unfinished or driver.returncode or not rows else 0)


if __name__ == "__main__":
    main()
