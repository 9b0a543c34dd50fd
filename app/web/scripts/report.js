// What was told while there was no network waits here, sealed, and is sent once when it is back. The
// page does its work without this; nothing but the empty form and reports not yet sent is ever kept,
// and a touch erases all of it.
(() => {
  "use strict";

  const RETRY_MS = 30000;
  const LATE_MS = 120000;
  const PATIENCE_MS = 30000;
  const STOPPED_MS = 30000;
  const form = document.querySelector("form[data-keep]");
  const box = document.getElementById("kept");
  const offline = document.getElementById("offline");
  if (!box || !window.indexedDB) return;

  // ------------------------------------------------------------------------ what is kept

  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open("sira", 2);
    asked.onupgradeneeded = () => {
      const names = asked.result.objectStoreNames;
      if (!names.contains("report")) asked.result.createObjectStore("report", { keyPath: "once" });
      if (!names.contains("key")) asked.result.createObjectStore("key");
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });

  const within = async (store, mode, work) => {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  };

  // Over plain http browsers have no `subtle`; what is typed there is read on its way, too.
  const subtle = window.crypto.subtle;
  const key = async () => {
    const get = () => within("key", "readonly", (store) => store.get("key"));
    const known = await get();
    if (known) return known;
    const made = await subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]);
    // another tab may have been faster: its key stays
    await within("key", "readwrite", (store) => store.add(made, "key")).catch(() => null);
    return get();
  };
  const seal = async (entry) => {
    if (!subtle) return entry;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(entry));
    return { once: entry.once, iv, sealed: await subtle.encrypt({ name: "AES-GCM", iv }, await key(), text) };
  };
  const unseal = async ({ once, iv, sealed, ...plain }) => {
    if (!sealed) return { once, ...plain };
    const text = await subtle.decrypt({ name: "AES-GCM", iv }, await key(), sealed);
    return JSON.parse(new TextDecoder().decode(text));
  };

  const all = async () => {
    const found = await within("report", "readonly", (store) => store.getAll());
    const read = await Promise.all(found.map((one) => unseal(one).catch(() => null)));
    return read.filter((one) => one);
  };
  const keep = async (entry) => {
    const sealed = await seal(entry);
    await within("report", "readwrite", (store) => store.put(sealed));
  };
  const forget = (once) => within("report", "readwrite", (store) => store.delete(once));

  const erase = async () => {
    await within("report", "readwrite", (store) => store.clear());
    await within("key", "readwrite", (store) => store.clear());
    const workers = navigator.serviceWorker;
    const found = workers ? await workers.getRegistrations() : [];
    await Promise.all(found.map((one) => one.unregister()));
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

  const random = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const text = btoa(String.fromCharCode(...bytes));
    return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  const fields = [...document.querySelectorAll("input[name=token]")];
  let token = fields.map((one) => one.value).find((value) => value) || "";
  const place = form ? new URL(form.action).pathname : location.pathname;
  // the form that a browser kept has no token: it is asked for when there is a network
  const admit = async () => {
    if (token) return "ready";
    if (!navigator.onLine) return "wait";
    try {
      const answer = await fetch(`${place}/token`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.status === 401 || answer.status === 403) return "sign";
      if (!answer.ok) return "wait";
      token = (await answer.json()).token;
      for (const one of fields) one.value = token;
      return "ready";
    } catch {
      return "wait";
    }
  };

  // "now" was when it was filled in, not when the network came back
  const dated = (entry) => {
    const told = { ...entry.fields };
    if (told.when === "now" && !told.day && !told.time && Date.now() - entry.at > LATE_MS) {
      const local = new Date(entry.at).toLocaleString("sv-SE", { timeZone: box.dataset.zone });
      // the service takes it for the same as without: the first try may have arrived
      [told.day, told.time, told.dated] = [local.slice(0, 10), local.slice(11, 16), "1"];
    }
    return told;
  };

  // Whoever stands between answers, too: a proxy while the service starts anew, a hotel's door. Only
  // the service's own page says that a report arrived, or what it has to ask.
  const judged = (answer, text, entry) => {
    if (answer.ok) return text.includes(`data-answered="${entry.once}"`) ? "sent" : "wait";
    return text.includes(" data-keep") ? "look" : "wait";
  };

  const post = async (entry, again = true) => {
    const admitted = await admit();
    if (admitted !== "ready") return admitted;
    const answer = await fetch(entry.action, {
      method: "POST",
      body: new URLSearchParams({ ...dated(entry), token }),
      headers: { Accept: "text/html" },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.type === "opaqueredirect" || answer.status === 401) return "sign";
    if (answer.status === 403) {
      token = "";
      return again ? post(entry, false) : "sign";
    }
    const late = answer.status >= 500 || answer.status === 429;
    const outcome = late ? "wait" : judged(answer, await answer.text(), entry);
    if (outcome === "look" && answer.status === 409 && again) {
      // another report went out from the same form: this one is told besides
      const used = entry.once;
      entry.once = entry.fields.once = random();
      await keep(entry);
      await forget(used);
      return post(entry, false);
    }
    return outcome;
  };

  // what was asked back about waits for a person: sent again, it would be asked again
  const settled = async (entry) => {
    if (entry.asked) return "look";
    const outcome = navigator.onLine ? await post(entry).catch(() => "wait") : "wait";
    if (outcome === "sent") await forget(entry.once);
    if (outcome === "look") await keep({ ...entry, asked: true });
    return outcome;
  };

  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    try {
      const onScreen = form ? form.elements.once.value : "";
      const by = { sent: [], wait: [], sign: [], look: [] };
      for (const entry of await all()) {
        if (entry.once !== onScreen) by[await settled(entry)].push(entry);
      }
      const names = Object.keys(by).filter((name) => by[name].length);
      const said = names.map((name) => told(name, by[name].length)).join(" ");
      const left = names.some((name) => name !== "sent");
      if (said) show(said, { asked: by.look, sign: by.sign.length > 0, left });
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
    for (const [name, value] of Object.entries({ ...dated(entry), token })) {
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
    once.value = once.value || random();
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
        once.value = random();
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
      if (token) return;
      event.preventDefault();
      const pressed = event.submitter;
      const admitted = await admit();
      if (admitted === "ready") other.requestSubmit(pressed);
      else if (admitted === "sign") location.assign(button("sign").href);
    });
  }

  // ------------------------------------------------------------------------ beginning

  const settle = async () => {
    if (!form || !navigator.serviceWorker) return;
    // the address without a language is the one that people remember
    for (const scope of [place, "/report"]) {
      await navigator.serviceWorker.register(`${scope}/worker.js`, { scope, updateViaCache: "none" });
    }
    offline.hidden = false;
  };
  const start = async () => {
    if (box.dataset.answered) await forget(box.dataset.answered);
    await send();
    if (box.hidden && (await admit()) === "sign") show(box.dataset.out, { sign: true });
  };
  addEventListener("online", send);
  start();
  // after everything that the reader waits for
  if (document.readyState === "complete") settle().catch(() => null);
  else addEventListener("load", () => settle().catch(() => null));
})();
