// Checks a rule and runs its examples while it is being written: what the button does, a moment
// after the last key. What is typed is never touched, only what is said about it.
(() => {
  "use strict";

  const PAUSE_MS = 600;
  const form = document.getElementById("rule");
  let timer = 0;
  let asked = null;

  const put = (page) => {
    for (const part of document.querySelectorAll("[data-part]")) {
      const next = page.querySelector(`[data-part="${part.dataset.part}"]`);
      if (next && next.innerHTML !== part.innerHTML) {
        part.replaceChildren(...document.importNode(next, true).childNodes);
      }
    }
    for (const field of form.querySelectorAll("input[id],textarea[id]")) {
      const next = page.getElementById(field.id);
      for (const name of ["aria-invalid", "aria-describedby"]) {
        const value = next && next.getAttribute(name);
        if (value) field.setAttribute(name, value);
        else field.removeAttribute(name);
      }
    }
  };

  const check = async () => {
    if (asked) asked.abort();
    asked = new AbortController();
    const body = new URLSearchParams(new FormData(form));
    body.set("do", "check");
    const answer = await fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "text/html" },
      redirect: "manual",
      signal: asked.signal,
    });
    // a fault in the rule is an answer, too; anything else the button will say
    if (!answer.ok && answer.status !== 422) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.getElementById("rule")) put(page);
  };

  form.addEventListener("input", (event) => {
    if (event.target.name === "days") return;
    clearTimeout(timer);
    timer = setTimeout(() => check().catch(() => null), PAUSE_MS);
  });
})();
