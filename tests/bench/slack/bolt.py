"""The smallest app on Slack's framework for Python.

Environment: SIGNING_SECRET, API (Socket Mode; otherwise gunicorn serves `api`), DB (a file: every event is committed there
before it is acknowledged). Says at the end how many events reached a listener, or how many rows there are.
"""

import atexit
import json
import os
import signal
import sqlite3
import threading

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

DB, API = os.environ.get("DB"), os.environ.get("API")
lock = threading.Lock()
kept = 0
db = None


def keep(body):
    global kept
    with lock:
        kept += 1


def count():
    return kept


if DB:
    db = sqlite3.connect(DB, check_same_thread=False, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE events (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")

    def keep(body):
        with lock:
            db.execute("INSERT OR IGNORE INTO events VALUES (?, ?)", (body["event_id"], json.dumps(body)))

    def count():
        return db.execute("SELECT count(*) FROM events").fetchone()[0]


# Listeners before the answer: durable needs it, and where nothing is kept it spares a change of threads.
app = App(
    signing_secret=os.environ["SIGNING_SECRET"],
    authorize=lambda: AuthorizeResult(
        enterprise_id=None, team_id="T1", bot_token="xoxb-bench", bot_id="BBOT", bot_user_id="UBOT"
    ),
    client=WebClient(base_url=f"{API}/") if API else None,
    process_before_response=True,
)


@app.event("app_mention")
def mention(body):
    keep(body)


@app.event("message")
def message(body):
    keep(body)


def last_words():
    print(f"kept {count()}", flush=True)


if API:
    from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler

    def stop(*_):
        last_words()
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    SocketModeHandler(app, "xapp-bench").start()
else:
    from slack_bolt.adapter.wsgi import SlackRequestHandler

    api = SlackRequestHandler(app)
    # In gunicorn's worker, which ends like any other program.
    atexit.register(last_words)
