// Going from change to change in a comparison, by buttons and by keys (n, p). The page is whole without it.

const rows = [...document.querySelectorAll("[data-changed]")];
const tools = document.querySelector("[data-changes]");
const told = tools?.querySelector("output");
let place = -1;

function go(by) {
  if (!rows.length) return;
  place = place < 0 ? nearest(by) : (place + by + rows.length) % rows.length;
  for (const row of document.querySelectorAll(".law-pair.is-here")) row.classList.remove("is-here");
  const row = rows[place];
  row.classList.add("is-here");
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "center" });
  told.textContent = tools.dataset.count.replace("{place}", place + 1).replace("{total}", rows.length);
}

function nearest(by) {
  const below = rows.findIndex((row) => row.getBoundingClientRect().top > 60);
  if (below < 0) return by > 0 ? 0 : rows.length - 1;
  return by > 0 ? below : (below - 1 + rows.length) % rows.length;
}

if (tools && rows.length) {
  tools.classList.add("is-ready");
  tools.querySelector("[data-next]").addEventListener("click", () => go(1));
  tools.querySelector("[data-previous]").addEventListener("click", () => go(-1));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "n") go(1);
    else if (event.key === "p") go(-1);
  });
}
