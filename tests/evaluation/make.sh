#!/bin/bash
# Makes the documents to choose thresholds on and the documents to measure with, chooses, and measures: make.sh PROGRAM DATA OUT
set -euo pipefail
cd "$(dirname "$0")/../.."
program=$1 data=$2 out=$3
tools=$(dirname "$out")/corpus-venv
[ -x "$tools/bin/python" ] || python3 -m venv "$tools"
"$tools/bin/pip" install --quiet --require-virtualenv -r tests/corpus/requirements.txt
for part in tuning frozen; do
  [ -f "$out/$part/.made" ] || { "$tools/bin/python" tests/evaluation/generate.py "$program" "$data" "$out/$part" --part "$part" && touch "$out/$part/.made"; }
done
"$program" calibrate "$out/tuning" --received 2026-11-21 --output "$out/calibration.json"
"$program" evaluate "$out/frozen" --received 2026-11-21 --curve "$out/risk-coverage.svg"
