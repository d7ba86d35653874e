// The smallest app on Slack's framework for Node. Environment: TOOLS (folder with node_modules), SIGNING_SECRET, PORT or
// API (Socket Mode), DB (a file: every event is committed there before it is acknowledged). Says on SIGTERM how many
// events reached a listener, or how many rows there are.
import { createRequire } from "node:module";

const require = createRequire(`${process.env.TOOLS}/`);
const { App, HTTPReceiver, SocketModeReceiver, LogLevel } = require("@slack/bolt");
const { SIGNING_SECRET, PORT, API, DB } = process.env;

let kept = 0;
let keep = () => { kept += 1; };
let count = () => kept;
if (DB) {
  const Database = require("better-sqlite3");
  const db = new Database(DB);
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.exec("CREATE TABLE events (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID");
  const insert = db.prepare("INSERT OR IGNORE INTO events VALUES (?, ?)");
  keep = (body) => { insert.run(body.event_id, JSON.stringify(body)); };
  count = () => db.prepare("SELECT count(*) AS n FROM events").get().n;
}

const logLevel = LogLevel.ERROR;
const receiver = API
  ? new SocketModeReceiver({ appToken: "xapp-bench", logLevel, installerOptions: { clientOptions: { slackApiUrl: `${API}/` } } })
  : new HTTPReceiver({ signingSecret: SIGNING_SECRET, logLevel, processBeforeResponse: Boolean(DB) });
const app = new App({
  receiver,
  socketMode: Boolean(API),
  logLevel,
  authorize: async () => ({ botToken: "xoxb-bench", botId: "BBOT", botUserId: "UBOT", teamId: "T1" }),
});
if (API && DB) {
  // Over sockets the framework acknowledges an event before any listener, so it is kept in front of the framework.
  const handle = app.processEvent.bind(app);
  app.processEvent = async (event) => { keep(event.body); await handle(event); };
  app.event("app_mention", async () => {});
  app.message(async () => {});
} else {
  app.event("app_mention", async ({ body }) => keep(body));
  app.message(async ({ body }) => keep(body));
}
process.on("SIGTERM", () => { console.log(`kept ${count()}`); process.exit(0); });
await app.start(Number(PORT) || undefined);
