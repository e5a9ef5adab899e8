// Suggestions under the search field: links, so that they work like any other; arrow keys move, Escape closes.
// Without this module the field is a plain form.

const field = document.querySelector(".search-box input[type='search']");
const panel = document.querySelector("#search-suggest");
const PAUSE_MILLISECONDS = 120;

if (field && panel) {
  const address = new URL("suggest/", new URL(field.form.action, location.href));
  let timer = 0;
  let asked = "";
  let running = null;

  const close = () => {
    panel.replaceChildren();
    running?.abort();
    asked = "";
  };

  const ask = async () => {
    const typed = field.value.trim();
    if (typed === asked) return;
    if (!typed) return close();
    asked = typed;
    running?.abort();
    running = new AbortController();
    address.search = new URLSearchParams({ q: typed });
    try {
      const response = await fetch(address, { signal: running.signal, headers: { Accept: "text/html" } });
      const text = response.ok ? await response.text() : "";
      if (asked === typed) panel.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.children);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, PAUSE_MILLISECONDS);
  });
  field.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MILLISECONDS);
  });

  field.form.addEventListener("keydown", (event) => {
    const links = [...panel.querySelectorAll("a")];
    if (event.key === "Escape" && links.length) {
      close();
      field.focus();
      event.preventDefault();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.isComposing || !links.length) return;
    const next = links.indexOf(document.activeElement) + step;
    event.preventDefault();
    if (next < 0) field.focus();
    else links[Math.min(next, links.length - 1)].focus();
  });

  document.addEventListener("click", (event) => {
    if (!field.form.contains(event.target)) close();
  });
}
