#!/usr/bin/env bash
# Kills the real binary at 200 random moments of the phishing story (NIGHTBELL_KILLS for another number) and looks into
# the ledgers of the services outside and of the people: nothing lost, nothing twice, timers once after the restart.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if ! command -v cargo >/dev/null; then
  echo "cargo is missing"
  exit 77
fi
if [ -z "${NIGHTBELL_BIN:-}" ]; then
  echo "NIGHTBELL_BIN does not name the binary"
  exit 77
fi
export NIGHTBELL_KILLS="${NIGHTBELL_KILLS:-200}"
cargo test -p nightbell-tests --test chaos -- --exact process::random_kills_lose_nothing_and_double_nothing --nocapture
