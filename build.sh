#!/usr/bin/env bash
# Publishes every executable, self-contained for linux-x64, into artifacts/bin/.
set -euo pipefail
cd "$(dirname "$0")"

out=artifacts/bin
executables=(
  executables/api/Cyborg.Executables.Api.csproj             # cyborg-api
  executables/conductor/Cyborg.Executables.Conductor.csproj # cyborg-conductor
  executables/agent/Cyborg.Executables.Agent.csproj         # cyborg-agent
  executables/cli/Cyborg.Executables.Cli.csproj             # cyborg: the operator's commands
  executables/dbsync/Cyborg.Executables.DbSync.csproj       # cyborg-dbsync: the database's schema
  executables/status/Cyborg.Executables.Status.csproj       # cyborg-status: looks, and changes nothing
  standalone/Cyborg.Standalone.csproj                       # cyborg-standalone: everything in one process
)

rm -rf "$out"
for project in "${executables[@]}"; do
  dotnet publish "$project" --configuration Release --runtime linux-x64 --self-contained true --output "$out" -v quiet -nologo
done
printf 'Published to %s:\n' "$out"
find "$out" -maxdepth 1 -type f -name 'cyborg*' -executable ! -name '*.dll' ! -name '*.so' -printf '  %f\n' | sort
