// Plays the videos of a page. Each `[data-player]` names the address that tells where its video is (`data-source`); that
// address asks the rights of this reader, so a page from a cache never carries one that is signed. A page made for one
// reader may carry the signed address itself (`data-manifest`).
//
// Sends "linghang:video-position" from the player every ten seconds of playing and at pause, seek, end and leaving:
//   detail = { uid, position, duration, ended, played: [[from, to], …] }   (seconds; `played` are distinct stretches)
// Hears "linghang:video-seek" on the player: detail = { position }.

const REPORT_EVERY_MS = 10_000;
const POLL_EVERY_MS = 4_000;
const RENEWALS = 3;
const STEP_SECONDS = { ArrowLeft: -5, ArrowRight: 5, j: -10, l: 10 };

class Player {
  constructor(figure) {
    this.figure = figure;
    this.video = figure.querySelector("video");
    this.wait = figure.querySelector("[data-wait]");
    this.problem = figure.querySelector("[data-problem]");
    this.start = Number(figure.dataset.start) || 0;
    this.renewals = 0;
    this.hls = null;
    this.listen();
    const { manifest, poster } = figure.dataset;
    if (manifest) this.open({ manifest, poster }, this.start, false);
    else this.load();
  }

  listen() {
    const { video, figure } = this;
    for (const name of ["pause", "seeked", "ended"]) video.addEventListener(name, () => this.report());
    video.addEventListener("play", () => {
      if (this.waiting) this.hls?.startLoad(this.from || -1);
      this.waiting = false;
    });
    video.addEventListener("playing", () => {
      this.renewals = 0;
      this.show("ready");
      this.timer ??= setInterval(() => video.paused || this.report(), REPORT_EVERY_MS);
    });
    window.addEventListener("pagehide", () => this.report());
    figure.addEventListener("keydown", (event) => this.key(event));
    figure.addEventListener("linghang:video-seek", (event) => {
      video.currentTime = Number(event.detail?.position) || 0;
    });
    this.problem.querySelector("button").addEventListener("click", () => {
      this.renewals = 0;
      this.load(video.currentTime || this.start, true);
    });
  }

  /** Asks where the video is, then plays it from `position`; asks again later while it is being made. */
  async load(position = this.start, resume = false) {
    if (!this.figure.dataset.source) return this.fail("expired");
    let answer;
    try {
      const response = await fetch(this.figure.dataset.source, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (response.status === 404 || response.status === 403) return this.fail("gone");
      if (!response.ok) return this.fail("network");
      answer = await response.json();
    } catch {
      return this.fail("network");
    }
    if (answer.manifest) return this.open(answer, position, resume);
    if (answer.state === "failed") return this.fail("failed");
    this.progress(answer);
    setTimeout(() => this.load(position, resume), POLL_EVERY_MS);
  }

  async open({ manifest, poster, width, height }, position, resume) {
    if (poster) this.video.poster = poster;
    if (height > width) this.figure.dataset.shape = "tall";
    this.show("ready");
    const { default: Hls } = await import(this.figure.dataset.hls);
    resume ||= !this.video.paused; // "play" was pressed before there was anything to play
    if (Hls.isSupported()) this.openWith(Hls, manifest, position, resume);
    else if (this.video.canPlayType("application/vnd.apple.mpegurl")) this.openNative(manifest, position);
    else return this.fail("unsupported");
    if (resume) this.video.play().catch(() => {});
  }

  openWith(Hls, manifest, position, resume) {
    this.hls?.destroy();
    // The sound needs no worker; loading begins with the first "play", so a page with videos stays light.
    const hls = new Hls({ autoStartLoad: resume, startPosition: position || -1, enableWorker: false, maxBufferLength: 30 });
    this.hls = hls;
    this.from = position;
    this.waiting = !resume;
    hls.on(Hls.Events.ERROR, (_, data) => {
      if (!data.fatal) return;
      if (data.type === Hls.ErrorTypes.MEDIA_ERROR && !this.recovered) {
        this.recovered = true;
        hls.recoverMediaError();
      } else if (data.type === Hls.ErrorTypes.NETWORK_ERROR) {
        this.renew(data.response?.code);
      } else {
        this.fail("media");
      }
    });
    hls.loadSource(manifest);
    hls.attachMedia(this.video);
  }

  openNative(manifest, position) {
    this.video.src = manifest;
    this.video.addEventListener("loadedmetadata", () => { if (position) this.video.currentTime = position; }, { once: true });
    this.video.addEventListener("error", () => this.renew(this.video.error?.code === 2 ? 403 : 0), { once: true });
  }

  /** The address died or the network failed: take a new one and go on where we were, a few times, then say so. */
  renew(code) {
    const position = this.video.currentTime || this.start;
    const resume = !this.video.paused;
    this.hls?.destroy();
    this.hls = null;
    if (this.renewals >= RENEWALS) return this.fail(code ? "expired" : "network");
    this.renewals += 1;
    setTimeout(() => this.load(position, resume), 500 * this.renewals ** 2);
  }

  progress({ progress, note }) {
    this.show("wait");
    const bar = this.wait.querySelector("progress");
    if (progress > 0) bar.value = progress;
    else bar.removeAttribute("value");
    this.wait.querySelector("[data-percent]").textContent = progress > 0 ? `${progress}%` : "";
    this.wait.querySelector("[data-note]").textContent = note ?? "";
  }

  fail(kind) {
    this.problem.querySelector("[data-sentence]").textContent = this.figure.dataset[`text${kind[0].toUpperCase()}${kind.slice(1)}`];
    this.problem.querySelector("button").hidden = kind === "gone" || kind === "unsupported" || kind === "failed";
    this.show("problem");
  }

  show(part) {
    this.video.hidden = part !== "ready";
    this.wait.hidden = part !== "wait";
    this.problem.hidden = part !== "problem";
    this.figure.dataset.state = part;
  }

  report() {
    const { video } = this;
    if (!video.played.length) return;
    const played = Array.from({ length: video.played.length }, (_, index) => [video.played.start(index), video.played.end(index)]);
    const detail = { uid: this.figure.dataset.player, position: video.currentTime, duration: video.duration || 0, ended: video.ended, played };
    this.figure.dispatchEvent(new CustomEvent("linghang:video-position", { bubbles: true, detail }));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("button")) return;
    const { video } = this;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (name === " " || name === "k") {
      if (video.paused) video.play().catch(() => {});
      else video.pause();
    } else if (name in STEP_SECONDS) video.currentTime = Math.max(0, video.currentTime + STEP_SECONDS[name]);
    else if (name === "ArrowUp") video.volume = Math.min(1, video.volume + 0.1);
    else if (name === "ArrowDown") video.volume = Math.max(0, video.volume - 0.1);
    else if (name === "m") video.muted = !video.muted;
    else if (name === "f") {
      if (document.fullscreenElement) document.exitFullscreen();
      else this.video.requestFullscreen?.();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

const known = new WeakSet();

function find() {
  for (const figure of document.querySelectorAll("[data-player]")) {
    if (known.has(figure)) continue;
    known.add(figure);
    new Player(figure);
  }
}

find();
document.addEventListener("htmx:afterSwap", find);
document.addEventListener("htmx:after:swap", find);
