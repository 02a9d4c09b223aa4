# Two commands: `make run` and `make test`. Each installs what it needs on a Debian 12 that has git, make and Rust.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

CARGO ?= cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)
RELEASE := $(TARGET)/release/postsluse

BUILD_PACKAGES := build-essential pkg-config clang libclang-dev libtesseract-dev libleptonica-dev ca-certificates
RUN_PACKAGES := tesseract-ocr-nor tesseract-ocr-eng fonts-liberation2 tzdata
TEST_PACKAGES := postgresql python3-aiosmtpd dovecot-imapd openssl python3-dkim poppler-utils qpdf procps
BENCH_PACKAGES := tesseract-ocr poppler-utils libtiff-tools python3
CORPUS_PACKAGES := python3-venv poppler-utils fonts-dejavu-core fonts-liberation2

# Installs the packages of $(1) that are missing, and asks the package list only then.
define install
missing=$$(dpkg-query -W -f '$${db:Status-Abbrev} $${Package}\n' $(1) 2>/dev/null | awk '$$1=="ii"{print $$2}' | sort > /tmp/.have.$$$$; printf '%s\n' $(1) | sort | comm -23 - /tmp/.have.$$$$; rm -f /tmp/.have.$$$$)
if [ -n "$$missing" ]; then
  echo "installing: "$$missing
  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo
  export DEBIAN_FRONTEND=noninteractive
  $$sudo apt-get update -qq
  $$sudo apt-get install -y -qq --no-install-recommends $$missing > /dev/null
fi
endef

TRAINING := $(TARGET)/training-tools

.PHONY: help run test bench drill corpus vedtak-corpus build train training-tools evaluation fmt clean-local

help:
	@echo "make run          build, start a local instance, drop the samples, show what becomes of them (ONCE=1: stop when done)"
	@echo "make test         everything that is checked: format, lints, docs, all tests"
	@echo "make bench        pages a minute, mails a second, memory, and other programs on the same"
	@echo "make drill        the long drills: kill -9 at random moments over 50 documents"
	@echo "make corpus       make the samples in tests/corpus anew"
	@echo "make vedtak-corpus  make decisions by the grammar of tests/vedtak/generated, to measure with"
	@echo "make train        train the character networks anew: DATA=folder with handwriting and fonts"
	@echo "make evaluation   make filled-in forms from handwriting kept aside, and measure reading on them: DATA=folder"
	@echo "make clean-local  remove the local instance of make run"

build:
	@$(call install,$(BUILD_PACKAGES) $(RUN_PACKAGES))
	$(CARGO) build --release --locked

run: build
	@exec tests/run-local.sh $(RELEASE) $(if $(ONCE),once,)

test:
	@$(call install,$(BUILD_PACKAGES) $(RUN_PACKAGES) $(TEST_PACKAGES))
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --quiet
	if $(CARGO) nextest --version >/dev/null 2>&1; then $(CARGO) nextest run --locked --no-fail-fast; else $(CARGO) test --locked --no-fail-fast --lib --bins --tests; fi
	$(CARGO) test --locked --doc --quiet

bench: build
	@$(call install,$(BENCH_PACKAGES))
	@# A locked reader is refused threads: so that the stages are timed as it works, the bench has none either.
	RTEN_NUM_THREADS=1 $(CARGO) bench --locked --bench pages -- $(abspath $(RELEASE))
	$(CARGO) bench --locked --bench mails -- $(abspath $(RELEASE))

drill:
	@$(call install,$(BUILD_PACKAGES) $(RUN_PACKAGES) $(TEST_PACKAGES))
	POSTSLUSE_DRILL=full $(CARGO) test --locked --test it drill -- --nocapture --test-threads 1

corpus: build
	@$(call install,$(CORPUS_PACKAGES))
	tests/corpus/make.sh $(abspath $(RELEASE))

# Letters, minutes, notices and mails in target/vedtak-corpus; tests/vedtak/README.md says how to count.
vedtak-corpus:
	@$(call install,$(CORPUS_PACKAGES))
	tests/vedtak/generated/make.sh $(TARGET)/vedtak-corpus

# DATA holds the handwriting and the fonts that training/README.md describes.
train: training-tools
	@[ -n "$(DATA)" ] || { echo "name the folder with the handwriting: make train DATA=folder" >&2; exit 2; }
	for look in first second; do \
		run=$(TARGET)/training/$$look && \
		$(TRAINING)/bin/python training/train.py "$(DATA)" $$run $$look && \
		$(TRAINING)/bin/python training/temperature.py "$(DATA)" $$run && \
		$(TRAINING)/bin/python training/export.py $$run models "characters 5" || exit; \
	done
	$(TRAINING)/bin/python training/figures.py "$(DATA)" models

training-tools:
	@$(call install,python3-venv)
	[ -x $(TRAINING)/bin/python ] || python3 -m venv $(TRAINING)
	$(TRAINING)/bin/pip install --quiet --require-virtualenv -r training/requirements.txt

# Documents to choose thresholds on and to measure with, and both done.
evaluation: build
	@[ -n "$(DATA)" ] || { echo "name the folder with the handwriting: make evaluation DATA=folder" >&2; exit 2; }
	@$(call install,$(CORPUS_PACKAGES))
	tests/evaluation/make.sh $(abspath $(RELEASE)) "$(DATA)" $(TARGET)/evaluation

fmt:
	$(CARGO) fmt

clean-local:
	rm -rf local
