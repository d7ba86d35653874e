#!/usr/bin/env bash
# needs: python3 node npm curl
# The clients of the platforms' own makers talk to our simulators: when they are content, what our connectors learn there
# holds outside.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
rc=0
tests/harness/slack/judges/run 2>&1 | tee "$scratch/out" || rc=$?
passed=$(grep -c '^ok: ' "$scratch/out" || true)
failed=$(grep -c '^FAILED: ' "$scratch/out" || true)
skipped=$(grep -c '^LEFT OUT: ' "$scratch/out" || true)
if [ $rc != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
