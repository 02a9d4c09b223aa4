# To be sourced in the repository's root: the Python packages that samples are made with, in a virtual environment under target/, which git ignores.
environment=target/corpus-venv
if ! cmp -s tests/corpus/requirements.txt "$environment/requirements.txt"; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet --disable-pip-version-check -r tests/corpus/requirements.txt
  cp tests/corpus/requirements.txt "$environment/requirements.txt"
fi
export PYTHONDONTWRITEBYTECODE=1
