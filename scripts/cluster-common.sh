# shellcheck shell=bash
# What cluster-up.sh and cluster-down.sh share: where things are, and how processes are found again. Sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data=${SCRAPECLUSTER_CLUSTER_DATA:-$root/cluster-data}
first_http_port=${SCRAPECLUSTER_HTTP_PORT:-9101}
first_peer_port=${SCRAPECLUSTER_PEER_PORT:-9201}
postgres_port=${SCRAPECLUSTER_POSTGRES_PORT:-9200}
postgres=$data/postgres

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# The process of a pid file, if it still runs and still is that program: pids are used again.
pid_of() {
  local file=$1 program=$2 pid
  [[ -f $file ]] || return 1
  pid=$(< "$file")
  [[ $pid =~ ^[0-9]+$ ]] && ps -p "$pid" -o args= 2> /dev/null | grep -q -- "$program" && echo "$pid"
}

# The server refuses to run as root: then it runs as the user that its package brings.
as_server() {
  if [[ $(id -u) == 0 ]]; then
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

postgres_programs() {
  local folder
  if command -v pg_ctl > /dev/null && command -v initdb > /dev/null; then
    dirname "$(command -v pg_ctl)"
    return
  fi
  for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
    [[ -x $folder/initdb ]] && echo "$folder" && return
  done
  return 1
}
