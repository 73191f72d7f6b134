#!/usr/bin/env bash
# Starts a cluster on this machine: cluster-up.sh [N] [flags of the node ...], 3 nodes unless said. What runs already is left as it is, so it can be run again,
# also to add nodes. Data, logs and pid files are in ./cluster-data (SCRAPECLUSTER_CLUSTER_DATA).
#   node I: page and API on 127.0.0.1:910I, peers on 127.0.0.1:920I; other first ports by SCRAPECLUSTER_HTTP_PORT (9101) and SCRAPECLUSTER_PEER_PORT (9201)
# A PostgreSQL of its own is started on port 9200 (SCRAPECLUSTER_POSTGRES_PORT), unless SCRAPECLUSTER_DATABASE names one.
# SCRAPECLUSTER_PROGRAM names a folder with the published node to run instead of building it.
# Without --config.file the nodes scrape each other. scripts/cluster-down.sh ends all of it.
set -euo pipefail

# shellcheck source=scripts/cluster-common.sh
source "$(dirname "$0")/cluster-common.sh"

patience_seconds=60

main() {
  local nodes=3
  if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    nodes=$1
    shift
  fi
  ((nodes >= 1 && nodes <= 99)) || fail "the number of nodes is from 1 to 99, not $nodes"
  mkdir -p "$data"

  publish
  make_secret
  write_config "$nodes"
  local database=${SCRAPECLUSTER_DATABASE:-}
  if [[ -z $database ]]; then
    start_postgres
    database="Host=127.0.0.1;Port=$postgres_port;Username=postgres;Database=postgres"
  fi
  local node
  for ((node = 1; node <= nodes; node++)); do
    start_node "$node" "$database" "$@"
  done
  for ((node = 1; node <= nodes; node++)); do
    await_node "$node"
  done
  echo "leader, members and who scrapes what: curl -s http://127.0.0.1:$first_http_port/api/cluster/v1/status"
  echo "end all of it:                        scripts/cluster-down.sh"
}

# Never under running nodes: they read their program's files while they run.
publish() {
  local file
  [[ -z ${SCRAPECLUSTER_PROGRAM:-} ]] || return 0
  for file in "$data"/node-*.pid; do
    if pid_of "$file" ScrapeCluster.Node > /dev/null; then
      return 0
    fi
  done
  echo "building"
  dotnet publish "$root/src/ScrapeCluster.Node" -c Release -o "$data/program" --nologo -v q -clp:NoSummary
}

make_secret() {
  if [[ ! -s $data/secret ]]; then
    (umask 077 && head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$data/secret")
  fi
}

write_config() {
  local node targets=""
  for ((node = 1; node <= $1; node++)); do
    targets+="${targets:+, }'127.0.0.1:$((first_http_port + node - 1))'"
  done
  cat > "$data/prometheus.yml" << YAML
# Written by scripts/cluster-up.sh: the nodes scrape each other.
global:
  scrape_interval: 5s
  scrape_timeout: 5s
scrape_configs:
- job_name: scrapecluster
  static_configs:
  - targets: [$targets]
YAML
}

start_postgres() {
  local programs
  programs=$(postgres_programs) || fail "PostgreSQL is not installed: install it (Debian: apt-get install postgresql), or name one by SCRAPECLUSTER_DATABASE"
  if [[ ! -f $postgres/data/PG_VERSION ]]; then
    mkdir -p "$postgres"
    [[ $(id -u) != 0 ]] || chown postgres "$postgres"
    as_server test -x "$postgres" || fail "user postgres may not enter $postgres: set SCRAPECLUSTER_CLUSTER_DATA to a folder that it may"
    as_server "$programs/initdb" -D "$postgres/data" -U postgres -A trust > /dev/null
  fi
  if as_server "$programs/pg_ctl" -D "$postgres/data" status > /dev/null; then
    return
  fi
  as_server "$programs/pg_ctl" -D "$postgres/data" -l "$postgres/log" -w -t "$patience_seconds" \
    -o "-p $postgres_port -k $postgres -c listen_addresses=127.0.0.1 -c max_connections=400" start > /dev/null 2>&1 < /dev/null \
    || fail "PostgreSQL does not start on port $postgres_port: see $postgres/log, or set SCRAPECLUSTER_POSTGRES_PORT"
  echo "PostgreSQL on 127.0.0.1:$postgres_port"
}

start_node() {
  local node=$1 database=$2
  shift 2
  local pid_file=$data/node-$node.pid config=("--config.file=$data/prometheus.yml")
  if pid_of "$pid_file" ScrapeCluster.Node > /dev/null; then
    return
  fi
  if [[ " $*" == *" --config.file"* ]]; then
    config=()
  fi

  # The database by the environment: a password on a command line can be read by every user of the machine.
  SCRAPECLUSTER_CLUSTER_DATABASE=$database setsid nohup "${SCRAPECLUSTER_PROGRAM:-$data/program}/ScrapeCluster.Node" \
    --cluster.node-name="node-$node" --cluster.secret-file="$data/secret" --cluster.listen-address="127.0.0.1:$((first_peer_port + node - 1))" \
    --web.listen-address="127.0.0.1:$((first_http_port + node - 1))" --storage.path="$data/node-$node" "${config[@]}" "$@" \
    >> "$data/node-$node.log" 2>&1 < /dev/null &
  echo $! > "$pid_file"
}

await_node() {
  local node=$1 url second
  url=http://127.0.0.1:$((first_http_port + node - 1))
  for ((second = 0; second < patience_seconds; second++)); do
    if curl -sf -o /dev/null "$url/-/ready"; then
      echo "node-$node  $url"
      return
    fi
    pid_of "$data/node-$node.pid" ScrapeCluster.Node > /dev/null || fail "node-$node ended: see $data/node-$node.log"
    sleep 1
  done
  fail "node-$node is not ready after $patience_seconds s: see $data/node-$node.log"
}

main "$@"
