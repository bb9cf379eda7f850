#!/usr/bin/env bash
# Writes what each binary holds, as CycloneDX 1.5 in JSON: target/sbom/chaperon.cdx.json and chaperon-verify.cdx.json.
# Crates that only build it are left out. SOURCE_DATE_EPOCH, where it is set, is the time that the lists state.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${CARGO_TARGET_DIR:-$PWD/target}/sbom
mkdir -p "$out"
# the tool leaves a list beside each member of the workspace
clean() { rm -f crates/*/*.cdx.json; }
trap clean EXIT
cargo cyclonedx --manifest-path crates/chaperon/Cargo.toml --format json --spec-version 1.5 --no-build-deps --quiet
for list in crates/chaperon/chaperon.cdx.json crates/verify/chaperon-verify.cdx.json; do
  # our own crates are named by where they were built: the place is left out
  sed "s|file://$PWD/|file:///|g" "$list" > "$out/$(basename "$list")"
done
ls "$out"/*.cdx.json
