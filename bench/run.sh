#!/usr/bin/env bash
# Measures the published programs on this machine and writes doc/performance.md. Takes about twelve minutes; let nothing else run meanwhile.
# Needs PostgreSQL and nats-server from Debian. Arguments go to the bench (--help tells them).
set -euo pipefail
cd "$(dirname "$0")/.."

[ "${BENCH_PUBLISH:-yes}" = no ] || ./build.sh
dotnet build bench --configuration Release -v quiet -nologo
bench/bin/Release/net10.0/cyborg-bench --programs artifacts/bin --page doc/performance.md "$@"
