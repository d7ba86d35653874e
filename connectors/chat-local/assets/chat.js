// Makes the chat live: sending without a reload, drag and drop, news over server-sent events. The page works
// without this file, with reloads.
"use strict";
(() => {
  const { as, conv, mark, csrf } = document.body.dataset;
  const cap = Number(document.body.dataset.cap) * 1024 * 1024;
  const by = (id) => document.getElementById(id);
  const form = by("compose"), text = by("text"), input = by("files"), problem = by("problem"), live = by("live");
  document.documentElement.classList.add("js");

  const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const atEnd = () => { const s = by("stream"); return s.scrollHeight - s.scrollTop - s.clientHeight < 80; };
  const toEnd = () => { const s = by("stream"); s.scrollTop = s.scrollHeight; };
  const say = (words) => { problem.textContent = words; problem.hidden = !words; };

  // News: ask for the same page and take over the stream and the list of conversations. What is being typed, the
  // focus and the place in the stream stay as they are.
  const address = () => {
    const u = new URL(location.href);
    u.searchParams.set("conv", conv); u.searchParams.set("as", as); u.searchParams.set("mark", mark); u.hash = "";
    return u;
  };
  let busy = false, again = false;
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const reply = await fetch(address(), { credentials: "same-origin", headers: { Accept: "text/html" } });
      if (!reply.ok) return;
      const next = new DOMParser().parseFromString(await reply.text(), "text/html");
      const end = atEnd(), stream = by("stream"), top = stream.scrollTop;
      const held = document.activeElement?.closest?.("article")?.id, value = document.activeElement?.value;
      const known = new Set([...stream.querySelectorAll("article")].map((a) => a.id));
      stream.replaceChildren(...next.getElementById("stream").childNodes);
      by("rooms").replaceChildren(...next.getElementById("rooms").childNodes);
      const hint = next.getElementById("hint"), old = by("hint");
      if (old) old.remove();
      if (hint) form.insertBefore(hint, form.querySelector("label"));
      if (held) [...(by(held)?.querySelectorAll("button") || [])].find((b) => b.value === value)?.focus({ preventScroll: true });
      if (end) toEnd(); else stream.scrollTop = top;
      const news = [...stream.querySelectorAll("article:not(.mine)")].filter((a) => !known.has(a.id));
      if (news.length) live.textContent = `${news.length} new ${news.length === 1 ? "message" : "messages"}`;
    } finally {
      busy = false;
      if (again) { again = false; refresh().catch(() => {}); }
    }
  };
  let timer = 0;
  const soon = () => { clearTimeout(timer); timer = setTimeout(() => refresh().catch(() => {}), 80); };

  const post = async (url, body) => {
    const reply = await fetch(url, { method: "POST", body, credentials: "same-origin", headers: { "X-Nightbell-Csrf": csrf, Accept: "application/json", ...(typeof body === "string" ? { "Content-Type": "application/json" } : {}) } });
    if (reply.ok) return;
    const words = await reply.json().then((j) => j.error).catch(() => null);
    throw new Error(words || "This was not kept, please try again.");
  };

  // Files wait here until they are sent, so that dropping and choosing add up.
  let files = [];
  const list = () => {
    by("chosen").replaceChildren(...files.map((f, i) => {
      const li = document.createElement("li"), b = document.createElement("button");
      b.type = "button"; b.textContent = "✕"; b.setAttribute("aria-label", `Do not send ${f.name}`);
      b.addEventListener("click", () => { files.splice(i, 1); list(); text.focus(); });
      li.append(f.name, b);
      return li;
    }));
  };
  const add = (more) => {
    const big = [...more].find((f) => f.size > cap);
    if (big) { say(`The file ${big.name} is larger than ${cap / 1048576} MB. Save only the mail itself and try again.`); return; }
    say(""); files.push(...more); list(); text.focus();
  };
  input.addEventListener("change", () => { add(input.files); input.value = ""; });
  let depth = 0;
  const carries = (e) => [...(e.dataTransfer?.types || [])].includes("Files");
  addEventListener("dragenter", (e) => { if (carries(e)) { depth++; by("drop").hidden = false; } });
  addEventListener("dragleave", (e) => { if (carries(e) && --depth <= 0) { depth = 0; by("drop").hidden = true; } });
  addEventListener("dragover", (e) => { if (carries(e)) e.preventDefault(); });
  addEventListener("drop", (e) => { if (!carries(e)) return; e.preventDefault(); depth = 0; by("drop").hidden = true; add(e.dataTransfer.files); });
  text.addEventListener("paste", (e) => { if (e.clipboardData?.files.length) { e.preventDefault(); add(e.clipboardData.files); } });

  const grow = () => { text.style.height = "auto"; text.style.height = `${text.scrollHeight + 2}px`; };
  text.addEventListener("input", grow);
  text.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); form.requestSubmit(); }
  });
  let sending = false;
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (sending || (!text.value.trim() && !files.length)) return;
    const data = new FormData(form);
    data.delete("files");
    files.forEach((f) => data.append("files", f, f.name));
    sending = true;
    const button = form.querySelector("button.primary");
    button.disabled = true;
    try {
      await post("/chat/api/message", data);
      // Only now it is kept, so only now the text goes away. The next message has its own number.
      text.value = ""; files = []; list(); say(""); grow();
      form.elements.client_id.value = fresh();
      await refresh();
      toEnd();
    } catch (error) {
      say(error instanceof TypeError ? "Nightbell cannot be reached. Your text is still here, please try again." : error.message);
    } finally {
      sending = false; button.disabled = false; text.focus();
    }
  });

  document.addEventListener("submit", async (e) => {
    const f = e.target.closest("form.press");
    if (!f || !e.submitter) return;
    e.preventDefault();
    if (f.dataset.sent) return;
    f.dataset.sent = "1";
    e.submitter.disabled = true;
    try {
      await post("/chat/api/press", JSON.stringify({ as, token: e.submitter.value, client_id: f.elements.client_id.value }));
      say(""); await refresh(); text.focus();
    } catch (error) {
      say(error.message);
      delete f.dataset.sent; e.submitter.disabled = false;
    }
  });

  by("as")?.addEventListener("change", (e) => e.target.form.submit());
  // Only a page that is looked at listens: a browser has few connections for one place.
  let source = null;
  const listen = () => {
    if (document.hidden) { source?.close(); source = null; return; }
    if (source) return;
    let lost = false;
    source = new EventSource(`/chat/events?as=${encodeURIComponent(as)}`);
    source.addEventListener("conv", soon);
    source.addEventListener("error", () => { lost = true; });
    source.addEventListener("open", () => { if (lost) soon(); lost = false; });
  };
  if (window.EventSource) {
    listen();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); listen(); });
    addEventListener("pagehide", () => { source?.close(); source = null; });
    addEventListener("pageshow", (e) => { if (e.persisted) { soon(); listen(); } });
  }
  // "Takes longer than usual" comes with time, not with news.
  setInterval(() => { if (document.querySelector(".checking")) soon(); }, 20000);
  toEnd(); grow();
  if (matchMedia("(min-width: 45rem)").matches) text.focus();
})();
