// Videos in the administration: renews the state of what is being processed, and shows how far an upload is.
(() => {
  const POLL_EVERY_MS = 3000;

  async function renew(place) {
    try {
      const response = await fetch(place.dataset.videoState, { credentials: "same-origin", cache: "no-store" });
      if (!response.ok) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.querySelector("[data-video-state]");
      if (!fresh) return;
      const settled = !("live" in fresh.dataset);
      place.replaceWith(document.importNode(fresh, true));
      // On the page of one video the buttons and the player depend on the outcome.
      if (settled && document.querySelector("form[data-edit-form]")) location.reload();
    } catch {
      // The server is away for a moment: asked again next time.
    }
  }

  setInterval(() => {
    if (!document.hidden) document.querySelectorAll("[data-video-state][data-live]").forEach(renew);
  }, POLL_EVERY_MS);

  function showUpload(form) {
    const input = form.querySelector('input[type="file"][name="file"]');
    if (!input) return;
    const bar = document.createElement("progress");
    const line = document.createElement("p");
    bar.max = 100;
    bar.hidden = line.hidden = true;
    line.setAttribute("role", "status");
    input.after(bar, line);
    form.addEventListener("submit", (event) => {
      if (!input.files.length || !form.checkValidity()) return;
      event.preventDefault();
      const request = new XMLHttpRequest();
      bar.hidden = line.hidden = false;
      request.upload.addEventListener("progress", (step) => {
        if (!step.lengthComputable) return;
        bar.value = (step.loaded / step.total) * 100;
        line.textContent = `${Math.floor(bar.value)}%`;
      });
      request.addEventListener("load", () => {
        window.dispatchEvent(new Event("w-unsaved:clear"));
        if (request.status < 400 && new URL(request.responseURL).pathname !== location.pathname) {
          location.assign(request.responseURL);
          return;
        }
        document.open();
        document.write(request.responseText);
        document.close();
      });
      request.addEventListener("error", () => {
        bar.hidden = true;
        line.textContent = input.dataset.uploadBroken;
        form.querySelectorAll("button[type=submit]").forEach((button) => { button.disabled = false; });
      });
      request.open("POST", form.action || location.href);
      request.send(new FormData(form));
    });
  }

  document.querySelectorAll("form[data-edit-form]").forEach(showUpload);
})();
