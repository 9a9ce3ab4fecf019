// Uploads: each with its preview, its progress, a way to cancel and a way to try again.

import { Interrupted } from "./api.js";
import { count } from "./format.js";
import { partOf } from "./lazy.js";

const [{ Queue }, { upload }] = await Promise.all([
  import(partOf(import.meta.url, "./queue.js")),
  import(partOf(import.meta.url, "./upload_request.js")),
]);

const AT_ONCE = 3;
const SHOWN_AFTERWARDS = 4000; // milliseconds that a row stays once all is well

const section = document.querySelector("#uploads");
const list = section.querySelector("ul");
const summary = section.querySelector("p");

// Ends early when the network is back, and with the job where that was cancelled. Without a job, a busy server has
// said how long, and nothing shortens that.
function wait(milliseconds, job) {
  return new Promise((resolve, reject) => {
    const signal = job?.signal;
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal?.removeEventListener("abort", end);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, milliseconds);
    if (job) addEventListener("online", end);
    signal?.addEventListener("abort", end);
  });
}

const uploads = new Set(); // those with a row
const queue = new Queue(AT_ONCE, wait, onHold);
let goesOn = 0; // when a busy server may be asked again, by the clock of Date
let ticking = 0;

function summarise() {
  const counts = { added: 0, known: 0, failed: 0, ...finished };
  for (const { outcome } of uploads) if (outcome) counts[outcome] += 1;
  const parts = [];
  if (queue.size > 0) parts.push(`${count(queue.size)} to go`);
  if (counts.added > 0) parts.push(`${counts.added} added`);
  if (counts.known > 0) parts.push(`${counts.known} already there`);
  if (counts.failed > 0) parts.push(`${counts.failed} not taken`);
  if (queue.isHeld) parts.push(`the server is busy, going on in ${Math.max(1, Math.ceil((goesOn - Date.now()) / 1000))} s`);
  summary.textContent = parts.join(", ");
  section.hidden = uploads.size === 0;
  if (section.hidden) finished.added = finished.known = 0;
}

const finished = { added: 0, known: 0 }; // whose rows are gone, since the list was empty

function onHold(pause) {
  goesOn = Date.now() + pause;
  for (const one of uploads) one.onHold();
  clearInterval(ticking);
  ticking = setInterval(() => {
    summarise();
    if (!queue.isHeld) clearInterval(ticking);
  }, 1000);
  summarise();
}

function makeButton(label, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", action);
  return button;
}

// One file: its row in the list, and what is done with it.
class Upload {
  #controller = new AbortController();
  outcome = null; // added, known or failed; null while it is under way
  wasInterrupted = false; // failed by the network, not by the server's word

  constructor(file, onAdded) {
    this.file = file;
    this.onAdded = onAdded;
    this.#build();
    uploads.add(this);
    this.start();
  }

  get signal() {
    return this.#controller.signal;
  }

  #build() {
    this.row = document.createElement("li");
    this.preview = document.createElement("img");
    this.bar = document.createElement("progress");
    this.state = document.createElement("span");
    this.cancel = makeButton("Cancel", () => this.#controller.abort(new Error("Cancelled.")));
    this.retry = makeButton("Try again", () => this.start());
    this.dismiss = makeButton("Dismiss", () => this.#leave());
    const name = document.createElement("span");
    name.className = "name";
    name.textContent = this.file.name;
    this.state.className = "state";
    this.preview.alt = "";
    // HEIC and TIFF, where the browser shows neither.
    this.preview.addEventListener("error", () => this.preview.classList.add("unseen"));
    this.preview.src = URL.createObjectURL(this.file);
    this.bar.max = 1;
    this.bar.setAttribute("aria-label", `Upload of ${this.file.name}`);
    this.row.append(this.preview, name, this.state, this.bar, this.cancel, this.retry, this.dismiss);
    list.append(this.row);
  }

  #show(state) {
    const failed = this.outcome === "failed";
    this.state.textContent = state;
    this.bar.hidden = this.cancel.hidden = this.outcome !== null;
    this.retry.hidden = this.dismiss.hidden = !failed;
    this.row.classList.toggle("failed", failed);
    summarise();
  }

  async start() {
    this.#controller = new AbortController();
    this.outcome = null;
    this.bar.value = 0;
    const result = queue.add(this);
    this.#show("waiting");
    try {
      const image = await result;
      this.outcome = image.status === 200 ? "known" : "added";
      this.#show(this.outcome === "known" ? "already in the gallery" : "added");
      setTimeout(() => this.#leave(), SHOWN_AFTERWARDS);
      this.onAdded(image);
    } catch (error) {
      if (this.signal.aborted) {
        this.#leave();
        return;
      }
      this.outcome = "failed";
      this.wasInterrupted = error instanceof Interrupted;
      this.#show(error.message);
    }
  }

  run() {
    return upload(this.file, {
      signal: this.signal,
      onProgress: (part) => {
        this.bar.value = part;
        this.#show(part < 1 ? `${Math.floor(part * 100)} %` : "being checked");
      },
    });
  }

  onWait(pause) {
    this.bar.value = 0;
    this.#show(`the network failed; trying again in ${pause / 1000} s`);
  }

  onHold() {
    if (this.outcome !== null || this.bar.value > 0 && this.bar.value < 1) return; // one still on its way
    this.bar.value = 0;
    this.#show("waiting for the server");
  }

  #leave() {
    if (!uploads.delete(this)) return;
    if (this.outcome in finished) finished[this.outcome] += 1;
    URL.revokeObjectURL(this.preview.src);
    this.row.remove();
    summarise();
  }
}

/** Uploads the files; onAdded gets the image of each that was taken. */
export function add(files, onAdded) {
  for (const file of files) new Upload(file, onAdded);
}

addEventListener("online", () => {
  for (const one of uploads) if (one.outcome === "failed" && one.wasInterrupted) one.start();
});
addEventListener("beforeunload", (event) => {
  if (queue.size > 0) event.preventDefault();
});
