// The tree of organisations: opens what is below when asked, leads a dragged one to the page that asks before it moves.
// Without this module every link leads to a page that does the same.

const tree = document.querySelector("[data-register-tree]");
const status = document.querySelector("[data-register-status]");
const say = (text) => { if (status) status.textContent = text; };

function itemOf(element) {
  return element.closest("li[data-node]");
}

async function fill(item) {
  const address = tree.dataset.children.replace("/0/", `/${item.dataset.node}/`);
  const answer = await fetch(address, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const list = document.createElement("ul");
  list.append(...[...page.body.children].map((child) => document.importNode(child, true)));
  item.append(list);
  return list;
}

async function toggle(item, open) {
  const button = item.querySelector(":scope > .register-row .register-toggle[aria-expanded]");
  if (!button) return;
  const wanted = open ?? button.getAttribute("aria-expanded") !== "true";
  let list = item.querySelector(":scope > ul");
  if (wanted && !list) {
    item.setAttribute("aria-busy", "true");
    try {
      list = await fill(item);
    } catch {
      say(tree.dataset.failed);
      return;
    } finally {
      item.removeAttribute("aria-busy");
    }
  }
  if (list) list.hidden = !wanted;
  button.setAttribute("aria-expanded", String(wanted));
  say("");
}

function visibleNames() {
  return [...tree.querySelectorAll(".register-name")].filter((link) => link.offsetParent !== null);
}

if (tree) {
  tree.addEventListener("click", (event) => {
    const button = event.target.closest(".register-toggle[aria-expanded]");
    if (!button) return;
    event.preventDefault();
    toggle(itemOf(button));
  });

  // Arrow keys on a name: right opens or goes in, left closes or goes out, up and down walk.
  tree.addEventListener("keydown", (event) => {
    const control = event.target.closest(".register-name, .register-toggle[aria-expanded]");
    if (!control || event.altKey || event.ctrlKey || event.metaKey) return;
    const item = itemOf(control);
    const names = visibleNames();
    const here = names.indexOf(item.querySelector(".register-name"));
    const toggleButton = item.querySelector(":scope > .register-row .register-toggle[aria-expanded]");
    const isOpen = toggleButton?.getAttribute("aria-expanded") === "true";
    if (event.key === " " && control === toggleButton) toggle(item);
    else if (event.key === "ArrowDown") names[here + 1]?.focus();
    else if (event.key === "ArrowUp") names[here - 1]?.focus();
    else if (event.key === "ArrowRight" && toggleButton && !isOpen) toggle(item, true);
    else if (event.key === "ArrowRight" && isOpen) names[here + 1]?.focus();
    else if (event.key === "ArrowLeft" && isOpen) toggle(item, false);
    else if (event.key === "ArrowLeft") item.parentElement.closest("li[data-node]")?.querySelector(".register-name").focus();
    else return;
    event.preventDefault();
  });

  let dragged = null;
  const mark = (row) => {
    tree.querySelectorAll(".register-over").forEach((old) => old.classList.remove("register-over"));
    row?.classList.add("register-over");
  };
  const targetOf = (event) => {
    const row = event.target.closest(".register-row");
    if (!dragged || !row || dragged.contains(row)) return null;
    return row;
  };
  tree.addEventListener("dragstart", (event) => {
    const row = event.target.closest(".register-row");
    if (!row || !row.querySelector(".register-move")) {
      event.preventDefault();
      return;
    }
    dragged = itemOf(row);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", row.querySelector(".register-name").textContent);
  });
  tree.addEventListener("dragover", (event) => {
    const row = targetOf(event);
    mark(row);
    if (row) event.preventDefault();
  });
  tree.addEventListener("dragend", () => {
    mark(null);
    dragged = null;
  });
  tree.addEventListener("drop", (event) => {
    const row = targetOf(event);
    if (!row) return;
    event.preventDefault();
    const code = row.querySelector(".register-code").textContent.trim();
    const address = tree.dataset.move.replace("/0/", `/${dragged.dataset.node}/`);
    location.assign(`${address}?to=${encodeURIComponent(code)}`);
  });
}

// A field that asks for an organisation offers what fits while one types.
const places = document.querySelector("[data-suggestions]");
for (const field of document.querySelectorAll("[data-register-places]")) {
  let waiting = 0;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      if (!field.value.trim()) return;
      try {
        const answer = await fetch(`${places.dataset.suggestions}?q=${encodeURIComponent(field.value)}`, { credentials: "same-origin" });
        const { found } = await answer.json();
        places.replaceChildren(
          ...found.map(({ code, label }) => {
            const option = document.createElement("option");
            option.value = code;
            option.label = label;
            return option;
          }),
        );
      } catch {
        places.replaceChildren();
      }
    }, 200);
  });
}
