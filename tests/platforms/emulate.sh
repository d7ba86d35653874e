#!/usr/bin/env bash
# needs: python3 node npm curl
# The connector to Slack against a Web API that somebody else wrote (the package `emulate`), calm and with faults between.
# The shim that makes it answer as Slack does lies beside the project, in $NIGHTBELL_SHARED/tools; without it this is left
# out. Packages go into $NIGHTBELL_TOOLS, or target/tools; its server wants a newer Node, which comes with it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
shared=${NIGHTBELL_SHARED:-../shared}/tools
for f in emulate-shim.py playground-loopback.cjs; do
  if [ ! -f "$shared/$f" ]; then echo "LEFT OUT: there is no $shared/$f"; exit 77; fi
done
shared=$(cd "$shared" && pwd)
tools=${NIGHTBELL_TOOLS:-$PWD/target/tools}/emulate
mkdir -p "$tools"
scratch=$(mktemp -d)
pids=()
stop() { for p in "${pids[@]:-}"; do if [ -n "$p" ]; then kill "$p" 2>/dev/null || true; wait "$p" 2>/dev/null || true; fi; done; pids=(); }
trap 'stop; rm -rf "$scratch"' EXIT
if [ ! -f "$tools/node_modules/emulate/package.json" ]; then
  echo '{"private":true}' >"$tools/package.json"
  if ! npm install --silent --no-audit --no-fund --prefix "$tools" emulate@0.12.2 node@24 >"$scratch/install" 2>&1; then
    echo "LEFT OUT: emulate cannot be installed: $(tail -n 1 "$scratch/install")"
    exit 77
  fi
fi
cargo build -q -p nightbell-chat-slack --example web-api
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
token="xoxb-$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')"
cat >"$scratch/seed.yaml" <<SEED
slack:
  signing_secret: $(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  team: {name: Company, domain: company}
  users:
    - {name: employee, real_name: Employee, email: employee@example.com}
    - {name: responder, real_name: Responder, email: responder@example.com}
  channels: [{name: general, topic: all}, {name: security, topic: watch}]
  bots: [{name: nightbell}]
  tokens: [{token: $token, user: responder, scopes: ["chat:write", "users:read"]}]
SEED

passed=0 failed=0
round() { # name, faults for the shim
  local name=$1 behind port channel rc=0
  shift
  stop
  behind=$(free_port) port=$(free_port)
  (
    cd "$scratch"
    PATH="$tools/node_modules/node/bin:$PATH" NODE_OPTIONS="--require $shared/playground-loopback.cjs" \
      exec node "$tools/node_modules/emulate/dist/index.js" start --service slack --port "$behind" --seed seed.yaml
  ) >"$scratch/server" 2>&1 &
  pids+=($!)
  python3 "$shared/emulate-shim.py" --upstream "http://127.0.0.1:$behind" --port "$port" --tokens "$token" --validate "$@" \
    >"$scratch/shim" 2>&1 &
  pids+=($!)
  for _ in $(seq 100); do
    channel=$(curl -s --max-time 2 -H "Authorization: Bearer $token" "http://127.0.0.1:$port/api/conversations.list" |
      sed -nE 's/.*"channels":\[\{"id":"([^"]+)".*/\1/p' || true)
    if [ -n "$channel" ]; then break; fi
    sleep 0.2
  done
  if [ -z "$channel" ]; then echo "the server does not answer:"; tail -n 5 "$scratch/server" "$scratch/shim"; failed=$((failed + 1)); return 0; fi
  echo "-- $name"
  SLACK_API="http://127.0.0.1:$port/api" SLACK_TOKEN=$token timeout 120 "$target/debug/examples/web-api" \
    employee@example.com "$channel" | tee "$scratch/out" || rc=$?
  passed=$((passed + $(grep -c '^ok: ' "$scratch/out" || true)))
  failed=$((failed + $(grep -c '^FAILED: ' "$scratch/out" || true)))
  if [ $rc != 0 ] && ! grep -q '^FAILED: ' "$scratch/out"; then failed=$((failed + 1)); fi
}

round calm
round "with faults" --fail chat.postMessage:429:2:1 --fail chat.postMessage:500:1 --fail conversations.open:reset:1 \
  --fail chat.postMessage:reset:1 --fail chat.update:html:1 --fail views.publish:truncate:1 --fail files.getUploadURLExternal:503:1
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
