#!/usr/bin/env bash
# Builds and runs one node; the arguments go to it (--help lists them). Without any it scrapes itself: http://127.0.0.1:9095
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build "$root/src/ScrapeCluster.Node" -c Release --nologo -v q -clp:NoSummary
# exec, so that signals reach the node itself.
exec "$root/src/ScrapeCluster.Node/bin/Release/net10.0/ScrapeCluster.Node" "$@"
