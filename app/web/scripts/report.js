// What was told while there was no network waits here and is sent once when it is back. The page
// does its work without this; nothing but reports not yet sent is ever kept, and it can be erased.
(() => {
  "use strict";

  const RETRY_MS = 30000;
  const LATE_MS = 120000;
  const form = document.querySelector("form[data-keep]");
  const box = document.getElementById("kept");
  if (!box || !window.indexedDB) return;

  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open("sira", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("report", { keyPath: "once" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

  const within = async (mode, work) => {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction("report", mode);
      const request = work(transaction.objectStore("report"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
    });
  };
  const all = () => within("readonly", (store) => store.getAll());
  const keep = (entry) => within("readwrite", (store) => store.put(entry));
  const forget = (once) => within("readwrite", (store) => store.delete(once));
  const erase = () => within("readwrite", (store) => store.clear());

  const token = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const text = btoa(String.fromCharCode(...bytes));
    return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  const show = (text, attention) => {
    box.hidden = !text;
    box.querySelector("p").textContent = text;
    box.querySelector("[data-do=open]").hidden = !attention;
  };
  const waiting = (n, text) => show(text.replace("{n}", n), false);

  // "now" was when it was filled in, not when the network came back
  const dated = (entry) => {
    const fields = { ...entry.fields };
    if (fields.when === "now" && !fields.day && !fields.time && Date.now() - entry.at > LATE_MS) {
      const local = new Date(entry.at).toLocaleString("sv-SE", { timeZone: box.dataset.zone });
      [fields.day, fields.time] = [local.slice(0, 10), local.slice(11, 16)];
    }
    return fields;
  };

  const post = async (entry) => {
    const fresh = document.querySelector("input[name=token]");
    const fields = { ...dated(entry), ...(fresh ? { token: fresh.value } : {}) };
    const answer = await fetch(entry.action, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "text/html" },
      redirect: "manual",
    });
    if (answer.ok || answer.status === 409) return "sent";
    if (answer.type === "opaqueredirect" || answer.status === 401) return "sign";
    return answer.status < 500 && answer.status !== 429 ? "look" : "wait";
  };

  let sending = false;
  let refused = null;
  const send = async () => {
    if (sending) return;
    sending = true;
    let sent = 0;
    let said = "";
    try {
      const onScreen = form ? form.elements.once.value : "";
      const entries = (await all()).filter((entry) => entry.once !== onScreen);
      for (const entry of entries) {
        const outcome = navigator.onLine ? await post(entry).catch(() => "wait") : "wait";
        if (outcome === "sent") {
          await forget(entry.once);
          sent += 1;
        } else {
          said = said || outcome;
          refused = outcome === "look" ? entry : refused;
        }
      }
      const left = entries.length - sent;
      if (left) {
        waiting(left, box.dataset[said]);
        box.querySelector("[data-do=open]").hidden = said !== "look";
        if (said === "wait") setTimeout(send, RETRY_MS);
      } else if (sent) {
        waiting(sent, box.dataset.sent);
        box.querySelector("[data-do=erase]").hidden = true;
      }
    } finally {
      sending = false;
    }
  };

  box.querySelector("[data-do=erase]").addEventListener("click", async () => {
    await erase();
    show("", false);
  });
  // what the service asks back about is shown by the service: it is sent as a form
  box.querySelector("[data-do=open]").addEventListener("click", () => {
    const again = document.createElement("form");
    again.method = "post";
    again.action = refused.action;
    const fresh = document.querySelector("input[name=token]");
    const fields = { ...dated(refused), ...(fresh ? { token: fresh.value } : {}) };
    for (const [name, value] of Object.entries(fields)) {
      const input = document.createElement("input");
      [input.type, input.name, input.value] = ["hidden", name, value];
      again.append(input);
    }
    document.body.append(again);
    again.submit();
  });

  if (form) {
    let leaving = false;
    addEventListener("pageshow", () => {
      leaving = false;
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (leaving) return;
      leaving = true;
      const fields = Object.fromEntries(new FormData(form));
      const entry = { once: fields.once, action: form.action, fields, at: Date.now() };
      await keep(entry).catch(() => null);
      if (navigator.onLine) {
        form.submit();
        return;
      }
      form.reset();
      form.elements.once.value = token();
      leaving = false;
      await send();
      box.scrollIntoView();
    });
  }

  const start = async () => {
    if (box.dataset.answered) await forget(box.dataset.answered);
    await send();
  };
  addEventListener("online", send);
  start();
})();
