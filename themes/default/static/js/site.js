// Improvements of every page; each page works without them.

const root = document.documentElement;

function keep(name, value) {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // Storage is switched off: the choice lasts for this page.
  }
}

/** Sets a look (`look`: light, dark or empty for the system's; `type`: large or empty) and remembers it in this browser. */
function choose(name, value) {
  if (value) root.dataset[name] = value;
  else delete root.dataset[name];
  keep(name, value);
  showChoices();
}

function showChoices() {
  for (const button of document.querySelectorAll("[data-choose]")) {
    const current = root.dataset[button.dataset.choose] ?? "";
    button.setAttribute("aria-pressed", String(current === button.dataset.value));
  }
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  closeMenus(target?.closest("details.menu"));
  const choice = target?.closest("[data-choose]");
  if (choice) choose(choice.dataset.choose, choice.dataset.value);
  if (target?.closest("[data-print]")) window.print();
  const opener = target?.closest("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
  }
  const closer = target?.closest("[data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog")?.close();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  }
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const field = document.querySelector(".search-box input");
    if (field) {
      event.preventDefault();
      field.focus();
    }
  }
});

// A form is sent once: the pressed button shows that it works. A page restored by "back" is usable again.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!event.defaultPrevented && button instanceof HTMLButtonElement && button.form?.method === "post") {
    button.setAttribute("aria-busy", "true");
  }
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy='true']")) button.removeAttribute("aria-busy");
});

// Relative times up to a day; the exact time stays in the title and for screen readers.
const relative = new Intl.RelativeTimeFormat(root.lang || "zh", { numeric: "auto" });
for (const time of document.querySelectorAll("time[data-relative]")) {
  const minutes = Math.round((Date.parse(time.dateTime) - Date.now()) / 60000);
  if (Number.isNaN(minutes) || Math.abs(minutes) >= 1440) continue;
  time.title = time.textContent.trim();
  time.textContent = Math.abs(minutes) < 60 ? relative.format(minutes, "minute") : relative.format(Math.round(minutes / 60), "hour");
}

const summary = document.querySelector(".error-summary");
if (summary) summary.focus();
const current = document.querySelector(".nav [aria-current]");
if (current) {
  const strip = current.closest("ul");
  strip.scrollLeft = current.offsetLeft - strip.clientWidth / 2 + current.offsetWidth / 2;
}
showChoices();
