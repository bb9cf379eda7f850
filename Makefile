# Every target installs what it needs, once, into ./.venv, ./tests/node_modules and (as root, only what is
# missing) the system's packages.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

CARGO_TARGET_DIR ?= $(CURDIR)/target
export CARGO_TARGET_DIR
PYTHON := .venv/bin/python

.PHONY: help build demo test unit e2e lint rig clients bench deid-report sbom fuzz fuzz-smoke docs clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

build: ## the two binaries, optimised: chaperon and chaperon-verify
	cargo build --release --locked

demo: ## a guided tour on this machine
	cargo run --release --locked --bin chaperon -- demo

test: ## all that CI runs: lints, unit tests, fuzz smoke, the whole house with real clients
	tests/all.sh

unit: ## the tests of the crates, on SQLite and PostgreSQL
	tests/all.sh unit

e2e: ## the whole house only: the real binary, real clients, a real model
	tests/all.sh e2e

lint: ## formatting, clippy with warnings as errors, the rules no lint knows
	tests/all.sh lint

rig: ## install the counterparts that the tests need (clients, model, database)
	tests/rig.sh

clients: rig build ## every client through the house; writes docs/reference/clients.md
	$(PYTHON) -m pytest tests/test_clients.py -q -p no:cacheprovider --write-clients

bench: rig ## direct, floor proxy and Chaperon side by side; prints a table
	$(PYTHON) bench/run.py $(BENCH)

deid-report: build ## what detection finds: make deid-report DIR=/labelled/text; without DIR in text that is generated
ifndef DIR
	mkdir -p $(CARGO_TARGET_DIR)/deid
	cargo run --release --locked --manifest-path training/Cargo.toml -- generate --templates training/templates_dev \
	  --split dev --docs $(or $(DOCS),2000) --seed 7 > $(CARGO_TARGET_DIR)/deid/generated.jsonl
endif
	python3 bench/deid_report.py $(or $(DIR),$(CARGO_TARGET_DIR)/deid) --chaperon $(CARGO_TARGET_DIR)/release/chaperon \
	  $(REPORT)

sbom: ## what each binary holds, as CycloneDX, under target/sbom
	command -v cargo-cyclonedx > /dev/null || cargo install --locked cargo-cyclonedx
	packaging/sbom.sh

fuzz: ## fuzz one parser with coverage: make fuzz TARGET=sse SECONDS=60
	command -v cargo-fuzz > /dev/null || cargo install --locked cargo-fuzz
	cargo fuzz run --fuzz-dir fuzz --sanitizer none --features libfuzzer $(or $(TARGET),sse) -- \
	  -max_total_time=$(or $(SECONDS),60)

fuzz-smoke: ## the fuzz targets over a seeded generator, a few seconds each, any compiler
	tests/all.sh fuzz

docs: ## the crates' documentation, under target/doc
	cargo doc --workspace --no-deps --locked

clean: ## remove what was built and installed here
	rm -rf .venv .venv-clients tests/node_modules bench/target fuzz/target
	cargo clean
