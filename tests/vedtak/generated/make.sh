#!/usr/bin/env bash
# Makes the generated decisions: tests/vedtak/generated/make.sh OUT
# The texts and mails among them lie in texts/ too, for checks without Python; what the generator would change there is made anew.
set -euo pipefail
out=$(realpath -m "$1")
cd "$(dirname "$0")/../../.."
. tests/corpus/environment.sh
"$environment/bin/python" tests/vedtak/generated/generate.py "$out"
"$environment/bin/python" tests/vedtak/generated/generate.py tests/vedtak/generated/texts --only text 2> /dev/null
