// Live updates for the console. Every page works without this file; it only saves pressing reload.
"use strict";
(() => {
  const body = document.body;
  const about = body.dataset.case || "";
  const bar = document.getElementById("pending");
  const units = [[86400, "day"], [3600, "hour"], [60, "minute"]];

  // Somebody who has begun to type is never interrupted.
  const typing = () =>
    [...document.querySelectorAll("main input:not([type=hidden]), main textarea, main select")].some((f) =>
      f.tagName === "SELECT"
        ? [...f.options].some((o) => o.selected !== o.defaultSelected)
        : f.value !== f.defaultValue
    );

  const selectorOf = (el) => {
    if (!el || el === body) return null;
    if (el.id) return `#${CSS.escape(el.id)}`;
    if (el.name && el.value) return `[name="${CSS.escape(el.name)}"][value="${CSS.escape(el.value)}"]`;
    if (el.getAttribute("href")) return `a[href="${CSS.escape(el.getAttribute("href"))}"]`;
    return null;
  };

  const swap = async () => {
    const reply = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!reply.ok) return;
    const next = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("main");
    const main = document.querySelector("main");
    if (!next || next.innerHTML === main.innerHTML) return;
    if (typing()) { bar.hidden = false; return; }
    const focus = selectorOf(document.activeElement);
    const folds = [...main.querySelectorAll("details[id]")].map((d) => [d.id, d.open]);
    const { scrollX, scrollY } = window;
    main.replaceWith(next);
    folds.forEach(([id, open]) => { const d = document.getElementById(id); if (d) d.open = open; });
    if (focus) document.querySelector(`main ${focus}`)?.focus({ preventScroll: true });
    window.scrollTo(scrollX, scrollY);
    bar.hidden = true;
    document.getElementById("live").textContent = "The page was updated.";
    tick();
  };

  let timer = 0;
  const soon = () => { clearTimeout(timer); timer = setTimeout(() => swap().catch(() => {}), 300); };

  const words = (seconds) => {
    const [size, unit] = units.find(([s]) => seconds >= s * 1.5) || [1, "second"];
    const n = Math.max(1, Math.round(seconds / size));
    return `${n} ${unit}${n === 1 ? "" : "s"}`;
  };
  const tick = () => {
    const now = Date.now() / 1000 + skew;
    document.querySelectorAll("time[data-rel]").forEach((t) => {
      const ago = now - Date.parse(t.dateTime) / 1000;
      const text = Math.abs(ago) < 45 ? "just now" : ago > 0 ? `${words(ago)} ago` : `in ${words(-ago)}`;
      if (t.textContent !== text) t.textContent = text;
    });
    document.querySelectorAll("time[data-left]").forEach((t) => {
      const left = Date.parse(t.dateTime) / 1000 - now;
      t.textContent = left > 0 ? `${words(left)} left` : "time is up, which means no";
    });
  };
  // The server's clock counts, whatever this machine's clock says.
  const skew = (Date.parse(body.dataset.now || "") || Date.now()) / 1000 - Date.now() / 1000;

  bar?.querySelector("button").addEventListener("click", () => location.reload());
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.dataset.sent) { e.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  // A browser has six connections for one place, and every page that listens holds one: only pages that are looked
  // at listen, and look once when they are looked at again.
  let source = null;
  const listen = () => {
    if (document.hidden) { source?.close(); source = null; return; }
    if (source) return;
    let lost = false;
    source = new EventSource("/events");
    source.addEventListener("change", (e) => { if (!about || e.data === "*" || e.data === about) soon(); });
    source.addEventListener("error", () => { lost = true; });
    source.addEventListener("open", () => { if (lost) soon(); lost = false; });
  };
  if (body.dataset.live && window.EventSource) {
    listen();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(); listen(); });
    addEventListener("pagehide", () => { source?.close(); source = null; });
    addEventListener("pageshow", (e) => { if (e.persisted) { soon(); listen(); } });
  }
  setInterval(tick, 15000);
})();
