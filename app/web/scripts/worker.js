// Opens the form for a report without a network. All that it has is in this file: the empty form and
// its script, as they were when it was made. A change of either is a change of this file, and the
// browser takes the new one; unregistered, nothing of it is left.
(() => {
  "use strict";

  const { page, policy, script } = "KEPT";
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
})();
