#!/usr/bin/env bash
# Ends what cluster-up.sh started, by its pid files: the nodes one after the other as an operator would, then the database. The data stays; --purge removes it.
# --now cuts the hand-over of targets short.
set -euo pipefail

# shellcheck source=scripts/cluster-common.sh
source "$(dirname "$0")/cluster-common.sh"

patience_seconds=150

main() {
  local now="" purge="" argument
  for argument in "$@"; do
    case $argument in
      --now) now=1 ;;
      --purge) purge=1 ;;
      *) fail "there is no $argument; --now and --purge are known" ;;
    esac
  done
  [[ -d $data ]] || { echo "nothing runs from $data"; return; }

  local file
  for file in "$data"/node-*.pid; do
    [[ -f $file ]] && end_node "$file" "$now"
  done
  end_postgres
  if [[ -n $purge ]]; then
    rm -rf "$data"
  fi
}

end_node() {
  local file=$1 now=$2 pid tenth
  if pid=$(pid_of "$file" ScrapeCluster.Node); then
    kill "$pid"
    for ((tenth = 0; tenth < patience_seconds * 10; tenth++)); do
      kill -0 "$pid" 2> /dev/null || break
      sleep 0.1

      # A second signal cuts the hand-over short.
      if [[ -n $now && $tenth == 2 ]]; then
        kill "$pid" 2> /dev/null || true
      fi
    done
    if kill -0 "$pid" 2> /dev/null; then
      echo "$(basename "$file" .pid) did not end within $patience_seconds s and is killed"
      kill -9 "$pid"
    else
      echo "$(basename "$file" .pid) ended"
    fi
  fi
  rm -f "$file"
}

end_postgres() {
  local programs
  [[ -f $postgres/data/postmaster.pid ]] || return 0
  programs=$(postgres_programs) || return 0
  as_server "$programs/pg_ctl" -D "$postgres/data" -m fast -w stop > /dev/null
  echo "PostgreSQL ended"
}

main "$@"
