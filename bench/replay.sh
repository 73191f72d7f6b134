#!/usr/bin/env bash
# One log, read by a start of stock Prometheus and by a start of ScrapeCluster in turn, each from a copy of its own; prints a Markdown table for docs/benchmarks.md.
#
#   bench/replay.sh [SERIES] [SAMPLES_OF_EACH] [RUNS]      1,000,000 x 50, three times
#
# Time is what each says of its own replay. CPU and memory are those of the process when it is ready, its start included. Needs: dotnet, curl, awk, prometheus (or $PROMETHEUS).
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
series=${1:-1000000} samples=${2:-50} runs=${3:-3}
node=$root/src/ScrapeCluster.Node/bin/Release/net10.0/ScrapeCluster.Node.dll
work=$(mktemp -d)
pid=

cleanup() {
  [[ -z $pid ]] || kill -9 "$pid" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 10000))
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

run() { # WHO: one row
  local port who=$1 copy=$work/copy log=$work/log
  rm -rf "$copy" && cp -r "$work/data" "$copy"
  cat "$copy"/wal/0* >/dev/null
  port=$(free_port)
  case $who in
    prometheus)
      "${PROMETHEUS:-prometheus}" --config.file="$work/config.yml" --storage.tsdb.path="$copy" --web.listen-address="127.0.0.1:$port" >"$log" 2>&1 & ;;
    scrapecluster)
      dotnet "$node" --config.file="$work/config.yml" --storage.path="$copy" --web.listen-address="127.0.0.1:$port" >"$log" 2>&1 & ;;
  esac
  pid=$!
  until curl -sf -o /dev/null "http://127.0.0.1:$port/-/ready"; do
    kill -0 "$pid" 2>/dev/null || { cat "$log" >&2; exit 1; }
    sleep 0.1
  done
  case $who in
    prometheus) seconds=$(sed -nE 's/.*msg="WAL replay completed".* total_replay_duration=([0-9.]+)(ms|s|m[0-9.]+s).*/\1\2/p' "$log") ;;
    scrapecluster) seconds=$(sed -nE 's/.*msg="Log .* replayed: .* in ([0-9.]+) s.*/\1s/p' "$log") ;;
  esac
  printf '| %s | %s | %s | %s MB | %s MB |\n' "$who" "$seconds" \
    "$(sed 's/.*) //' "/proc/$pid/stat" | awk -v hz="$(getconf CLK_TCK)" '{printf "%.1f s", ($12 + $13) / hz}')" \
    "$(awk '$1 == "VmRSS:" {print int($2 / 1024)}' "/proc/$pid/status")" "$(awk '$1 == "VmHWM:" {print int($2 / 1024)}' "/proc/$pid/status")"
  kill -9 "$pid" && wait "$pid" 2>/dev/null || true
  pid=
}

dotnet build "$root/bench/ScrapeCluster.Benchmarks" -c Release --nologo -v q -clp:NoSummary >&2
dotnet build "$root/src/ScrapeCluster.Node" -c Release --nologo -v q -clp:NoSummary >&2
echo 'scrape_configs: []' >"$work/config.yml"
mkdir "$work/data"
dotnet "$root/bench/ScrapeCluster.Benchmarks/bin/Release/net10.0/ScrapeCluster.Benchmarks.dll" write-log "$work/data" "$series" "$samples"
echo "$series series, $samples samples each, $(du -sm "$work/data" | cut -f1) MB"
echo
echo "| | replay | CPU until ready | resident memory | peak |"
echo "|---|---|---|---|---|"
for ((i = 0; i < runs; i++)); do
  run prometheus
  run scrapecluster
done
