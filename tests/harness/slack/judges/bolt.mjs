// Judges the workspace with Slack's own framework for Node: every delivery is handled once and acknowledged, over
// sockets and over HTTP, where the framework checks our signatures.
//
// Environment: BOLT (folder with node_modules), API, CONTROL, BOT_TOKEN, APP_TOKEN, SIGNING_SECRET.
import { createRequire } from "node:module";
import http from "node:http";

const require = createRequire(`${process.env.BOLT}/`);
const { App, HTTPReceiver, LogLevel } = require("@slack/bolt");
const { API, CONTROL, BOT_TOKEN, APP_TOKEN, SIGNING_SECRET } = process.env;
const clientOptions = { slackApiUrl: `${API}/` };
const faults = [];
const check = (fine, what) => { if (!fine) faults.push(what); };
const sleep = (ms) => new Promise((go) => setTimeout(go, ms));

const sim = async (name, body = {}) => {
  const answer = await fetch(CONTROL + name, { method: "POST", body: JSON.stringify(body) });
  const json = await answer.json();
  if (!json.ok) throw new Error(`${name}: ${json.error}`);
  return json;
};
const until = async (look, what, ms = 8000) => {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(20)) if (await look()) return true;
  check(false, `${what} did not happen`);
  return false;
};

// Handlers of every kind; `seen` counts what they were given.
const handlers = (app) => {
  const seen = {};
  const count = (name) => { seen[name] = (seen[name] ?? 0) + 1; };
  const modal = (title) => ({
    type: "modal", callback_id: "form", title: { type: "plain_text", text: title }, notify_on_close: true,
    submit: { type: "plain_text", text: "Send" },
    blocks: [{ type: "input", block_id: "what", label: { type: "plain_text", text: "What" },
      element: { type: "plain_text_input", action_id: "text" } }],
  });
  app.message(/^number \d+$/, async ({ message }) => count(message.text));
  app.message("buttons", async ({ say }) => {
    count("message");
    await say({ text: "Press", blocks: [{ type: "actions", elements: [
      { type: "button", action_id: "yes", value: "v1", text: { type: "plain_text", text: "Yes" } }] }] });
  });
  app.event("app_mention", async () => count("mention"));
  app.event("reaction_added", async () => count("reaction"));
  app.event("app_home_opened", async ({ event, client }) => {
    count("home");
    await client.views.publish({ user_id: event.user, view: { type: "home", blocks: [{ type: "divider" }] } });
  });
  app.command("/judge", async ({ ack, command, client }) => {
    count("command");
    await ack(`heard ${command.text}`);
    await client.views.open({ trigger_id: command.trigger_id, view: modal("From a command") });
  });
  app.action("yes", async ({ ack, action, respond }) => {
    count(`action ${action.value}`);
    await ack();
    await respond({ replace_original: true, text: "Pressed" });
  });
  app.view("form", async ({ ack, view }) => {
    const text = view.state.values.what.text.value;
    count(`view ${text}`);
    await (text === "bad" ? ack({ response_action: "errors", errors: { what: "Say something else" } }) : ack());
  });
  app.view({ callback_id: "form", type: "view_closed" }, async ({ ack }) => { count("closed"); await ack(); });
  app.shortcut("global", async ({ ack }) => { count("shortcut"); await ack(); });
  app.shortcut("on-message", async ({ ack, shortcut }) => { count(`on ${shortcut.message.text}`); await ack(); });
  app.error(async (e) => check(false, `handler: ${e.message}`));
  return seen;
};

// One round through everything that people can do.
const round = async (mode, seen) => {
  const from = (await sim("deliveries")).deliveries.length;
  for (let n = 0; n < 20; n += 1) await sim("say", { user: "U1", text: `number ${n}` });
  await sim("say", { user: "U1", channel: "C1", text: `<@${(await sim("state")).bot_user}> hello` });
  const { ts } = await sim("say", { user: "U1", text: "buttons" });
  const buttons = async () => (await sim("seen", { user: "U1" })).seen.filter((m) => m.buttons.length > 0);
  if (await until(async () => (await buttons()).length > 0, "the message with a button")) {
    const [message] = await buttons();
    await sim("press", { user: "U1", channel: message.channel, ts: message.ts, action: "Yes" });
    await until(async () => (await buttons()).length === 0, "the update through the response URL");
  }
  const dm = (await sim("seen", { user: "U1" })).seen.find((m) => m.ts === ts).channel;
  await sim("react", { user: "U1", channel: dm, ts, name: "eyes" });
  await sim("shortcut", { user: "U1", callback_id: "global" });
  await sim("shortcut", { user: "U1", callback_id: "on-message", channel: dm, ts });
  await sim("home", { user: "U1" });
  const form = async () => (await sim("view", { user: "U1" }));
  for (const text of ["bad", "good"]) {
    if (text === "bad") await sim("command", { user: "U1", text: "/judge now" });
    await until(async () => (await form()).view?.type === "modal", "the form");
    await sim("submit", { user: "U1", view: (await form()).view.id, values: { What: text } });
    if (text === "bad") await until(async () => (await form()).errors?.what, "the error in the form");
    else await until(async () => (await form()).view?.type !== "modal", "the end of the form");
  }
  await sim("command", { user: "U1", text: "/judge again" });
  await until(async () => (await form()).view?.type === "modal", "the second form");
  await sim("close", { user: "U1", view: (await form()).view.id });
  const open = async () => (await sim("deliveries")).deliveries.slice(from).filter((d) => !d.acked_at);
  await until(async () => (await open()).length === 0, "every acknowledgement");
  const all = (await sim("deliveries")).deliveries.slice(from);
  check(all.every((d) => d.acks === 1 && d.tries.length === 1), `${mode}: something came twice`);
  const wanted = { message: 1, mention: 1, reaction: 1, home: 1, command: 2, "action v1": 1, "view bad": 1,
    "view good": 1, closed: 1, shortcut: 1, "on buttons": 1 };
  for (let n = 0; n < 20; n += 1) wanted[`number ${n}`] = 1;
  for (const [name, count] of Object.entries(wanted)) {
    check(seen[name] === count, `${mode}: ${name} was handled ${seen[name] ?? 0} times, not ${count}`);
  }
  const heard = (await sim("seen", { user: "U1" })).seen.map((m) => m.text);
  check(heard.includes("heard now"), `${mode}: the answer of the command was not shown`);
  return all.length;
};

const quiet = { token: BOT_TOKEN, clientOptions, logLevel: LogLevel.ERROR };

const overSockets = async () => {
  const app = new App({ ...quiet, appToken: APP_TOKEN, socketMode: true });
  const seen = handlers(app);
  await app.start();
  const count = await round("sockets", seen);
  const before = (await sim("sockets")).so_far;
  await sim("disconnect", { reason: "refresh_requested" });
  await until(async () => (await sim("sockets")).so_far > before, "the reconnection after a disconnect");
  await sim("say", { user: "U1", text: "number 99" });
  await until(() => seen["number 99"] === 1, "the message after the reconnection");
  await app.stop();
  check((await sim("strange")).frames.length === 0, "frames that are no acknowledgement");
  return count;
};

const overHttp = async () => {
  const probe = http.createServer().listen(0, "127.0.0.1");
  await new Promise((go) => probe.once("listening", go));
  const { port } = probe.address();
  await new Promise((go) => probe.close(go));
  const receiver = new HTTPReceiver({ signingSecret: SIGNING_SECRET, logLevel: LogLevel.ERROR, logger: silent });
  const app = new App({ ...quiet, receiver });
  const seen = handlers(app);
  await app.start(port);
  const url = `http://127.0.0.1:${port}/slack/events`;
  await sim("verify", { url });
  for (const variant of ["forged", "stale", "unsigned"]) {
    const { status } = await sim("post", { url, variant, body: { type: "url_verification", challenge: "x" } });
    check(status === 401 || status === 400 || status === 403, `${variant} got ${status}`);
  }
  await sim("deliver", { url });
  const count = await round("http", seen);
  await app.stop();
  return count;
};

// The receiver reports the wrong signatures that it is given here on purpose.
const silent = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel: () => LogLevel.ERROR, setName() {} };

let counts = [];
try {
  counts = [await overSockets(), await overHttp()];
} catch (e) {
  check(false, e.stack ?? String(e));
}
console.log(JSON.stringify({ sockets: counts[0], http: counts[1], faults, ok: faults.length === 0 }));
process.exit(faults.length === 0 ? 0 : 1);
