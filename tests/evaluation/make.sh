#!/bin/bash
# Makes the documents to choose thresholds on and the documents to measure with, chooses, and measures: make.sh PROGRAM DATA OUT
# With FROZEN=only it measures with the thresholds that the program was built with, and chooses nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=$1 data=$2 out=$3
# The dense form has 182 combs, the real one 60 boxes. Thresholds need more documents than a measurement does.
declare -A forms=([tuning-maaling]=500 [tuning-privatboende]=140 [frozen-maaling]=100 [frozen-privatboende]=70)
tools=$(dirname "$out")/corpus-venv
[ -x "$tools/bin/python" ] || python3 -m venv "$tools"
"$tools/bin/pip" install --quiet --require-virtualenv -r tests/corpus/requirements.txt
made() { # PART FORM
  local folder=$out/$1-$2
  [ -f "$folder/.made" ] || { "$tools/bin/python" tests/evaluation/generate.py "$program" "$data" "$folder" --part "$1" --form "$2" --forms "${forms[$1-$2]}" && touch "$folder/.made"; }
}
# One reader reads by one folder of forms: both definitions lie in one.
mkdir -p "$out/forms"
cp forms/*.xml tests/evaluation/forms/*.xml "$out/forms/"
reading=(--received 2026-11-21)
if [ "${FROZEN:-}" != only ]; then
  made tuning maaling & made tuning privatboende & wait
  "$program" --forms "$out/forms" calibrate "$out/tuning-maaling" "$out/tuning-privatboende" "${reading[@]}" --output "$out/calibration.json"
fi
made frozen maaling & made frozen privatboende & wait
"$program" --forms "$out/forms" evaluate "$out/frozen-maaling" "$out/frozen-privatboende" "${reading[@]}" --curve "$out/risk-coverage.svg"
