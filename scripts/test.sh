#!/usr/bin/env bash
# Builds with warnings as errors, checks the formatting and runs every test project. The last line is "N passed, N failed, N skipped".
# Exits with 0 only when something ran and nothing failed. What the system tests need beside .NET is installed with apt where it is missing
# and this user may; without it those tests are skipped and say so. SKIP_INSTALL=1 leaves the machine as it is.
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
results=$root/artifacts/test-results
project_timeout=900

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 MSBUILDDISABLENODEREUSE=1
# Most processes that the tests start live for seconds: what instrumenting code costs (a fifth of a start) it does not win back.
export DOTNET_TieredPGO=0

main() {
  cd "$root" || exit 1
  command -v dotnet > /dev/null || { echo "dotnet is not there: install the .NET 10 SDK (https://dotnet.microsoft.com/download)"; exit 1; }
  install_tools
  rm -rf "$results" && mkdir -p "$results"

  step "build"
  if ! build; then
    echo "the build failed; no test ran"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
  fi

  local status=0 project
  for project in tests/*/*Tests.csproj; do
    case $project in
      *IntegrationTests.csproj | *SystemTests.csproj) ;;
      *) run_project "$project" || status=1 ;;
    esac
  done

  # Most of the system tests wait for processes, the integration tests for a quiet stream: several at once.
  run_project tests/ScrapeCluster.IntegrationTests/*.csproj > "$results/beside.log" &
  local beside=$!
  run_project tests/ScrapeCluster.SystemTests/*.csproj -trait- Runs=beside -trait- Runs=cluster -trait- Runs=alone -maxThreads 2.5x || status=1
  wait "$beside" || status=1
  cat "$results/beside.log"

  # The cluster of five leaves more than half of the machine alone. What no clock has a part in goes on beside it whenever it has nothing to do, one after the other.
  beside_the_cluster > "$results/beside.log" &
  beside=$!
  run_project tests/ScrapeCluster.SystemTests/*.csproj -part cluster -trait Runs=cluster || status=1
  wait "$beside" || status=1
  cat "$results/beside.log"
  run_project tests/ScrapeCluster.SystemTests/*.csproj -part alone -trait Runs=alone || status=1

  sum_up "$status"
}

# --- tools -------------------------------------------------------------------------------------------------------------------------------

# Debian's names; vmagent is in victoria-metrics, too.
declare -A package_of=(
  [prometheus]=prometheus [promtool]=prometheus [prometheus-node-exporter]=prometheus-node-exporter
  [prometheus-pushgateway]=prometheus-pushgateway [vmagent]=victoria-metrics [victoria-metrics]=victoria-metrics [python3]=python3 [faketime]=faketime [cc]="gcc libc6-dev" [curl]=curl
  [pg_ctlcluster]=postgresql [ip]=iproute2
)

install_tools() {
  local missing=() tool
  for tool in "${!package_of[@]}"; do
    # Unquoted: a tool may need several packages.
    command -v "$tool" > /dev/null || missing+=(${package_of[$tool]})
  done
  [ "${#missing[@]}" -eq 0 ] && return
  step "tools: ${missing[*]}"
  if [ -n "${SKIP_INSTALL:-}" ] || ! command -v apt-get > /dev/null; then
    echo "not installed; the tests that need them are skipped"
    return
  fi

  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo=(sudo -n)
    "${sudo[@]}" true 2> /dev/null || { echo "not installed (neither root nor sudo); the tests that need them are skipped"; return; }
  fi
  install_packages "${missing[@]}" || echo "apt-get failed; the tests that need them are skipped"
}

# The packages bring services that would start and listen: policy-rc.d forbids that while they are installed.
install_packages() {
  local policy=/usr/sbin/policy-rc.d made_policy= status=0
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" > /dev/null && "${sudo[@]}" chmod +x "$policy" && made_policy=1
  fi
  "${sudo[@]}" apt-get update -qq \
    && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" > /dev/null || status=1
  [ -n "$made_policy" ] && "${sudo[@]}" rm -f "$policy"
  # Without the policy's protection at the next boot they would start, too.
  if command -v systemctl > /dev/null && [ -d /run/systemd/system ]; then
    "${sudo[@]}" systemctl disable --now prometheus prometheus-node-exporter prometheus-pushgateway victoria-metrics postgresql 2> /dev/null
  fi
  return "$status"
}

# --- build -------------------------------------------------------------------------------------------------------------------------------

# One compiler for all projects, of this run alone: without it each project starts its own, which has to warm up anew. It ends with the build.
build() {
  local status=0 compiler=scrapecluster-$$
  dotnet build -c Release --nologo -v q -clp:NoSummary -p:UseSharedCompilation=true "-p:SharedCompilationId=$compiler" || status=1
  grep -las -- "-pipename:$compiler" /proc/[0-9]*/cmdline | cut -d / -f 3 | xargs -r kill 2> /dev/null
  return "$status"
}

# --- tests -------------------------------------------------------------------------------------------------------------------------------

beside_the_cluster() {
  local status=0
  step "formatting"
  nice -n 19 dotnet format whitespace --no-restore --verify-no-changes || { echo "the formatting differs; run: dotnet format whitespace"; status=1; }
  run_project tests/ScrapeCluster.SystemTests/*.csproj -part beside -last -trait Runs=beside || status=1
  return "$status"
}

# run_project PROJECT [-part NAME] [-last] ARGUMENTS of the test program: a part has a report of its own; the last gets what others leave of the machine.
run_project() {
  local name program report last=()
  name=$(basename "$1" .csproj)
  shift
  program=tests/$name/bin/Release/net10.0/$name
  [ "${1:-}" != -part ] || { name=$name.$2; shift 2; }
  [ "${1:-}" != -last ] || { last=(nice -n 19); shift; }
  report=$results/$name.xml
  [ -x "$program" ] || return 0
  step "$name"
  "${last[@]}" timeout --kill-after=10 "$project_timeout" "$program" -xml "$report" -noColor "$@" > "$results/$name.log" 2>&1
  local status=$?
  grep -vE '^Ok, passed [0-9]+ tests?\.$|^\s*$' "$results/$name.log" | tail -n 400
  if [ "$status" -eq 124 ]; then
    echo "$name did not end within $project_timeout s"
  fi
  if [ ! -s "$report" ]; then
    echo "$name crashed (exit code $status) before it wrote its report; counted as one failure"
    touch "$results/$name.crashed"
  fi
  return "$status"
}

# The attribute of every <assembly> element in the reports, added up.
sum_of() {
  cat "$results"/*.xml 2> /dev/null | grep -oE '<assembly [^>]*>' | grep -oE " $1=\"[0-9]+\"" | grep -oE '[0-9]+' | awk '{ sum += $1 } END { print sum + 0 }'
}

sum_up() {
  local status=$1 passed failed skipped
  passed=$(sum_of passed)
  failed=$(($(sum_of failed) + $(sum_of errors) + $(find "$results" -name '*.crashed' | wc -l)))
  skipped=$(sum_of skipped)
  step "result"
  [ $((passed + failed)) -gt 0 ] || { echo "no test ran"; status=1; }
  [ "$failed" -eq 0 ] || status=1
  echo "$passed passed, $failed failed, $skipped skipped"
  exit "$status"
}

step() { printf '\n=== %s\n' "$*"; }

main "$@"
