// Opens the form for a report without a network, and sends what waits when nobody looks at it any more.
// All that it has is in this file: the empty form and its script, as they were when it was made. A
// change of either is a change of this file, and the browser takes the new one; unregistered, nothing
// of it is left.
(() => {
  "use strict";

  const { page, policy, script, zone } = "KEPT";
  // a page that is seen sends by itself, and says so
  const GRACE_MS = 60000;
  const form = new URL(self.registration.scope).pathname;
  const kept = (text, type, more) =>
    new Response(text, { headers: { "Content-Type": `${type}; charset=utf-8`, ...more } });

  self.addEventListener("install", () => self.skipWaiting());
  self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
  self.addEventListener("fetch", (event) => {
    const { method, mode, url } = event.request;
    const { origin, pathname, search } = new URL(url);
    if (method !== "GET" || origin !== self.location.origin || search) return;
    if (mode === "navigate" && pathname === form) {
      const headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
      };
      event.respondWith(kept(page, "text/html", headers));
    } else if (pathname === "/report.js") {
      event.respondWith(kept(script, "text/javascript", {}));
    }
  });

  const seen = async () => {
    const open = await self.clients.matchAll({ type: "window" });
    return open.some((one) => one.visibilityState === "visible");
  };
  const send = async () => {
    if (await seen()) await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
    const store = waiting(zone, "");
    let left = false;
    for (const entry of await store.all()) {
      left = (await store.settled(entry, store.forgetBehind)) === "wait" || left;
    }
    // the browser tries again, some time later
    if (left) throw new Error("not sent yet");
  };
  self.addEventListener("sync", (event) => {
    if (event.tag === "report") event.waitUntil(send());
  });
})();
