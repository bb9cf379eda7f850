#!/usr/bin/env bash
# with-postgres.sh COMMAND…: runs it with CHAPERON_TEST_POSTGRES naming an empty PostgreSQL on loopback, made
# for this run and removed after it. Runs the command without the variable where no PostgreSQL is installed
# (the tests that need it are then skipped), but never in CI.
set -euo pipefail

if [[ -n ${CHAPERON_TEST_POSTGRES:-} ]]; then exec "$@"; fi

bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1 || true)
[[ -z $bin ]] && bin=$(dirname "$(command -v initdb || echo /none/initdb)")
if [[ ! -x $bin/initdb ]]; then
  echo "with-postgres: no PostgreSQL is installed" >&2
  [[ -n ${CI:-} ]] && exit 1
  exec "$@"
fi

home=$(mktemp -d)
chmod 755 "$home"
as=()
if ((EUID == 0)); then
  # PostgreSQL refuses to run as root
  user=$(id -un postgres 2> /dev/null || echo nobody)
  chown "$user" "$home"
  as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
fi
stop() {
  (cd / && "${as[@]}" "$bin/pg_ctl" -D "$home/data" -m immediate stop > /dev/null 2>&1) || true
  rm -rf "$home"
}
trap stop EXIT

cd_run() { (cd / && "${as[@]}" "$@"); }
printf 'chaperon' > "$home/password"
[[ ${#as[@]} -gt 0 ]] && chown "$user" "$home/password"
cd_run "$bin/initdb" -D "$home/data" -U chaperon -A scram-sha-256 --pwfile="$home/password" \
  -E UTF8 --locale=C --no-sync > "$home/initdb.log"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cd_run "$bin/pg_ctl" -D "$home/data" -w -t 60 -l "$home/data/server.log" start \
  -o "-c listen_addresses=127.0.0.1 -p $port -c unix_socket_directories='' -c fsync=off -c max_connections=200" \
  > /dev/null
export CHAPERON_TEST_POSTGRES="postgres://chaperon:chaperon@127.0.0.1:$port/postgres"
"$@"
