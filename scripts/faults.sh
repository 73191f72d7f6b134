#!/usr/bin/env bash
# Breaks a cluster of five nodes on this machine in every way that docs/failure-modes.md names, and prints the table of docs/cluster-behaviour.md. Takes about
# an hour; --short, with faults of some seconds, some at once, about six minutes. Needs root (network namespaces), PostgreSQL and what else scripts/test.sh
# installs. Exits with 0 only when every promise was kept.
#   scripts/faults.sh [--short] [-method '*Leader*' ...]     further arguments go to the test program
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
program=$root/tests/ScrapeCluster.SystemTests/bin/Release/net10.0/ScrapeCluster.SystemTests
rows=$root/artifacts/faults.rows
table=$root/artifacts/faults.md

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export SCRAPECLUSTER_FAULTS=full SCRAPECLUSTER_FAULTS_TABLE=$rows

main() {
  if [ "${1:-}" = --short ]; then
    SCRAPECLUSTER_FAULTS=short
    # As in scripts/test.sh.
    export DOTNET_TieredPGO=0
    shift
  fi
  dotnet build "$root" -c Release --nologo -v q -clp:NoSummary || exit 1
  mkdir -p "$root/artifacts"
  rm -f "$rows"
  # Tests of one class run after one another, and so do these classes.
  "$program" -namespace 'ScrapeCluster.SystemTests.Cluster*' -noColor "$@"
  local status=$?
  print_table | tee "$table"
  echo "the table is in $table"
  exit "$status"
}

print_table() {
  echo
  echo "$(date -u +%Y-%m-%d), $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo), $SCRAPECLUSTER_FAULTS durations"
  echo
  echo "| scenario | missed ticks | of one target | doubled ticks | phase shift | re-owned p50 / p99 | scraped again p50 / p99 | moved / ideal | load max/avg | remark |"
  echo "|---|---|---|---|---|---|---|---|---|---|"
  cat "$rows" 2> /dev/null
}

main "$@"
