# Starts the servers that some tests want: Redis and PostgreSQL on loopback, on free ports, with nothing kept.
#
#   . .ci/services.sh start     sets REDIS_URL and DATABASE_URL
#   . .ci/services.sh stop
#
# Needs the Debian packages redis-server and postgresql, or the same programs from elsewhere in PATH.

services_dir=${SERVICES_DIR:-target/services}

services_free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# PostgreSQL refuses to run as root.
services_as_owner() {
  if [ "$(id -u)" = 0 ]; then su postgres -s /bin/sh -c "$1"; else sh -c "$1"; fi
}

services_start() {
  mkdir -p "$services_dir"
  services_dir=$(cd "$services_dir" && pwd)
  local redis_port postgres_port postgres_bin data socket
  redis_port=$(services_free_port)
  redis-server --bind 127.0.0.1 --port "$redis_port" --save '' --appendonly no --daemonize yes \
    --pidfile "$services_dir/redis.pid" --dir "$services_dir" --logfile "$services_dir/redis.log" >/dev/null
  export REDIS_URL="redis://127.0.0.1:$redis_port"

  postgres_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
  [ -n "$postgres_bin" ] || postgres_bin=$(dirname "$(command -v initdb)")
  postgres_port=$(services_free_port)
  # Not below the checkout, which another user may not be allowed to enter.
  data=$(mktemp -d "${TMPDIR:-/tmp}/services-postgres.XXXXXX")
  socket=$data
  [ "$(id -u)" != 0 ] || chown postgres "$data"
  echo "$data" >"$services_dir/postgres.dir"
  services_as_owner "$postgres_bin/initdb -D $data/db -A trust -U test -E UTF8 --no-sync >/dev/null"
  services_as_owner "$postgres_bin/pg_ctl -D $data/db -w -l $data/log \
    -o '-h 127.0.0.1 -p $postgres_port -k $socket -c fsync=off -c max_connections=200' start >/dev/null"
  export DATABASE_URL="postgres://test@127.0.0.1:$postgres_port/postgres"

  local tries=0
  until redis-cli -p "$redis_port" ping >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "redis-server does not answer" >&2; return 1; }
    sleep 0.1
  done
}

services_stop() {
  [ ! -f "$services_dir/redis.pid" ] || kill "$(cat "$services_dir/redis.pid")" 2>/dev/null || true
  if [ -f "$services_dir/postgres.dir" ]; then
    local data
    data=$(cat "$services_dir/postgres.dir")
    services_as_owner "$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)/pg_ctl -D $data/db -m immediate stop >/dev/null" || true
    rm -rf "$data" "$services_dir/postgres.dir"
  fi
  unset REDIS_URL DATABASE_URL
}

case ${1:-} in
  start) services_start ;;
  stop) services_stop ;;
  *) echo "usage: . .ci/services.sh start|stop" >&2 ;;
esac
