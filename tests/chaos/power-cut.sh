#!/usr/bin/env bash
# needs: strace mkfs.ext4
# Power cuts against the embedded store, fresh and established: every acknowledged record must be there afterwards.
# The cutting tool lies beside the project; without it, or without root and loop devices, this is "not run".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tools=${NIGHTBELL_FAULT_TOOLS:-../shared/tools}
if [ ! -f "$tools/powercut.py" ]; then echo "not run: no power-cut tool at $tools (NIGHTBELL_FAULT_TOOLS)"; exit 77; fi
cuts=${NIGHTBELL_CUTS:-20}
bin=${NIGHTBELL_BIN:?}
passed=0 failed=0 skipped=0
run() {
  local rc=0
  echo "-- $*"
  python3 "$@" || rc=$?
  case $rc in 0) passed=$((passed + 1)) ;; 77) skipped=$((skipped + 1)) ;; *) failed=$((failed + 1)) ;; esac
}
writer="$bin store bench --dir {dir} --acks --prefix {phase}"
check="$bin store keys --dir {dir}"
run "$tools/powercut.py" --cuts "$cuts" --writer "$writer" --check "$check"
run "$tools/powercut.py" --cuts "$cuts" --established 1.5 --writer "$writer" --check "$check"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
run "$tools/fsync-count.py" --secs 3 --max-batch 256 --under "$dir" -- "$bin" store bench --dir "$dir" --acks
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
