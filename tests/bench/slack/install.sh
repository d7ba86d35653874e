#!/usr/bin/env bash
# Installs what bench-slack is measured beside: Slack's own frameworks, versions pinned. They go into
# $NIGHTBELL_TOOLS/slack-bench, or target/tools/slack-bench. What cannot be installed is said, and left out of the bench.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
tools=${NIGHTBELL_TOOLS:-$root/target/tools}/slack-bench
mkdir -p "$tools"
log=$tools/install.log
: >"$log"
out() { echo "LEFT OUT: $1: $2" >&2; }

node_package() { # name, version, more arguments
  local name=$1 version=$2
  shift 2
  [ -f "$tools/node/node_modules/$name/package.json" ] || npm install --no-audit --no-fund --prefix "$tools/node" "$name@$version" "$@" >>"$log" 2>&1
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  out "@slack/bolt" "node or npm is missing"
else
  mkdir -p "$tools/node"
  [ -f "$tools/node/package.json" ] || echo '{"private":true}' >"$tools/node/package.json"
  if node_package @slack/bolt 5.1.0; then
    echo "ready: @slack/bolt 5.1.0, node $(node --version)"
    # Built from source where there is no prebuilt file; the headers of the installed Node spare a download.
    prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
    [ -d "$prefix/include/node" ] && export npm_config_nodedir=$prefix
    if node_package better-sqlite3 12.4.1 && (cd "$tools/node" && node -e 'new (require("better-sqlite3"))(":memory:")') >>"$log" 2>&1; then
      echo "ready: better-sqlite3 12.4.1"
    else
      rm -rf "$tools/node/node_modules/better-sqlite3"
      out "@slack/bolt with SQLite" "better-sqlite3 cannot be installed, see $log"
    fi
  else
    out "@slack/bolt" "it cannot be installed, see $log"
  fi
fi

python=$tools/venv/bin/python
wanted=(slack_bolt==1.30.0 slack_sdk==3.47.0 gunicorn==27.0.1)
if ! command -v python3 >/dev/null; then
  out "slack_bolt" "python3 is missing"
elif { [ -x "$python" ] || python3 -m venv "$tools/venv" >>"$log" 2>&1; } &&
  "$python" -m pip install -q "${wanted[@]}" >>"$log" 2>&1; then
  echo "ready: ${wanted[*]}, $("$python" --version)"
else
  rm -rf "$tools/venv"
  out "slack_bolt" "it cannot be installed, see $log"
fi
