// Dragging cards, besides the buttons that work without it. The new order is sent when a card is dropped.

const page = document.querySelector("[data-arrange]");
const token = page?.querySelector("[name=csrfmiddlewaretoken]")?.value;
let dragged = null;

function rows(list) {
  return [...list.querySelectorAll("[data-key]")];
}

async function send() {
  const data = new FormData();
  data.append("did", "order");
  for (const row of page.querySelectorAll("[data-key]")) data.append("key", row.dataset.key);
  const answer = await fetch(page.dataset.arrange, { method: "POST", body: data, headers: { "X-CSRFToken": token } });
  // The buttons at both ends differ, so the page is read anew; a refused order shows as the old one.
  if (answer.ok || answer.status === 404) window.location.assign(window.location.pathname);
}

function over(event) {
  const row = event.target instanceof Element ? event.target.closest("[data-key]") : null;
  if (!dragged || !row || row === dragged || row.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const box = row.getBoundingClientRect();
  const below = event.clientY > box.top + box.height / 2;
  row.parentElement.insertBefore(dragged, below ? row.nextSibling : row);
}

for (const list of page?.querySelectorAll("ol.arrange-list") ?? []) {
  for (const row of rows(list)) {
    row.draggable = true;
    row.addEventListener("dragstart", (event) => {
      dragged = row;
      row.classList.add("is-dragged");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", row.dataset.key);
    });
    row.addEventListener("dragend", () => {
      row.classList.remove("is-dragged");
      dragged = null;
    });
  }
  list.addEventListener("dragover", over);
  list.addEventListener("drop", (event) => {
    event.preventDefault();
    send();
  });
}
