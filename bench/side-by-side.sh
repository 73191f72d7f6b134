#!/usr/bin/env bash
# Stock Prometheus, vmagent and ScrapeCluster in turn, against the same load, on this machine; prints a Markdown table for docs/benchmarks.md.
#
#   bench/side-by-side.sh                     100 targets x 1,000 series every 1 s and 1,000 x 1,000 every 10 s, 10 minutes each
#   bench/side-by-side.sh --short             20 s of warming up and 40 s of measuring (30 and 40 at an interval of 10 s)
#   bench/side-by-side.sh --loads 100x1s --scrapers "prometheus scrapecluster" --remote-write --warm 30 --measure 60 --series 1000
#   bench/side-by-side.sh --scrapers "prometheus-agent scrapecluster-agent"     both in agent mode
#   bench/side-by-side.sh --scrapers "prometheus-agent vmagent scrapecluster-agent scrapecluster-agent-v2"     those that only send, also by remote write 2.0
#   bench/side-by-side.sh --samples-per-send 10000     requests of that many samples from all that have the setting (vmagent's own are of up to 10,000)
#   bench/side-by-side.sh --no-build          take the Release builds that are there
#
# vmagent and agents store nothing for long, so they always write to the generator, which counts and drops what it gets. The others store, and with --remote-write write too.
# Warming up takes three intervals at least, so that no first scrape is measured, and measuring four.
# CPU is measured after warming up; memory is the median of resident memory over the last fifth of the run (at most 2 minutes), the peak of the whole run.
# Everything listens on 127.0.0.1 and lives in a temporary directory. Needs: dotnet, curl, awk; prometheus and vmagent (or $PROMETHEUS, $VMAGENT), else they are left out.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
loads="100x1s 1000x10s" scrapers="prometheus vmagent scrapecluster" series=1000 warm_seconds=120 measure_seconds=480 remote=no build=yes samples_per_send=
while (($#)); do
  case $1 in
    --short) warm_seconds=20 measure_seconds=40 ;;
    --remote-write) remote=yes ;;
    --no-build) build=no ;;
    --loads) loads=$2; shift ;;
    --scrapers) scrapers=$2; shift ;;
    --series) series=$2; shift ;;
    --warm) warm_seconds=$2; shift ;;
    --measure) measure_seconds=$2; shift ;;
    --samples-per-send) samples_per_send=$2; shift ;;
    *) sed -n '2,15p' "$0"; exit 2 ;;
  esac
  shift
done

ticks=$(getconf CLK_TCK)
work=$(mktemp -d)
scraper_pid= generator_pid=
generator=$root/bench/ScrapeCluster.LoadGenerator/bin/Release/net10.0/ScrapeCluster.LoadGenerator
node=$root/src/ScrapeCluster.Node/bin/Release/net10.0/ScrapeCluster.Node.dll

note() { echo "$*" >&2; }

stop() { # PID: asks, waits, then ends it
  [[ -n $1 ]] || return 0
  kill "$1" 2>/dev/null || true
  for _ in {1..300}; do kill -0 "$1" 2>/dev/null || break; sleep 0.1; done
  kill -9 "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

cleanup() {
  stop "$scraper_pid"
  stop "$generator_pid"
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

binary() { # SCRAPER: what must be there for it to run
  case $1 in
    prometheus | prometheus-agent) command -v "${PROMETHEUS:-prometheus}" ;;
    vmagent) command -v "${VMAGENT:-vmagent}" ;;
    scrapecluster | scrapecluster-v2 | scrapecluster-agent | scrapecluster-agent-v2) [[ -f $node ]] ;;
    *) return 1 ;;
  esac >/dev/null
}

version() { # SCRAPER
  local package
  case $1 in
    prometheus | prometheus-agent) "${PROMETHEUS:-prometheus}" --version 2>&1 | awk 'NR == 1 {print $3}' ;;
    scrapecluster*) dotnet "$node" --version 2>/dev/null | head -1 ;;
    vmagent)
      # Distribution packages may leave the version out of the program.
      package=$("${VMAGENT:-vmagent}" -version 2>&1 | head -1)
      [[ -n $package ]] || package=$(dpkg-query -S "$(command -v "${VMAGENT:-vmagent}")" 2>/dev/null | cut -d: -f1 | xargs -r dpkg-query -W -f='${Version}' 2>/dev/null)
      echo "${package:-unknown}"
      ;;
  esac
}

write_config() { # FILE TARGETS INTERVAL GENERATOR_PORT REMOTE_WRITE: yes, no or v2
  awk -v targets="$2" -v interval="$3" -v port="$4" -v remote="$5" -v send="$samples_per_send" 'BEGIN {
    printf "global:\n  scrape_interval: %s\n  scrape_timeout: %s\n", interval, interval
    if (remote != "no") printf "remote_write:\n- url: http://127.0.0.1:%d/api/v1/write\n", port
    if (remote == "v2") print "  protobuf_message: io.prometheus.write.v2.Request"
    if (remote != "no" && send != "") printf "  queue_config: {max_samples_per_send: %d, capacity: %d}\n", send, 5 * send
    print "scrape_configs:\n- job_name: load\n  static_configs:"
    for (i = 0; i < targets; i++) printf "  - targets: [\"127.0.0.1:%d\"]\n    labels: {__metrics_path__: /t/%d, instance: target-%d}\n", port, i, i
  }' >"$1"
}

start_scraper() { # SCRAPER DIRECTORY GENERATOR_PORT
  local port
  port=$(free_port)
  mkdir -p "$2/data"
  case $1 in
    prometheus)
      "${PROMETHEUS:-prometheus}" --config.file="$2/config.yml" --storage.tsdb.path="$2/data" --web.listen-address="127.0.0.1:$port" >"$2/log" 2>&1 & ;;
    prometheus-agent)
      "${PROMETHEUS:-prometheus}" --enable-feature=agent --config.file="$2/config.yml" --storage.agent.path="$2/data" --web.listen-address="127.0.0.1:$port" >"$2/log" 2>&1 & ;;
    vmagent)
      "${VMAGENT:-vmagent}" -promscrape.config="$2/config.yml" -remoteWrite.url="http://127.0.0.1:$3/api/v1/write" \
        -remoteWrite.tmpDataPath="$2/data" -httpListenAddr="127.0.0.1:$port" >"$2/log" 2>&1 & ;;
    scrapecluster | scrapecluster-v2)
      dotnet "$node" --config.file="$2/config.yml" --storage.path="$2/data" --web.listen-address="127.0.0.1:$port" >"$2/log" 2>&1 & ;;
    scrapecluster-agent | scrapecluster-agent-v2)
      dotnet "$node" --agent --config.file="$2/config.yml" --storage.path="$2/data" --web.listen-address="127.0.0.1:$port" >"$2/log" 2>&1 & ;;
  esac
  scraper_pid=$!
}

stat_of() { # FIELD PORT
  curl -sf "http://127.0.0.1:$2/stats" | sed -E "s/.*\"$1\":([0-9]+).*/\1/"
}

cpu_ticks() { # PID
  sed 's/.*) //' "/proc/$1/stat" | awk '{print $12 + $13}'
}

memory_kb() { # PID FIELD
  awk -v field="$2:" '$1 == field {print $2}' "/proc/$1/status"
}

wait_for_first_scrapes() { # TARGETS PORT
  local deadline=$((SECONDS + 90))
  until (($(stat_of scrapes "$2") >= $1)); do
    ((SECONDS < deadline)) && kill -0 "$scraper_pid" 2>/dev/null || return 1
    sleep 0.5
  done
}

at_least() { # A B: the greater one
  echo $(($1 > $2 ? $1 : $2))
}

run_one() { # SCRAPER TARGETS INTERVAL: appends one line of figures to $work/figures
  local dir=$work/$1-$2 port with_remote=$remote warm measure
  warm=$(at_least "$warm_seconds" $((3 * ${3%s})))
  measure=$(at_least "$measure_seconds" $((4 * ${3%s})))
  mkdir -p "$dir"
  "$generator" 0 "$series" >"$dir/generator" & generator_pid=$!
  until [[ -s $dir/generator ]]; do sleep 0.1; done
  port=$(head -1 "$dir/generator")
  case $1 in
    vmagent) with_remote=no ;;
    *-v2) with_remote=v2 ;;
    *-agent) with_remote=yes ;;
  esac
  write_config "$dir/config.yml" "$2" "$3" "$port" "$with_remote"
  start_scraper "$1" "$dir" "$port"
  if wait_for_first_scrapes "$2" "$port"; then
    sleep "$warm"
    observe "$1" "$2" "$3" "$port" "$dir" || note "$1 ended during the run: $(tail -3 "$dir/log")"
  else
    note "$1 did not scrape all $2 targets within 90 s: $(tail -3 "$dir/log")"
  fi

  stop "$scraper_pid"; scraper_pid=
  stop "$generator_pid"; generator_pid=
  rm -rf "$dir/data"
}

observe() { # SCRAPER TARGETS INTERVAL PORT DIRECTORY
  local begin=$EPOCHREALTIME cpu=$(cpu_ticks "$scraper_pid") scrapes=$(stat_of scrapes "$4") bytes=$(stat_of postBytes "$4") generator_cpu=$(cpu_ticks "$generator_pid")
  local end_at=$((SECONDS + measure)) window=$(((warm + measure) / 5))
  ((window > 120)) && window=120
  while ((SECONDS < end_at)); do
    sleep 1
    kill -0 "$scraper_pid" 2>/dev/null || return 1
    ((SECONDS >= end_at - window)) && memory_kb "$scraper_pid" VmRSS >>"$5/memory"
  done
  awk -v scraper="$1" -v load="$2 x $series x $3" -v wall="$(awk "BEGIN {print $EPOCHREALTIME - $begin}")" -v series="$series" -v ticks="$ticks" \
    -v cpu=$(($(cpu_ticks "$scraper_pid") - cpu)) -v generator_cpu=$(($(cpu_ticks "$generator_pid") - generator_cpu)) \
    -v scrapes=$(($(stat_of scrapes "$4") - scrapes)) -v all="$(stat_of scrapes "$4")" -v bytes=$(($(stat_of postBytes "$4") - bytes)) \
    -v memory="$(sort -n "$5/memory" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}')" -v peak="$(memory_kb "$scraper_pid" VmHWM)" \
    -v disk="$(du -sk "$5/data" | cut -f1)" -v OFS='\t' 'BEGIN {
      samples = scrapes * series
      print load, scraper, samples / wall, cpu / ticks * 1e6 / samples, cpu / ticks / wall, memory / 1024, peak / 1024, disk / 1024, disk * 1024 / (all * series), bytes / samples, generator_cpu / ticks / wall
    }' >>"$work/figures"
}

print_report() {
  local scraper
  echo
  echo "$(date -u +%Y-%m-%d), $(nproc) cores ($(awk -F': ' '/model name/ {print $2; exit}' /proc/cpuinfo)), $(awk '/MemTotal/ {printf "%.0f GB", $2 / 1048576}' /proc/meminfo), .NET $(dotnet --version)."
  echo "At least $warm_seconds s of warming up and $measure_seconds s of measuring, memory over the last fifth (at most 120 s), remote write of the storing ones: $remote, samples a request: ${samples_per_send:-default}."
  for scraper in $scrapers; do binary "$scraper" && echo "$scraper: $(version "$scraper")."; done
  echo
  echo "| load (targets x series x interval) | scraper | samples/s | CPU per sample | cores | memory, median | memory, peak | disk | disk per sample | remote write per sample |"
  echo "|---|---|---|---|---|---|---|---|---|---|"
  awk -F'\t' '{
    disk = $2 == "vmagent" ? "- | -" : sprintf("%.1f MB | %.2f B", $8, $9)
    remote = ($10 > 0) ? sprintf("%.2f B", $10) : "-"
    printf "| %s | %s | %.0f | %.2f us | %.2f | %.0f MB | %.0f MB | %s | %s |\n", $1, $2, $3, $4, $5, $6, $7, disk, remote
  }' "$work/figures"
  awk -F'\t' '
    NR == FNR && sub(/^prometheus/, "", $2) {cpu[$1, $2] = $4; memory[$1, $2] = $6; disk[$1, $2] = $9}
    NR > FNR && sub(/^scrapecluster/, "", $2) && cpu[$1, $2] > 0 {
      printf "\n%s: of Prometheus, ScrapeCluster takes %.2f of the CPU per sample, %.2f of the memory, %.2f of the disk%s.\n", $1, $4 / cpu[$1, $2], $6 / memory[$1, $2], $9 / disk[$1, $2], $2 == "-agent" ? " (agents)" : ""
    }' "$work/figures" "$work/figures"
  awk -F'\t' '
    NR == FNR && $2 == "vmagent" {cpu[$1] = $4; memory[$1] = $6; bytes[$1] = $10}
    NR > FNR && $2 ~ /^scrapecluster/ && cpu[$1] > 0 && bytes[$1] > 0 && $10 > 0 {
      printf "\n%s: of vmagent, %s takes %.2f of the CPU per sample, %.2f of the memory, %.2f of the bytes sent.\n", $1, $2, $4 / cpu[$1], $6 / memory[$1], $10 / bytes[$1]
    }' "$work/figures" "$work/figures"
  awk -F'\t' '$11 > most {most = $11} END {printf "\nThe generator took at most %.2f cores.\n", most}' "$work/figures"
}

if [[ $build == yes ]]; then
  dotnet build "$root/bench/ScrapeCluster.LoadGenerator" -c Release --nologo -v q >&2
  dotnet build "$root/src/ScrapeCluster.Node" -c Release --nologo -v q >&2
fi

: >"$work/figures"
for load in $loads; do
  for scraper in $scrapers; do
    if ! binary "$scraper"; then
      note "$scraper is not here: left out"
      continue
    fi
    note "$(date +%T) $scraper, ${load%x*} targets every ${load#*x}"
    run_one "$scraper" "${load%x*}" "${load#*x}"
  done
done
print_report
