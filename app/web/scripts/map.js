// Lets the map be moved, seen nearer, and looked back on. The drawing is the server's; without this
// there are views of each route and links to each day.
(() => {
  "use strict";

  const NEAREST = 12;
  const STEP = 1.5;
  const NEAR = 2;
  const NEARER = 4;
  let whole = null;
  let view = null;

  const drawn = () => document.getElementById("map");
  const wide = () => whole.w / view.w;
  const within = (value, least, most) => Math.min(Math.max(value, least), most);

  const show = () => {
    const map = drawn();
    const z = wide();
    map.setAttribute("viewBox", [view.x, view.y, view.w, view.h].map((n) => n.toFixed(2)).join(" "));
    map.style.setProperty("--z", z.toFixed(3));
    map.classList.toggle("near", z >= NEAR);
    map.classList.toggle("nearer", z >= NEARER);
    // seen whole, a finger scrolls the page; seen nearer, it moves the map
    map.classList.toggle("held", z > 1.01);
  };
  const move = (x, y) => {
    view.x = within(x, 0, whole.w - view.w);
    view.y = within(y, 0, whole.h - view.h);
    show();
  };
  // (x, y) stays where it is on the screen
  const zoom = (times, x = view.x + view.w / 2, y = view.y + view.h / 2) => {
    const w = within(view.w / times, whole.w / NEAREST, whole.w);
    const share = w / view.w;
    const [left, top] = [x - (x - view.x) * share, y - (y - view.y) * share];
    [view.w, view.h] = [w, view.h * share];
    move(left, top);
  };
  const spot = (event) => {
    const box = drawn().getBoundingClientRect();
    return [
      view.x + ((event.clientX - box.left) / box.width) * view.w,
      view.y + ((event.clientY - box.top) / box.height) * view.h,
    ];
  };

  // ------------------------------------------------------------------------ hands and keys

  const keys = {
    "+": () => zoom(STEP),
    "=": () => zoom(STEP),
    "-": () => zoom(1 / STEP),
    0: () => zoom(1 / NEAREST),
    Home: () => zoom(1 / NEAREST),
    ArrowLeft: () => move(view.x - view.w / 8, view.y),
    ArrowRight: () => move(view.x + view.w / 8, view.y),
    ArrowUp: () => move(view.x, view.y - view.h / 8),
    ArrowDown: () => move(view.x, view.y + view.h / 8),
  };
  const held = new Map();
  let dragged = 0;
  const listen = (map) => {
    map.addEventListener("keydown", (event) => {
      const arrow = event.key.startsWith("Arrow");
      if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      if (arrow && wide() < 1.01) return; // the page scrolls
      event.preventDefault();
      keys[event.key]();
    });
    map.addEventListener(
      "wheel",
      (event) => {
        // a wheel alone scrolls the page; two fingers on a pad are a wheel with this key
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        zoom(Math.exp(-event.deltaY / 200), ...spot(event));
      },
      { passive: false },
    );
    map.addEventListener("pointerdown", (event) => {
      held.set(event.pointerId, event);
      if (held.size === 1) dragged = 0;
    });
    map.addEventListener("pointermove", (event) => {
      const before = held.get(event.pointerId);
      if (!before) return;
      const [x, y] = spot(event);
      const [fromX, fromY] = spot(before);
      if (held.size === 1 && wide() > 1.01) {
        dragged += Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY);
        if (dragged > 4) map.setPointerCapture(event.pointerId);
        move(view.x + fromX - x, view.y + fromY - y);
      } else if (held.size === 2) {
        const other = [...held.values()].find((one) => one.pointerId !== event.pointerId);
        const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
        dragged += 10;
        zoom(apart(event) / Math.max(apart(before), 1), ...spot(other));
      }
      held.set(event.pointerId, event);
    });
    for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
      map.addEventListener(name, (event) => held.delete(event.pointerId));
    }
    map.addEventListener("dragstart", (event) => event.preventDefault());
    map.addEventListener(
      "click",
      (event) => {
        if (dragged > 4) event.preventDefault();
      },
      true,
    );
    // two fingers are ours at any size: the page would be seen nearer instead
    map.addEventListener(
      "touchmove",
      (event) => {
        if (event.touches.length > 1) event.preventDefault();
      },
      { passive: false },
    );
  };

  // ------------------------------------------------------------------------ days

  const links = () => [...document.querySelectorAll("#days a")];
  const turn = async (link) => {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) {
      location.assign(link.href);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const opened = document.getElementById("days").open;
    const focused = document.activeElement && document.activeElement.id;
    document.getElementById("m").replaceWith(document.importNode(page.getElementById("m"), true));
    history.replaceState(null, "", link.href);
    document.getElementById("days").open = opened;
    begin();
    if (focused) document.getElementById(focused).focus({ preventScroll: true });
  };
  const slide = (hand) => {
    const range = hand.querySelector("input");
    const said = hand.querySelector("output");
    // now on the right, as on every line of time
    const all = links().reverse();
    const at = all.findIndex((one) => one.hasAttribute("aria-current"));
    range.value = String(at < 0 ? all.length - 1 : at);
    const tell = () => {
      said.textContent = all[Number(range.value)].textContent;
      range.setAttribute("aria-valuetext", said.textContent);
    };
    tell();
    range.addEventListener("input", tell);
    range.addEventListener("change", () => {
      const link = all[Number(range.value)];
      turn(link).catch(() => location.assign(link.href));
    });
  };

  function begin() {
    const map = drawn();
    const hand = document.getElementById("hand");
    if (!map || !hand) return;
    const [x, y, w, h] = map.getAttribute("viewBox").split(" ").map(Number);
    const same = whole && whole.w === w && whole.h === h;
    whole = { x, y, w, h };
    view = same ? view : { x, y, w, h };
    map.tabIndex = 0;
    map.setAttribute("aria-description", hand.dataset.help);
    hand.hidden = false;
    hand.querySelector("[data-do=in]").addEventListener("click", () => zoom(STEP));
    hand.querySelector("[data-do=out]").addEventListener("click", () => zoom(1 / STEP));
    hand.querySelector("[data-do=all]").addEventListener("click", () => zoom(1 / NEAREST));
    held.clear();
    listen(map);
    slide(hand);
    // seen whole it is drawn already, and to draw it again costs a small phone a quarter second
    if (wide() > 1.01) show();
  }
  begin();
  document.addEventListener("fresh", begin);
})();
