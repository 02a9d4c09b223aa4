#!/usr/bin/env bash
# The local instance of `make run`: SQLite, keys in keys/, everything else under local/ (which git ignores). Drops the samples
# into watchdir/ and shows what becomes of each. Run again: what is there is kept, and a sample that is known is answered with its record.
#   tests/run-local.sh PROGRAM [once]
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "$1")
once=${2:-}
config=local/postsluse.toml
mkdir -p local/outbox keys watchdir/skjema watchdir/vedtak

if [ ! -e "$config" ]; then
  sed -e 's|^#test_ids = false|test_ids = true|' \
      -e 's|^spool = .*|spool = "spool"|' \
      -e 's|^#forms = .*|forms = "../forms"|' \
      -e 's|^url = .*|url = "sqlite:postsluse.db"|' \
      -e 's|^credentials = true|#credentials = true|' \
      -e 's|^#folder = "/etc/postsluse/keys"|folder = "../keys"|' \
      -e 's|^path = "/srv/postsluse/|path = "../|' \
      -e 's|^#folder = "/var/lib/postsluse/outbox"|folder = "outbox"|' \
      -e '/^\[mail.smtp\]/,/^\[office\]/{/^\[office\]/!d}' \
      -e 's|^#sandbox = "required"|sandbox = "best-effort"|' \
      -e 's|^#trailer_wait_ms = .*|trailer_wait_ms = 1000|' \
      -e 's|^name = "Fornavn Etternavn"|name = "Kari Prøve"|' \
      -e '/^\[kommune.0301\]/,$d' \
      systemd/postsluse.toml > "$config"
  # Addresses of the kommuner that the samples come from: invented, and no mail leaves this machine.
  cat tests/corpus/kommuner.toml >> "$config"
fi

run() { "$program" --config "$config" "$@"; }

if [ ! -e keys/keyset.json ]; then run keys init; fi
run db migrate
# What the samples' kommuner were asked for, so that their answers can be held against something.
run anmodning import tests/corpus/anmodninger.csv

drop_samples() {
  while read -r folder sample; do
    case $folder in '' | \#*) continue ;; esac
    echo "dropping $sample into watchdir/$folder"
    # Copied under a hidden name and renamed, so that it arrives whole.
    cp "tests/corpus/$sample" "watchdir/$folder/.$sample"
    mv "watchdir/$folder/.$sample" "watchdir/$folder/$sample"
  done < tests/corpus/run-samples.txt
}

# The service prints what becomes of each document on standard output.
if [ -n "$once" ]; then
  # What is there before it starts is taken up too, and it stops when nothing is left.
  drop_samples
  run serve --until-idle &
else
  run serve &
fi
service=$!
trap 'kill -TERM $service 2>/dev/null || true' INT TERM
if [ -z "$once" ]; then drop_samples; fi

status=0
wait $service || status=$?
# A second wait after a signal: the service finishes what is in hand.
while kill -0 $service 2>/dev/null; do wait $service || status=$?; done
if [ "$status" = 0 ]; then
  echo
  run list
  echo
  echo "letters:"
  run letters list
  echo
  echo "look closer: $program --config $config show ID, settle ID, letters show ID"
fi
exit $status
