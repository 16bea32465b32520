#!/usr/bin/env bash
# Publishes every executable, self-contained for linux-x64, into artifacts/bin/.
set -euo pipefail
cd "$(dirname "$0")"

out=artifacts/bin
executables=(
  standalone/Cyborg.Standalone.csproj # cyborg-standalone: everything in one process
)

rm -rf "$out"
for project in "${executables[@]}"; do
  dotnet publish "$project" --configuration Release --runtime linux-x64 --self-contained true --output "$out" -v quiet -nologo
done
printf 'Published to %s:\n' "$out"
find "$out" -maxdepth 1 -type f -name 'cyborg*' -executable ! -name '*.dll' ! -name '*.so' -printf '  %f\n' | sort
