#!/usr/bin/env bash
# needs: chromium node npm
# The demo as a newcomer meets it: the one-time link, the live case, Approve, the chat, a policy question, the keyboard,
# and the same pages without JavaScript. Pictures go to target/browser.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=$PWD/target/browser
mkdir -p "$out"
if [ ! -d "$out/node_modules/playwright-core" ]; then
  (cd "$out" && npm init -y >/dev/null 2>&1 && npm install --no-audit --no-fund playwright-core@1 >npm.log 2>&1) ||
    { echo "not run: playwright-core could not be installed"; exit 77; }
fi
data=$(mktemp -d)
"${NIGHTBELL_BIN:?}" demo --port 0 --data "$data/d" >"$data/out" 2>"$data/err" &
bot=$!
trap 'kill $bot 2>/dev/null || true; wait $bot 2>/dev/null || true; rm -rf "$data"' EXIT
for _ in $(seq 100); do
  [ "$(wc -l <"$data/out")" -ge 2 ] && break
  sleep 0.1
done
cp tests/browser/demo.mjs "$out/demo.mjs"
CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome) OUT=$out \
  node "$out/demo.mjs" "$(sed -n 2p "$data/out")"
