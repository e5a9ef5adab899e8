// Reports what was really played. The server believes no more than its own clock allows; here we only say it honestly.
const BEACON_SECONDS = 30;
const FASTEST = 2;

function newId() {
  // crypto.randomUUID is missing on plain http, which an intranet may use.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

class Watch {
  constructor(root) {
    this.root = root;
    this.video = root.querySelector("video");
    this.note = root.querySelector("[data-watch-note]");
    this.usual = this.note.textContent;
    this.here = root.querySelector("[data-watch-here]");
    this.csrf = root.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
    this.token = null;
    this.opening = null;
    this.sending = null; // the beacon on its way: sent again unchanged until it is answered
    this.busy = false;
    this.spans = [];
    this.last = null; // where playback stood at the last look, and when
    this.sentAt = 0;
    this.listen();
  }

  listen() {
    const { video } = this;
    video.addEventListener("playing", () => { this.look(true); this.open(); });
    video.addEventListener("timeupdate", () => { this.look(false); this.tick(); });
    video.addEventListener("seeking", () => { this.last = null; });
    video.addEventListener("seeked", () => this.look(true));
    video.addEventListener("pause", () => { this.look(false); this.last = null; this.send(); });
    video.addEventListener("ended", () => { this.reachEnd(); this.send(); });
    video.addEventListener("ratechange", () => {
      if (video.playbackRate > FASTEST) video.playbackRate = FASTEST;
    });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.send(); });
    addEventListener("pagehide", () => this.send());
    addEventListener("online", () => this.send());
    this.here.addEventListener("click", () => {
      this.here.hidden = true;
      this.say(this.usual);
      video.play().catch(() => {});
    });
  }

  // Extends the span being played, unless the position jumped.
  look(begin) {
    const at = this.video.currentTime;
    const when = performance.now() / 1000;
    if (!begin && this.last && !this.video.seeking) {
      const moved = at - this.last.at;
      const allowed = (when - this.last.when) * this.video.playbackRate * 1.2 + 0.5;
      if (moved > 0 && moved <= allowed) this.add(this.last.at, at);
    }
    this.last = { at, when };
  }

  reachEnd() {
    const at = this.last?.at ?? this.spans.at(-1)?.[1] ?? null;
    const end = this.video.duration;
    if (at !== null && end > at && end - at < 1) this.add(at, end);
    this.last = null;
  }

  add(from, to) {
    const open = this.spans.at(-1);
    if (open && Math.abs(open[1] - from) < 0.05) open[1] = to;
    else this.spans.push([from, to]);
  }

  tick() {
    if (performance.now() / 1000 - this.sentAt >= BEACON_SECONDS) this.send();
  }

  async post(address, body) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": this.csrf };
    return fetch(address, { method: "POST", headers, body: JSON.stringify(body), keepalive: true });
  }

  async open() {
    if (this.token || this.opening) return;
    this.opening = this.post(this.root.dataset.open, {});
    try {
      const answer = await this.opening;
      const data = await answer.json();
      if (!answer.ok) { this.say(data.message); return; }
      this.token = data.token;
      this.sentAt = performance.now() / 1000;
      if (data.done) this.finish();
    } catch {
      // Offline: tried again when playback goes on.
    } finally {
      this.opening = null;
    }
  }

  async send() {
    if (this.busy || !this.token) return;
    if (!this.sending) {
      const spans = this.spans.filter(([from, to]) => to > from).map(([from, to]) => [round(from), round(to)]);
      this.spans = [];
      this.sending = { id: newId(), token: this.token, spans, position: round(this.video.currentTime) };
    }
    this.busy = true;
    this.sentAt = performance.now() / 1000;
    try {
      const answer = await this.post(this.root.dataset.beacon, this.sending);
      const data = await answer.json();
      this.sending = null;
      if (answer.ok) {
        this.token = data.token;
        if (data.done) this.finish();
      } else if (data.state === "elsewhere") {
        this.token = null;
        this.video.pause();
        this.here.hidden = false;
        this.say(data.message);
      } else {
        this.say(data.message);
      }
    } catch {
      // Offline, or the server is away: the same beacon goes again at the next chance.
    } finally {
      this.busy = false;
    }
    if (this.spans.length && this.video.ended && !this.sending) this.send();
  }

  finish() {
    document.querySelectorAll("[data-watch-done]").forEach((mark) => { mark.hidden = false; });
    document.querySelectorAll("[data-watch-open]").forEach((mark) => { mark.hidden = true; });
    document.querySelectorAll("[data-watch-next]").forEach((link) => link.classList.add("btn-primary"));
    this.root.dispatchEvent(new CustomEvent("watch:done", { bubbles: true }));
  }

  say(message) {
    if (message) this.note.textContent = message;
  }
}

const round = (seconds) => Math.round(seconds * 1000) / 1000;

for (const root of document.querySelectorAll("[data-watch][data-open]")) {
  if (root.querySelector("video")) new Watch(root);
}
