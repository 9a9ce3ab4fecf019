// Thumbnails that did not come: each is asked for again after a growing pause. Once several have failed in a row, the
// server itself is taken to fail: then one is asked for at a time, and new ones wait until something has come.

const FIRST_PAUSE = 2000; // milliseconds
const LONGEST_PAUSE = 60_000;
const IN_A_ROW = 3;

function pauseAfter(failures) {
  return Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE);
}

/** clock has now(), setTimeout() and clearTimeout(). Pictures are told apart by a key, such as an image's id. */
export class Mender {
  #waiting = new Map(); // key to {load, failures, due}
  #failuresInARow = 0;
  #nextProbe = 0;
  #timer = null;

  constructor(clock) {
    this.clock = clock;
  }

  get isFailing() {
    return this.#failuresInARow >= IN_A_ROW;
  }

  /** Loads a picture: now, by load(), or later where the server fails. loaded() or failed() is to follow each load(). */
  ask(key, load) {
    this.#waiting.set(key, { load, failures: 0, due: this.clock.now() });
    if (this.isFailing) this.#schedule();
    else this.#load(key);
  }

  loaded(key) {
    this.#waiting.delete(key);
    this.#failuresInARow = 0;
    this.#schedule();
  }

  failed(key) {
    const entry = this.#waiting.get(key);
    if (!entry) return;
    entry.failures += 1;
    entry.due = this.clock.now() + pauseAfter(entry.failures);
    this.#failuresInARow += 1;
    if (this.isFailing) this.#nextProbe = this.clock.now() + pauseAfter(this.#failuresInARow - IN_A_ROW + 1);
    this.#schedule();
  }

  /** The picture is not wanted any more. */
  forget(key) {
    this.#waiting.delete(key);
  }

  /** The network is back: everything is due. */
  hurry() {
    this.#failuresInARow = 0;
    for (const entry of this.#waiting.values()) if (entry.failures > 0 && entry.due !== Infinity) entry.due = 0;
    this.#schedule();
  }

  #load(key) {
    const entry = this.#waiting.get(key);
    entry.due = Infinity; // under way
    entry.load();
  }

  #schedule() {
    this.clock.clearTimeout(this.#timer);
    this.#timer = null;
    let due = Infinity;
    for (const entry of this.#waiting.values()) due = Math.min(due, entry.due);
    if (due === Infinity) return;
    if (this.isFailing) due = Math.max(due, this.#nextProbe);
    this.#timer = this.clock.setTimeout(() => this.#tick(), Math.max(0, due - this.clock.now()));
  }

  #tick() {
    const now = this.clock.now();
    const due = [...this.#waiting].filter(([, entry]) => entry.due <= now);
    if (this.isFailing) {
      // The one that has failed least says the most of the server.
      due.sort(([, a], [, b]) => a.failures - b.failures).splice(1);
      this.#nextProbe = now + LONGEST_PAUSE; // unless an answer comes before
    }
    for (const [key] of due) this.#load(key);
    this.#schedule();
  }
}
