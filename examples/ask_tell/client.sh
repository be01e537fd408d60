#!/bin/bash
# A shell script as the objective: ask, evaluate, tell.
# usage: client.sh STORE [TRIALS]      STORE: sqlite:///study.db or postgresql://user@host:port/db
# YOAKE names the program, else it is looked for in PATH.
set -euo pipefail
store=$1
trials=${2:-10}
yoake=${YOAKE:-yoake}

space=$(mktemp)
trap 'rm -f "$space"' EXIT
echo '{"threads": {"type": "int", "low": 1, "high": 64, "log": true}}' >"$space"

for _ in $(seq "$trials"); do
  trial=$("$yoake" ask --storage "$store" --study shell --space "$space" --direction minimize)
  number=$(sed 's/.*"number":\([0-9]*\).*/\1/' <<<"$trial")
  threads=$(sed 's/.*"threads":\([0-9]*\).*/\1/' <<<"$trial")
  # Measure something real here; this one likes 12 threads.
  seconds=$(awk -v t="$threads" 'BEGIN { print 100 / t + t / 1.44 }')
  "$yoake" tell --storage "$store" --study shell --number "$number" --value "$seconds"
done
