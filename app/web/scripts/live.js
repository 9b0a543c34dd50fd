// Keeps an open page as it is now: the server says that something changed, the page is asked for
// again, and what it shows is put in place. What somebody is typing stays: then a line says that
// there is news; where the server is not heard any more, it says that, too. The page does its work
// without this.
(() => {
  "use strict";

  const { live, news, show, fresh, lost, again, zone, version: shown } = document.currentScript.dataset;
  const line = navigator.connection;
  if (!window.EventSource || (line && line.saveData)) return;

  // all who read would ask in the same moment
  const SPREAD_MS = 1500;
  // of a stream that was refused: it is full, or this reader may not read it any more
  const REST_MS = 60000;
  // a line that drops for a moment is none of the reader's business
  const LOST_MS = 20000;
  // a page that could not be had is asked for again
  const RETRY_MS = 15000;
  // the server gives a sign of life every 20 s; a line that is dead at the other end is silent, and
  // no error tells of it
  const SILENT_MS = 70000;
  const WATCH_MS = 10000;
  // "4 minutes ago" grows old by itself
  const AGES_MS = 300000;

  let version = shown;
  let heard = shown;
  let alive = 0;
  let source = null;
  let asking = false;
  let told = null;
  let losing = null;

  // by the clock that the page names, which is not that of a reader in Paris
  const time = () =>
    new Date().toLocaleTimeString(document.documentElement.lang, {
      hour: "2-digit",
      minute: "2-digit",
      timeZone: zone,
    });
  const say = (text, action, label = show) => {
    if (!told) {
      told = document.createElement("p");
      told.setAttribute("role", "status");
      document.querySelector("header").append(told);
    }
    told.className = text ? "n x" : "";
    told.replaceChildren(text);
    if (!action) return;
    const button = document.createElement("button");
    [button.type, button.textContent] = ["button", label];
    button.addEventListener("click", action);
    told.append(" ", button);
  };

  // who looks at yesterday's page must not take it for today's
  const lose = (after) => {
    const since = time();
    if (losing === null)
      losing = setTimeout(() => say(lost.replace("{clock}", since), () => location.reload(), again), after);
  };
  const find = () => {
    if (losing === null) return;
    clearTimeout(losing);
    losing = null;
    say("");
  };

  const changed = (one) => {
    if (one instanceof HTMLSelectElement) {
      return [...one.options].some((option) => option.selected !== option.defaultSelected);
    }
    return one.checked !== one.defaultChecked || one.value !== one.defaultValue;
  };
  const busy = () => {
    const main = document.getElementById("m");
    const fields = [...main.querySelectorAll("input:not([type=hidden]):not([data-view]),select,textarea")];
    return fields.includes(document.activeElement) || fields.some(changed);
  };

  // what was opened stays open, what had the focus keeps it
  const put = (page, quiet) => {
    const main = document.getElementById("m");
    const open = [...main.querySelectorAll("details")].map((one) => one.open);
    const held = main.contains(document.activeElement) && document.activeElement;
    const name = held && (held.id ? `#${CSS.escape(held.id)}` : held.href && `a[href="${CSS.escape(held.getAttribute("href"))}"]`);
    const next = document.importNode(page.getElementById("m"), true);
    main.replaceWith(next);
    next.querySelectorAll("details").forEach((one, n) => {
      one.open = one.open || Boolean(open[n]);
    });
    const again = name && next.querySelector(name);
    if (again) again.focus({ preventScroll: true });
    const [before, after] = [document, page].map((one) => one.querySelector("header .q"));
    if (before && after) before.replaceWith(document.importNode(after, true));
    version = page.querySelector("script[data-version]").dataset.version;
    find();
    if (!quiet) say(fresh.replace("{clock}", time()));
    document.dispatchEvent(new Event("fresh"));
  };

  const renew = async (quiet) => {
    if (asking || document.hidden) return;
    asking = true;
    const before = heard;
    try {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * SPREAD_MS));
      if (!busy()) await look(quiet, false);
      else if (!quiet) say(news, () => look(false, true).catch(() => lose(0)));
    } catch {
      lose(LOST_MS);
      setTimeout(() => renew(quiet), RETRY_MS);
      return;
    } finally {
      asking = false;
    }
    // what changed while the page was on its way
    if (heard !== before && heard !== version) renew(false);
  };
  const look = async (quiet, wanted) => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-cache" });
    if (answer.status >= 500) throw new Error(answer.statusText);
    if (!answer.ok || answer.redirected) {
      lose(0);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("script[data-version]")) return;
    if (wanted || !busy()) put(page, quiet);
  };

  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(live);
    source.onopen = find;
    source.addEventListener("alive", () => {
      alive = Date.now();
    });
    source.onmessage = ({ data }) => {
      heard = data;
      // where much happens there is no silence to be broken
      if (alive) alive = Date.now();
      if (data !== version) renew(false);
    };
    source.onerror = () => {
      if (!source) return;
      const over = source.readyState === EventSource.CLOSED;
      lose(over ? 0 : LOST_MS);
      if (!over) return;
      source = null;
      setTimeout(open, REST_MS * (1 + Math.random()));
    };
  };
  const close = () => {
    if (source) source.close();
    source = null;
    alive = 0;
  };
  // of one origin a browser has six connections: what nobody looks at needs none
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  setInterval(() => {
    if (source) renew(true);
  }, AGES_MS);
  setInterval(() => {
    if (!alive || Date.now() - alive < SILENT_MS) return;
    close();
    lose(0);
    open();
  }, WATCH_MS);
})();
