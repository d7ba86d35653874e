#!/usr/bin/env bash
# needs: python3
# Every story of the desk on Slack: the same script and the same words as in the local chat, through the real connector
# and a simulated workspace. What the bot sends on the way is kept and, where the validator for chat payloads is at hand
# ($NIGHTBELL_SHARED/tools/validate-payload.py), checked against Slack's schemas and length limits.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/sent"
rc=0
export NIGHTBELL_PLATFORM=slack NIGHTBELL_RECORD="$scratch/sent"
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run -p nightbell-tests --test stories --no-fail-fast --status-level fail --final-status-level fail \
    >"$scratch/log" 2>&1 || rc=$?
  summary=$(grep -E '^ *Summary \[' "$scratch/log" | tail -n 1 || true)
  run=$(sed -nE 's/.*[^0-9]([0-9]+)(\/[0-9]+)? tests? run:.*/\1/p' <<<"$summary")
  passed=$(sed -nE 's/.*[^0-9]([0-9]+) passed.*/\1/p' <<<"$summary")
else
  cargo test -p nightbell-tests --test stories --no-fail-fast >"$scratch/log" 2>&1 || rc=$?
  passed=$(sed -nE 's/^test result:.* ([0-9]+) passed.*/\1/p' "$scratch/log" | tail -n 1)
  lost=$(sed -nE 's/^test result:.* ([0-9]+) failed.*/\1/p' "$scratch/log" | tail -n 1)
  run=$((${passed:-0} + ${lost:-0}))
fi
failed=$((${run:-0} - ${passed:-0}))
if [ $rc != 0 ]; then
  grep -vE '^ *(at|[0-9]+:) ' "$scratch/log" | tail -n 60
  if [ $failed = 0 ]; then failed=1; fi
fi
skipped=0
cat "$scratch"/sent/*.jsonl >"$scratch/all.jsonl" 2>/dev/null || true
lines=$(wc -l <"$scratch/all.jsonl")
validator=${NIGHTBELL_SHARED:-../shared}/tools/validate-payload.py
if [ "$lines" = 0 ]; then
  echo "nothing was recorded"
  failed=$((failed + 1))
elif [ ! -f "$validator" ]; then
  echo "LEFT OUT: schemas of Slack: there is no $validator"
  skipped=1
elif python3 "$validator" mixed "$scratch/all.jsonl" --strict >"$scratch/validated" 2>&1; then
  echo "$lines bodies are valid: $(tail -n 1 "$scratch/validated")"
  passed=$((${passed:-0} + 1))
else
  tail -n 40 "$scratch/validated"
  failed=$((failed + 1))
fi
echo "${passed:-0} passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
