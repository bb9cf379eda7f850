#!/usr/bin/env bash
# Runs the stages named (all without a name) and closes with one line: N passed, N failed[, N skipped].
# A stage that fails does not keep the next from running; the exit code is 1 if any did.
#   lint   formatting, clippy; each check counts as one
#   unit   the crates' tests, on SQLite and PostgreSQL
#   fuzz   the fuzz targets over a seeded generator
#   e2e    the whole house: the release binary, real clients, a real model
set -uo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TERM_COLOR=never NEXTEST_COLOR=never
logs=$CARGO_TARGET_DIR/test-logs
mkdir -p "$logs"
rm -f "$logs"/*.log
failed=0

# check NAME COMMAND…: runs it, keeps what it prints, remembers a failure
check() {
  local name=$1 start=$SECONDS; shift
  echo "== $name"
  if "$@" 2>&1 | tee "$logs/$name.log"; then
    echo "exit 0" >> "$logs/$name.log"
  else
    echo "exit 1" >> "$logs/$name.log"
    failed=1
  fi
  echo "== $name took $((SECONDS - start)) s"
}

lint() {
  check lint-format cargo fmt --all --check
  check lint-clippy cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
  check lint-format-training cargo fmt --manifest-path training/Cargo.toml --check
  check lint-training cargo clippy --manifest-path training/Cargo.toml --all-targets --locked --quiet -- -D warnings
  if command -v cargo-deny > /dev/null; then check lint-deny cargo deny check bans licenses sources; fi
}

unit() {
  if command -v cargo-nextest > /dev/null; then
    check unit tests/with-postgres.sh cargo nextest run --workspace --locked --no-fail-fast --status-level fail
    check unit-doc cargo test --workspace --locked --doc --quiet
  else
    check unit tests/with-postgres.sh cargo test --workspace --locked --no-fail-fast --quiet
  fi
}

fuzz() {
  # in the target directory of the release build: what comes from outside is compiled once for both
  check fuzz cargo test --manifest-path fuzz/Cargo.toml --release --locked --quiet
}

training() {
  check training cargo test --manifest-path training/Cargo.toml --release --locked --quiet
}

e2e() {
  check rig tests/rig.sh
  check build cargo build --release --locked --bins
  check e2e tests/with-postgres.sh .venv/bin/python -m pytest tests -q -p no:cacheprovider
}

if (($# == 0)); then set -- lint unit fuzz training e2e; fi
for stage in "$@"; do "$stage"; done
python3 tests/tally.py "$logs"
exit $failed
