// What was told while there was no network waits on this device, sealed, and is sent once when it is
// back: by the page, or by its worker when nobody looks at it any more. Nothing but reports not yet
// sent is ever kept, and which of them the worker sent.
"use strict";

const waiting = (zone, given, admitted = () => null) => {
  const LATE_MS = 120000;
  const PATIENCE_MS = 30000;

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

  const within = async (names, mode, work) => {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(names, mode);
      const request = work(...[names].flat().map((name) => transaction.objectStore(name)));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  };

  // Over plain http browsers have no `subtle`; what is typed there is read on its way, too.
  const subtle = self.crypto.subtle;
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

  // as each lay there when it was read
  const lay = new WeakMap();
  const all = async () => {
    const found = await within("report", "readonly", (store) => store.getAll());
    const read = await Promise.all(found.map((one) => unseal(one).catch(() => null)));
    read.forEach((one, at) => one && lay.set(one, String(found[at].iv)));
    return read.filter((one) => one);
  };
  const keep = async (entry) => {
    const sealed = await seal(entry);
    await within("report", "readwrite", (store) => store.put(sealed));
  };
  // what somebody erased meanwhile, sent, or filled in anew is not written to again
  const standing = async (entry, work) => {
    const same = (found) => Boolean(found) && String(found.iv) === lay.get(entry);
    const found = await within(["report", "key"], "readwrite", (reports, keys) => {
      const known = reports.get(entry.once);
      known.onsuccess = () => same(known.result) && work(reports, keys);
      return known;
    });
    return same(found);
  };
  const stands = (entry) => standing(entry, () => null);
  const change = async (entry, changes) => {
    // sealed for nobody, it would leave a key
    if (!(await stands(entry))) return false;
    const sealed = await seal({ ...entry, ...changes });
    const stood = await standing(entry, (reports) => {
      reports.delete(entry.once);
      reports.put(sealed);
    });
    if (stood) lay.set(Object.assign(entry, changes), String(sealed.iv));
    return stood;
  };
  const forget = (once) => within("report", "readwrite", (store) => store.delete(once));
  const erase = async () => {
    await within("report", "readwrite", (store) => store.clear());
    await within("key", "readwrite", (store) => store.clear());
  };

  const forgetSent = (entry) => standing(entry, (reports) => reports.delete(entry.once));
  // what the worker sent is listed, and said by the page that is opened next, if none was faster
  const forgetBehind = (entry) =>
    standing(entry, (reports, keys) => {
      reports.delete(entry.once);
      const sent = keys.get("sent");
      sent.onsuccess = () => keys.put([...(sent.result || []), entry.once], "sent");
    });
  const takeBehind = async () =>
    (await within("key", "readwrite", (keys) => {
      const sent = keys.get("sent");
      keys.delete("sent");
      return sent;
    })) || [];

  // ------------------------------------------------------------------------ sending

  const random = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const text = btoa(String.fromCharCode(...bytes));
    return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  let token = given;
  // the form that a browser kept has no token: it is asked for when there is a network
  const admit = async (place) => {
    if (token) return "ready";
    if (!navigator.onLine) return "wait";
    try {
      const answer = await fetch(`${place}/token`, { signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.status === 401 || answer.status === 403) return "sign";
      if (!answer.ok) return "wait";
      token = (await answer.json()).token;
      admitted(token);
      return "ready";
    } catch {
      return "wait";
    }
  };

  // "now" was when it was filled in, not when the network came back
  const dated = (entry) => {
    const told = { ...entry.fields };
    if (told.when === "now" && !told.day && !told.time && Date.now() - entry.at > LATE_MS) {
      const local = new Date(entry.at).toLocaleString("sv-SE", { timeZone: zone });
      // the service takes it for the same as without: the first try may have arrived
      [told.day, told.time, told.dated] = [local.slice(0, 10), local.slice(11, 16), "1"];
    }
    return { ...told, token };
  };

  // Whoever stands between answers, too: a proxy while the service starts anew, a hotel's door. Only
  // the service's own page says that a report arrived, or what it has to ask.
  const judged = (answer, text, entry) => {
    if (answer.ok) return text.includes(`data-answered="${entry.once}"`) ? "sent" : "wait";
    return text.includes(" data-keep") ? "look" : "wait";
  };

  const post = async (entry, again = true) => {
    const ready = await admit(new URL(entry.action).pathname);
    if (ready !== "ready") return ready;
    const answer = await fetch(entry.action, {
      method: "POST",
      body: new URLSearchParams(dated(entry)),
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
      const once = random();
      const stood = await change(entry, { once, fields: { ...entry.fields, once } });
      return stood ? post(entry, false) : "gone";
    }
    return outcome;
  };

  // what was asked back about waits for a person: sent again, it would be asked again
  const settled = async (entry, arrived = forgetSent) => {
    if (entry.asked) return "look";
    if (!(await stands(entry))) return "gone";
    const outcome = navigator.onLine ? await post(entry).catch(() => "wait") : "wait";
    if (outcome === "sent") {
      await arrived(entry);
      return outcome;
    }
    const left = outcome === "look" ? await change(entry, { asked: true }) : await stands(entry);
    return left ? outcome : "gone";
  };

  const ready = () => Boolean(token);
  return { all, keep, forget, forgetBehind, takeBehind, erase, random, ready, admit, dated, settled };
};
