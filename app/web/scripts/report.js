// The form, and what waits to be sent: shown, sent while the page is open, erased by a touch. The page
// does its work without this.
(() => {
  "use strict";

  const RETRY_MS = 30000;
  const STOPPED_MS = 30000;
  const form = document.querySelector("form[data-keep]");
  const box = document.getElementById("kept");
  const offline = document.getElementById("offline");
  if (!box || !window.indexedDB) return;

  const fields = [...document.querySelectorAll("input[name=token]")];
  const held = fields.map((one) => one.value).find((value) => value) || "";
  const store = waiting(box.dataset.zone, held, (token) => {
    for (const one of fields) one.value = token;
  });
  const place = form ? new URL(form.action).pathname : location.pathname;
  const admit = () => store.admit(place);
  const workers = navigator.serviceWorker;

  const erase = async () => {
    await store.erase();
    const found = workers ? await workers.getRegistrations() : [];
    await Promise.all(found.map((one) => one.unregister()));
  };
  // who puts the phone away has told all the same: where browsers can, the worker sends it then
  const entrust = async () => {
    const found = workers && (await workers.getRegistration());
    if (!found || !found.sync) return false;
    await found.sync.register("report");
    return true;
  };
  let entrusted = false;
  const keep = async (entry) => {
    await store.keep(entry);
    entrusted = await entrust().catch(() => false);
  };

  // ------------------------------------------------------------------------ what is shown

  const language = document.documentElement.lang;
  const button = (name) => box.querySelector(`[data-do=${name}]`);
  const show = (text, { asked = [], sign = false, left = false } = {}) => {
    box.hidden = !text;
    box.querySelector("p").textContent = text;
    button("open").replaceChildren(...asked.map(opening));
    button("sign").hidden = !sign;
    button("erase").hidden = !left;
  };
  const plural = new Intl.PluralRules(language);
  const told = (name, n) => {
    const forms = JSON.parse(box.dataset[name]);
    return (forms[plural.select(n)] || forms.other).replace("{n}", n);
  };
  // by when it was filled in: who looks over a shoulder reads no place
  const named = (at) => {
    const timeZone = box.dataset.zone;
    const day = (one) => new Date(one).toLocaleDateString("sv-SE", { timeZone });
    const date = day(at) === day(Date.now()) ? {} : { day: "numeric", month: "short" };
    const shape = { timeZone, hour: "2-digit", minute: "2-digit", ...date };
    return box.dataset.open.replace("{when}", new Date(at).toLocaleString(language, shape));
  };
  const opening = (entry) => {
    const made = document.createElement("button");
    [made.type, made.className, made.textContent] = ["button", "u", named(entry.at)];
    made.addEventListener("click", () => open(entry));
    return made;
  };

  // ------------------------------------------------------------------------ sending

  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    try {
      const onScreen = form ? form.elements.once.value : "";
      const by = { sent: [], wait: [], sign: [], look: [] };
      for (const entry of await store.all()) {
        if (entry.once !== onScreen) by[await store.settled(entry)]?.push(entry);
      }
      const others = await store.takeBehind();
      by.sent = [...new Set([...by.sent.map((entry) => entry.once), ...others])];
      if (by.wait.length) entrusted = entrusted || (await entrust().catch(() => false));
      const names = Object.keys(by).filter((name) => by[name].length);
      // a page of an earlier version has no words for it
      const behind = entrusted && "behind" in box.dataset;
      const says = (name) => (name === "wait" && behind ? "behind" : name);
      const said = names.map((name) => told(says(name), by[name].length)).join(" ");
      const left = names.some((name) => name !== "sent");
      // what it said to wait may have gone by another tab
      if (said || !button("erase").hidden)
        show(said, { asked: by.look, sign: by.sign.length > 0, left });
      if (by.wait.length) setTimeout(send, RETRY_MS);
    } finally {
      sending = false;
    }
  };

  for (const one of document.querySelectorAll("[data-do=erase]")) {
    one.addEventListener("click", async () => {
      await erase();
      if (offline) offline.hidden = true;
      show(box.dataset.gone);
    });
  }
  // what the service asks back about is shown by the service: it is sent as a form
  const open = async (entry) => {
    const admitted = navigator.onLine ? await admit() : "wait";
    if (admitted === "sign") location.assign(button("sign").href);
    if (admitted !== "ready") return;
    const again = document.createElement("form");
    again.method = "post";
    again.action = entry.action;
    for (const [name, value] of Object.entries(store.dated(entry))) {
      const input = document.createElement("input");
      [input.type, input.name, input.value] = ["hidden", name, value];
      again.append(input);
    }
    document.body.append(again);
    again.submit();
  };

  if (form) {
    let leaving = false;
    // what was kept has left the form: a second tap, late on a slow phone, keeps nothing
    let blank = false;
    form.addEventListener("input", () => {
      blank = false;
    });
    addEventListener("pageshow", () => {
      leaving = false;
    });
    const once = form.elements.once;
    once.value = once.value || store.random();
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (leaving || blank) return;
      leaving = true;
      // who sees first what it sets off has not sent it: without a network it is kept to be sent
      const { token: _, look, ...filled } = Object.fromEntries(new FormData(form));
      const entry = { once: once.value, action: form.action, fields: filled, at: Date.now() };
      const put = () => keep(entry).then(() => true, () => false);
      let kept = look ? false : await put();
      if (navigator.onLine && (await admit()) === "ready") {
        form.submit();
        // nothing tells that somebody stopped a page that would not come: he may try again
        setTimeout(() => {
          leaving = false;
        }, STOPPED_MS);
        return;
      }
      kept = kept || (await put());
      leaving = false;
      if (kept) {
        form.reset();
        blank = true;
        once.value = store.random();
        await send();
      } else {
        show(box.dataset.not);
      }
      box.scrollIntoView();
    });
  }

  // the other forms of a kept page: what was sent before, and signing out
  for (const other of document.querySelectorAll("form[method=post]:not([data-keep])")) {
    other.addEventListener("submit", async (event) => {
      if (store.ready()) return;
      event.preventDefault();
      const pressed = event.submitter;
      const admitted = await admit();
      if (admitted === "ready") other.requestSubmit(pressed);
      else if (admitted === "sign") location.assign(button("sign").href);
    });
  }

  // ------------------------------------------------------------------------ beginning

  const settle = async () => {
    if (!form || !workers) return;
    // the address without a language is the one that people remember
    for (const scope of [place, "/report"]) {
      await workers.register(`${scope}/worker.js`, { scope, updateViaCache: "none" });
    }
    offline.hidden = false;
  };
  const start = async () => {
    if (box.dataset.answered) await store.forget(box.dataset.answered);
    await send();
    if (box.hidden && (await admit()) === "sign") show(box.dataset.out, { sign: true });
  };
  addEventListener("online", send);
  start();
  // after everything that the reader waits for
  if (document.readyState === "complete") settle().catch(() => null);
  else addEventListener("load", () => settle().catch(() => null));
})();
