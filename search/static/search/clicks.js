// Reports which hit was opened, without saying who opened it. Nothing depends on it.

const list = document.querySelector("[data-clicks]");

list?.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-hit]");
  if (!link) return;
  navigator.sendBeacon(list.dataset.clicksTo, new URLSearchParams({ shown: list.dataset.clicks, hit: link.dataset.hit }));
});
