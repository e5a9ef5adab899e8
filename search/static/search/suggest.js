// Suggestions under the search field: a combobox with a list of options. The focus stays in the field; arrow keys choose, Enter
// opens what is chosen or sends the query, Escape closes. Without this module the field is a plain form.

const field = document.querySelector(".search-box input[type='search']");
const panel = document.querySelector("#search-suggest");
const PAUSE_MILLISECONDS = 120;

if (field && panel) {
  const address = new URL("suggest/", new URL(field.form.action, location.href));
  const status = document.createElement("span");
  let timer = 0;
  let asked = "";
  let running = null;
  let chosen = -1;

  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  field.form.append(status);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-haspopup", "listbox");
  field.setAttribute("aria-controls", panel.id);
  field.setAttribute("aria-expanded", "false");

  const options = () => [...panel.querySelectorAll("[role='option']")];

  const choose = (number) => {
    chosen = number;
    options().forEach((option, place) => option.setAttribute("aria-selected", String(place === number)));
    if (number < 0) return field.removeAttribute("aria-activedescendant");
    const option = options()[number];
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const show = (children) => {
    panel.replaceChildren(...children);
    const list = panel.querySelector("[role='listbox']");
    field.setAttribute("aria-expanded", String(Boolean(list)));
    status.textContent = list?.dataset.status ?? "";
    choose(-1);
  };

  const close = () => {
    clearTimeout(timer);
    running?.abort();
    asked = "";
    show([]);
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
      if (asked === typed) show(new DOMParser().parseFromString(text, "text/html").body.children);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MILLISECONDS);
  };

  field.addEventListener("input", (event) => {
    if (!event.isComposing) later();
  });
  field.addEventListener("compositionend", later);

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const many = options().length;
    if (event.key === "Escape" && many) {
      close();
      event.preventDefault();
    } else if (event.key === "ArrowDown" && !many) {
      ask();
    } else if (["ArrowDown", "ArrowUp"].includes(event.key) && many) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(((chosen + 1 + step + many + 1) % (many + 1)) - 1);
      event.preventDefault();
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(options()[chosen].dataset.url);
    } else if (event.key === "Tab") {
      close();
    }
  });

  panel.addEventListener("mousedown", (event) => event.preventDefault());
  panel.addEventListener("click", (event) => {
    const option = event.target.closest("[role='option']");
    if (option) location.assign(option.dataset.url);
  });
  document.addEventListener("click", (event) => {
    if (!field.form.contains(event.target)) close();
  });
}
