// The structure editor by keyboard: return splits a row, backspace at its start joins it to the one above, Alt and a letter
// tells what it is. Without this module the same is done by the choice "接上一行" and by a line break in a row.

const form = document.querySelector("[data-structure]");
const list = document.querySelector("[data-structure-rows]");
const KEYS = {
  a: "article", p: "line", k: "paragraph", i: "item", m: "subitem", c: "chapter", s: "section", h: "heading", j: "joined",
};
let changed = false;

const rows = () => [...list.querySelectorAll("[data-row]")];
const text = (row) => row.querySelector("textarea");
const kind = (row) => row.querySelector("select[name^='kind-']");

function numberAnew() {
  rows().forEach((row, index) => {
    row.querySelectorAll("[name]").forEach((field) => { field.name = field.name.replace(/-\d+$/, `-${index}`); });
  });
}

function split(row) {
  const field = text(row);
  const at = field.selectionStart;
  const before = field.value.slice(0, at).trimEnd();
  const after = field.value.slice(field.selectionEnd).trimStart();
  if (!before || !after) return;
  const fresh = row.cloneNode(true);
  fresh.removeAttribute("id");
  fresh.classList.remove("has-doubt", "has-error");
  fresh.querySelectorAll("p, .structure-place").forEach((note) => note.remove());
  fresh.querySelectorAll("input").forEach((input) => { input.value = ""; });
  fresh.querySelector("select[name^='depth-']").value = "";
  field.value = before;
  text(fresh).value = after;
  kind(fresh).value = /^[第笫].{1,9}条/.test(after) ? "article" : "line";
  row.after(fresh);
  numberAnew();
  changed = true;
  text(fresh).focus();
  text(fresh).setSelectionRange(0, 0);
}

function join(row) {
  const above = row.previousElementSibling;
  if (!above) return;
  const field = text(above);
  const at = field.value.length;
  field.value += text(row).value;
  row.remove();
  numberAnew();
  changed = true;
  field.focus();
  field.setSelectionRange(at, at);
}

function move(row, step) {
  const all = rows();
  const next = all[all.indexOf(row) + step];
  if (next) text(next).focus();
}

list?.addEventListener("keydown", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row || event.isComposing) return;
  const inText = event.target.tagName === "TEXTAREA";
  if (event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "Enter" && inText && !event.altKey) {
    event.preventDefault();
    split(row);
  } else if (event.key === "Backspace" && inText && event.target.selectionStart === 0 && event.target.selectionEnd === 0) {
    event.preventDefault();
    join(row);
  } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    move(row, event.key === "ArrowUp" ? -1 : 1);
  } else if (event.altKey && KEYS[event.key.toLowerCase()]) {
    event.preventDefault();
    kind(row).value = KEYS[event.key.toLowerCase()];
    changed = true;
  }
});

list?.addEventListener("input", () => { changed = true; });
form?.addEventListener("submit", () => { changed = false; });
window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
