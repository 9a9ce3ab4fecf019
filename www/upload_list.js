// The list of uploads: each has a row with a preview, its progress, and buttons to cancel it and to try again.

import { Interrupted } from "./api.js";
import { element } from "./elements.js";
import { count } from "./format.js";
import { loadStyle, partOf } from "./lazy.js";

const [{ Queue }, { upload }] = await Promise.all([
  /** @type {Promise<typeof import("./queue.js")>} */ (import(partOf(import.meta.url, "./queue.js"))),
  /** @type {Promise<typeof import("./upload_request.js")>} */ (import(partOf(import.meta.url, "./upload_request.js"))),
  loadStyle("/uploads.css"),
]);

/** @import { UploadedImage } from "./api.js" */
/** @import { Job } from "./queue.js" */

const AT_ONCE = 3;
const SHOWN_AFTERWARDS = 4000; // milliseconds that the row of a successful upload stays

const section = element("#uploads", HTMLElement);
const list = element("ul", HTMLUListElement, section);
const summary = element("p", HTMLElement, section);

/**
 * Waits until a job may go on: it ends early when the network is back, and rejects when the job is cancelled. Without a
 * job, a busy server has asked for the pause, and nothing shortens it.
 *
 * @param {number} milliseconds
 * @param {Job<UploadedImage>} [job]
 * @returns {Promise<void>}
 */
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

/** @type {Set<Upload>} those with a row */
const uploads = new Set();
/** @type {import("./queue.js").Queue<UploadedImage>} */
const queue = new Queue(AT_ONCE, wait, onHold);
let resumesAt = 0; // the time at which a busy server may be asked again, by Date.now()
let ticking = 0;

function summarise() {
  const counts = { ...finished };
  for (const { outcome } of uploads) if (outcome) counts[outcome] += 1;
  const parts = [];
  if (queue.size > 0) parts.push(`${count(queue.size)} to go`);
  if (counts.added > 0) parts.push(`${counts.added} added`);
  if (counts.known > 0) parts.push(`${counts.known} already in the gallery`);
  if (counts.failed > 0) parts.push(`${counts.failed} failed`);
  if (queue.isHeld) parts.push(`the server is busy, continuing in ${Math.max(1, Math.ceil((resumesAt - Date.now()) / 1000))} s`);
  summary.textContent = parts.join(", ");
  section.hidden = uploads.size === 0;
  if (section.hidden) finished.added = finished.known = 0;
}

// Uploads whose rows have disappeared, counted since the list was empty. Failed ones keep their rows until they are
// dismissed.
const finished = { added: 0, known: 0, failed: 0 };

/** @param {number} pause */
function onHold(pause) {
  resumesAt = Date.now() + pause;
  for (const one of uploads) one.onHold();
  clearInterval(ticking);
  ticking = setInterval(() => {
    summarise();
    if (!queue.isHeld) clearInterval(ticking);
  }, 1000);
  summarise();
}

/**
 * @param {string} label
 * @param {() => void} action
 */
function makeButton(label, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", action);
  return button;
}

/** One file: its row in the list, and its job in the queue. */
class Upload {
  #controller = new AbortController();
  /** @type {"added" | "known" | "failed" | null} null until it is finished */
  outcome = null;
  /** Whether it failed because of the network: then it is tried again when the network is back. */
  wasInterrupted = false;
  row = document.createElement("li");
  preview = document.createElement("img");
  bar = document.createElement("progress");
  state = document.createElement("span");
  cancel = makeButton("Cancel", () => this.#controller.abort(new Error("Cancelled.")));
  retry = makeButton("Try again", () => this.start());
  dismiss = makeButton("Dismiss", () => this.#leave());

  /**
   * @param {File} file
   * @param {(image: UploadedImage) => void} onAdded
   */
  constructor(file, onAdded) {
    this.file = file;
    this.onAdded = onAdded;
    this.#fillRow();
    uploads.add(this);
    this.start();
  }

  get signal() {
    return this.#controller.signal;
  }

  #fillRow() {
    const name = document.createElement("span");
    name.className = "name";
    name.textContent = this.file.name;
    this.state.className = "state";
    this.preview.alt = "";
    // Many browsers cannot show HEIC or TIFF.
    this.preview.addEventListener("error", () => this.preview.classList.add("unseen"));
    this.preview.src = URL.createObjectURL(this.file);
    this.bar.max = 1;
    this.bar.setAttribute("aria-label", `Upload of ${this.file.name}`);
    this.row.append(this.preview, name, this.state, this.bar, this.cancel, this.retry, this.dismiss);
    list.append(this.row);
  }

  /** @param {string} state */
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

  /** What the queue runs. */
  run() {
    return upload(this.file, {
      signal: this.signal,
      onProgress: (part) => {
        this.bar.value = part;
        this.#show(part < 1 ? `${Math.floor(part * 100)} %` : "processing");
      },
    });
  }

  /** @param {number} pause */
  onWait(pause) {
    this.bar.value = 0;
    this.#show(`the network failed; trying again in ${pause / 1000} s`);
  }

  onHold() {
    const isBeingSent = this.bar.value > 0 && this.bar.value < 1;
    if (this.outcome !== null || isBeingSent) return;
    this.bar.value = 0;
    this.#show("waiting for the server");
  }

  #leave() {
    if (!uploads.delete(this)) return;
    if (this.outcome === "added" || this.outcome === "known") finished[this.outcome] += 1;
    URL.revokeObjectURL(this.preview.src);
    this.row.remove();
    summarise();
  }
}

/**
 * Uploads files.
 *
 * @param {File[]} files
 * @param {(image: UploadedImage) => void} onAdded is called for each file that the gallery accepted or has already
 */
export function add(files, onAdded) {
  for (const file of files) new Upload(file, onAdded);
}

addEventListener("online", () => {
  for (const one of uploads) if (one.outcome === "failed" && one.wasInterrupted) one.start();
});
addEventListener("beforeunload", (event) => {
  if (queue.size > 0) event.preventDefault();
});
