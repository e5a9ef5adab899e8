// Reading a text: what a term means, copying, finding, keys, larger type. The page is whole without any of it.

const root = document.documentElement;
const text = document.querySelector(".law-text, .law-single");
for (const element of document.querySelectorAll(".law-js")) element.classList.add("is-ready");

function kept(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(name);
    localStorage.setItem(name, value);
  } catch {
    // Storage is switched off: the choice lasts for this page.
  }
  return null;
}

// --- the contents are folded on a phone -----------------------------------------------------------------------------
const contents = document.querySelector(".law-contents");
if (contents && matchMedia("(max-width: 59.99rem)").matches) contents.open = false;
contents?.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("a") && matchMedia("(max-width: 59.99rem)").matches) contents.open = false;
});

// --- terms: a small window on hover, focus and touch ----------------------------------------------------------------
let shown = null;
let closing = 0;

function closeTerm() {
  if (!shown) return;
  shown.link.removeAttribute("aria-describedby");
  shown.window.remove();
  shown = null;
}

function openTerm(link) {
  clearTimeout(closing);
  if (shown?.link === link) return;
  closeTerm();
  const entry = document.getElementById(link.dataset.term);
  if (!entry) return;
  const bubble = document.createElement("div");
  bubble.className = "law-bubble";
  bubble.id = "law-bubble";
  bubble.setAttribute("role", "tooltip");
  const name = document.createElement("strong");
  name.textContent = entry.querySelector("dt").textContent;
  const meaning = document.createElement("p");
  meaning.textContent = entry.querySelector(".law-definition").textContent;
  bubble.append(name, meaning);
  document.body.append(bubble);
  link.setAttribute("aria-describedby", bubble.id);
  const at = link.getClientRects()[0];
  const width = bubble.offsetWidth;
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8));
  const below = at.bottom + bubble.offsetHeight + 12 < innerHeight || at.top < bubble.offsetHeight + 12;
  bubble.style.left = `${left + scrollX}px`;
  bubble.style.top = `${(below ? at.bottom + 6 : at.top - bubble.offsetHeight - 6) + scrollY}px`;
  bubble.addEventListener("mouseenter", () => clearTimeout(closing));
  bubble.addEventListener("mouseleave", closeSoon);
  shown = { link, window: bubble };
}

function closeSoon() {
  clearTimeout(closing);
  closing = setTimeout(closeTerm, 200);
}

if (text) {
  text.addEventListener("mouseover", (event) => {
    const link = event.target.closest?.("a.law-term");
    if (link) openTerm(link);
  });
  text.addEventListener("mouseout", (event) => {
    if (event.target.closest?.("a.law-term")) closeSoon();
  });
  text.addEventListener("focusin", (event) => {
    const link = event.target.closest?.("a.law-term");
    if (link) openTerm(link);
  });
  text.addEventListener("focusout", closeSoon);
  let touched = null;
  text.addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "mouse" ? null : (event.target.closest?.("a.law-term") ?? null);
  });
  // The first touch explains, the second one follows the link.
  text.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.law-term");
    if (!link || touched !== link) return;
    if (link.dataset.read !== "yes") {
      event.preventDefault();
      link.dataset.read = "yes";
      openTerm(link);
    }
  });
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeTerm();
});
document.addEventListener("pointerdown", (event) => {
  if (shown && !event.target.closest?.("a.law-term, .law-bubble")) closeTerm();
});

// --- copying --------------------------------------------------------------------------------------------------------
async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    const field = document.createElement("textarea");
    field.value = words;
    field.className = "visually-hidden";
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  if (!source) return;
  const words = source instanceof HTMLAnchorElement ? source.href : source.innerText.trim();
  await copy(words);
  const told = document.querySelector("[data-copied]");
  const label = button.textContent;
  if (told) {
    told.textContent = "";
    told.textContent = told.dataset.text;
    button.textContent = told.dataset.text;
    setTimeout(() => {
      button.textContent = label;
    }, 1500);
  }
});

// --- larger type ----------------------------------------------------------------------------------------------------
const larger = document.querySelector("[data-larger]");
if (larger) {
  const show = () => larger.setAttribute("aria-pressed", String(root.dataset.type === "large"));
  larger.addEventListener("click", () => {
    const value = root.dataset.type === "large" ? "" : "large";
    if (value) root.dataset.type = value;
    else delete root.dataset.type;
    kept("type", value);
    show();
  });
  show();
}

// --- finding in the text --------------------------------------------------------------------------------------------
const finder = document.querySelector("[data-find]");
const field = finder?.querySelector("input");
let hits = [];
let place = -1;
const canPaint = typeof Highlight === "function" && CSS.highlights;

function look(words) {
  hits = [];
  place = -1;
  if (canPaint) CSS.highlights.clear();
  if (!words) return;
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  const wanted = words.toLocaleLowerCase();
  // A paragraph may be cut by links: its text nodes are searched as one.
  const blocks = new Map();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const block = node.parentElement.closest("p, h2, h3, td, th, summary, dd, dt");
    if (!block) continue;
    if (!blocks.has(block)) blocks.set(block, []);
    blocks.get(block).push(node);
  }
  for (const nodes of blocks.values()) {
    const whole = nodes.map((node) => node.data).join("").toLocaleLowerCase();
    for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + wanted.length)) {
      const range = document.createRange();
      let before = 0;
      for (const node of nodes) {
        const end = before + node.data.length;
        if (at >= before && at < end) range.setStart(node, at - before);
        if (at + wanted.length > before && at + wanted.length <= end) range.setEnd(node, at + wanted.length - before);
        before = end;
      }
      hits.push(range);
    }
  }
  if (canPaint && hits.length) CSS.highlights.set("law-found", new Highlight(...hits));
}

function step(by) {
  const told = finder.querySelector("output");
  if (!hits.length) {
    told.textContent = field.value.trim() ? finder.dataset.none : "";
    return;
  }
  place = (place + by + hits.length) % hits.length;
  const range = hits[place];
  if (canPaint) CSS.highlights.set("law-here", new Highlight(range));
  const element = range.startContainer.parentElement;
  const fold = element.closest("details");
  if (fold) fold.open = true;
  element.scrollIntoView({ block: "center" });
  told.textContent = finder.dataset.count.replace("{place}", place + 1).replace("{total}", hits.length);
}

if (finder && text) {
  let asked = "";
  const again = () => {
    const words = field.value.trim();
    if (words !== asked) {
      asked = words;
      look(words);
      return true;
    }
    return false;
  };
  field.addEventListener("input", () => {
    if (again()) step(1);
  });
  finder.addEventListener("submit", (event) => {
    event.preventDefault();
    again();
    step(1);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      step(-1);
    }
  });
  finder.querySelector("[data-find-previous]").addEventListener("click", () => step(-1));
}

// --- keys -----------------------------------------------------------------------------------------------------------
const keys = document.querySelector("[data-keys]");
if (keys) {
  keys.checked = kept("law-keys") !== "off";
  keys.addEventListener("change", () => kept("law-keys", keys.checked ? "on" : "off"));
}

function toArticle(by) {
  const articles = [...document.querySelectorAll(".law-article")];
  const here = document.activeElement?.closest?.(".law-article");
  let index = articles.indexOf(here);
  if (index < 0) index = articles.findIndex((one) => one.getBoundingClientRect().bottom > 80) - (by > 0 ? 1 : 0);
  const next = articles[Math.max(0, Math.min(index + by, articles.length - 1))];
  next?.scrollIntoView({ block: "start" });
  next?.querySelector(".law-number a")?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (keys && !keys.checked) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "f" && field) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "j" || event.key === "k") {
    const forward = event.key === "j";
    const change = document.querySelector("[data-changes]");
    if (change) return;
    if (document.querySelector(".law-article")) toArticle(forward ? 1 : -1);
    else document.querySelector(forward ? "a[rel='next']" : "a[rel='prev']")?.click();
  }
});
