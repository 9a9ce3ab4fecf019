// Uploads: each with its preview, its progress, a way to cancel and a way to try again. Loaded with the
// first file.

import { upload } from "./upload.js";
import { count } from "./format.js";
import { Queue } from "./queue.js";

const AT_ONCE = 3;
const SHOWN_AFTERWARDS = 4000; // milliseconds that a row stays once all is well

const section = document.querySelector("#uploads");
const list = section.querySelector("ul");
const summary = section.querySelector("p");

// Ends early when the network is back, and with the job where that was cancelled.
function wait(milliseconds, { signal }) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, milliseconds);
    addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}

const queue = new Queue(AT_ONCE, wait);
const done = { added: 0, known: 0, failed: 0 };

function summarise() {
  const parts = [];
  if (queue.size > 0) parts.push(`${count(queue.size)} to go`);
  if (done.added > 0) parts.push(`${done.added} added`);
  if (done.known > 0) parts.push(`${done.known} already there`);
  if (done.failed > 0) parts.push(`${done.failed} not taken`);
  summary.textContent = parts.join(", ");
  section.hidden = list.childElementCount === 0;
  if (section.hidden) done.added = done.known = done.failed = 0;
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

  constructor(file, onAdded) {
    this.file = file;
    this.onAdded = onAdded;
    this.#build();
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

  #show(state, { active = false, failed = false } = {}) {
    this.state.textContent = state;
    this.bar.hidden = this.cancel.hidden = !active;
    this.retry.hidden = this.dismiss.hidden = !failed;
    this.row.classList.toggle("failed", failed);
    summarise();
  }

  async start() {
    this.#controller = new AbortController();
    this.bar.value = 0;
    const finished = queue.add(this);
    this.#show("waiting", { active: true });
    try {
      const image = await finished;
      const known = image.status === 200;
      done[known ? "known" : "added"] += 1;
      this.#show(known ? "already in the gallery" : "added");
      this.onAdded(image);
      setTimeout(() => this.#leave(), SHOWN_AFTERWARDS);
    } catch (error) {
      if (this.signal.aborted) {
        this.#leave();
        return;
      }
      done.failed += 1;
      this.#show(error.message, { failed: true });
    }
  }

  run() {
    return upload(this.file, {
      signal: this.signal,
      onProgress: (part) => {
        this.bar.value = part;
        this.#show(part < 1 ? `${Math.floor(part * 100)} %` : "being checked", { active: true });
      },
    });
  }

  onWait(pause) {
    this.bar.value = 0;
    this.#show(`the network failed; trying again in ${pause / 1000} s`, { active: true });
  }

  #leave() {
    URL.revokeObjectURL(this.preview.src);
    this.row.remove();
    summarise();
  }
}

/** Uploads the files; onAdded gets the image of each that was taken. */
export function add(files, onAdded) {
  for (const file of files) new Upload(file, onAdded);
}

addEventListener("beforeunload", (event) => {
  if (queue.size > 0) event.preventDefault();
});
