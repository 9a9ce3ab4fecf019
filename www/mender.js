// Requests a thumbnail again that failed to load, after a pause that grows. If several fail in a row, the fault is taken to
// be the server's: then one thumbnail is requested at a time, and new ones wait until one has loaded.

const FIRST_PAUSE = 2000; // milliseconds
const LONGEST_PAUSE = 60_000;
const IN_A_ROW = 3;

/**
 * The clock, so that tests need not wait.
 *
 * @typedef {object} Clock
 * @property {() => number} now in milliseconds
 * @property {(run: () => void, milliseconds: number) => number} setTimeout
 * @property {(timer: number | undefined) => void} clearTimeout
 */

/** @type {Clock} the browser's own */
export const CLOCK = {
  now: () => Date.now(),
  setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer),
};

/** @param {number} failures */
function pauseAfter(failures) {
  return Math.min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE);
}

/** Each picture has a key, such as an image's id. */
export class Mender {
  /** @type {Map<string, {load: () => void, failures: number, due: number}>} */
  #waiting = new Map();
  #failuresInARow = 0;
  #nextProbe = 0;
  /** @type {number | undefined} */
  #timer;

  /** @param {Clock} clock */
  constructor(clock) {
    this.clock = clock;
  }

  get isFailing() {
    return this.#failuresInARow >= IN_A_ROW;
  }

  /**
   * Loads a picture by load(): now, or later if the server fails. The caller reports each load() by loaded() or failed().
   *
   * @param {string} key
   * @param {() => void} load
   */
  ask(key, load) {
    this.#waiting.set(key, { load, failures: 0, due: this.clock.now() });
    if (this.isFailing) this.#schedule();
    else this.#load(key);
  }

  /** @param {string} key */
  loaded(key) {
    this.#waiting.delete(key);
    this.#failuresInARow = 0;
    this.#schedule();
  }

  /**
   * @param {string} key
   * @param {() => void} [load] of a picture that was not loaded by ask()
   */
  failed(key, load) {
    if (load && !this.#waiting.has(key)) this.#waiting.set(key, { load, failures: 0, due: Infinity });
    const entry = this.#waiting.get(key);
    if (!entry) return;
    entry.failures += 1;
    entry.due = this.clock.now() + pauseAfter(entry.failures);
    this.#failuresInARow += 1;
    if (this.isFailing) this.#nextProbe = this.clock.now() + pauseAfter(this.#failuresInARow - IN_A_ROW + 1);
    this.#schedule();
  }

  /**
   * Stops loading a picture.
   *
   * @param {string} key
   */
  forget(key) {
    this.#waiting.delete(key);
  }

  /** Loads all failed pictures now, as the network is back. */
  hurry() {
    this.#failuresInARow = 0;
    for (const entry of this.#waiting.values()) if (entry.failures > 0 && entry.due !== Infinity) entry.due = 0;
    this.#schedule();
  }

  /** @param {string} key */
  #load(key) {
    const entry = this.#waiting.get(key);
    if (!entry) return;
    entry.due = Infinity; // being loaded
    entry.load();
  }

  #schedule() {
    this.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
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
      // The picture that has failed least says most about the server.
      due.sort(([, a], [, b]) => a.failures - b.failures).splice(1);
      this.#nextProbe = now + LONGEST_PAUSE; // unless it loads or fails before
    }
    for (const [key] of due) this.#load(key);
    this.#schedule();
  }
}
