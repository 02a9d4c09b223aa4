#!/usr/bin/env bash
# Makes the samples anew: tests/corpus/make.sh PROGRAM [OUT]
# PROGRAM is the built postsluse.
set -euo pipefail
program=$(realpath "$1")
out=$(realpath -m "${2:-$(dirname "$0")}")
cd "$(dirname "$0")/../.."
. tests/corpus/environment.sh
"$environment/bin/python" tests/corpus/generate.py "$program" "$out"
