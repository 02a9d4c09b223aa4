#!/usr/bin/env bash
# Makes the samples anew: tests/corpus/make.sh PROGRAM [OUT]
# PROGRAM is the built postsluse. The Python packages go into a virtual environment under target/, which git ignores.
set -euo pipefail
program=$(realpath "$1")
out=$(realpath -m "${2:-$(dirname "$0")}")
cd "$(dirname "$0")/../.."
environment=target/corpus-venv
if ! cmp -s tests/corpus/requirements.txt "$environment/requirements.txt"; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r tests/corpus/requirements.txt
  cp tests/corpus/requirements.txt "$environment/requirements.txt"
fi
PYTHONDONTWRITEBYTECODE=1 "$environment/bin/python" tests/corpus/generate.py "$program" "$out"
