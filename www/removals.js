// Deletions. Each waits some seconds, in which it can be undone, and is then sent until the server has answered. They are
// kept in the browser's storage: the next page sends those that a closed page did not get through, and other tabs learn
// of them.

import { Busy, Interrupted } from "./api.js";
import { LEAVING } from "./storage.js";

/** @import { Clock } from "./mender.js" */
/** @import { Keeper } from "./storage.js" */

/**
 * What deletions need, and whom they tell.
 *
 * @typedef {object} Surroundings
 * @property {(id: string, keepalive: boolean) => Promise<void>} remove asks the server, as api.remove() does
 * @property {Pick<Keeper, "read" | "write" | "erase" | "keys">} keeper
 * @property {Clock} clock
 * @property {(id: string) => void} onHide the image must not be shown
 * @property {(id: string) => void} onReveal the image can be shown again
 * @property {(id: string) => void} onGone the server has deleted the image
 * @property {(id: string, error: Error) => void} onDelayed the server could not be reached or is busy; it is asked again
 * @property {(id: string, error: Error) => void} onRefused the server has refused to delete the image
 */

/** @typedef {{timer: number, sending: boolean, delayed: boolean}} Entry */

const GONE = "gone"; // written instead of the time once the server has deleted the image, for other tabs
const PAUSE = 10_000; // milliseconds until an interrupted deletion is sent again
const GRACE = 2000; // milliseconds until a deletion that another tab should have sent is sent here

export class Removals {
  /** @type {Map<string, Entry>} by the image's id */
  #pending = new Map();

  /** @param {Surroundings} surroundings */
  constructor({ remove, keeper, clock, onHide, onReveal, onGone, onDelayed, onRefused }) {
    this.remove = remove;
    this.keeper = keeper;
    this.clock = clock;
    this.onHide = onHide;
    this.onReveal = onReveal;
    this.onGone = onGone;
    this.onDelayed = onDelayed;
    this.onRefused = onRefused;
  }

  /** Continues the deletions that earlier pages left or that other tabs have begun. */
  resume() {
    for (const key of this.keeper.keys(LEAVING)) this.#follow(key.slice(LEAVING.length), this.keeper.read(key));
  }

  /** @param {string} id */
  has(id) {
    return this.#pending.has(id);
  }

  /**
   * Hides the image now and deletes it later.
   *
   * @param {string} id
   * @param {number} wait in milliseconds
   */
  begin(id, wait) {
    this.keeper.write(LEAVING + id, String(this.clock.now() + wait));
    this.#schedule(id, wait);
  }

  /**
   * Undoes a deletion. Returns false if it is too late.
   *
   * @param {string} id
   */
  undo(id) {
    const entry = this.#pending.get(id);
    if (!entry || entry.sending) return false;
    this.#end(id);
    this.keeper.erase(LEAVING + id);
    this.onReveal(id);
    return true;
  }

  /** Sends all deletions now, as the page is being closed. */
  flush() {
    for (const id of this.#pending.keys()) {
      this.keeper.write(LEAVING + id, "0"); // the next page sends it at once, unless this page gets an answer
      this.#send(id, true);
    }
  }

  /** Sends interrupted deletions again, as the network is back. */
  retry() {
    for (const [id, { delayed }] of this.#pending) if (delayed) this.#send(id);
  }

  /**
   * Takes a change that another tab has made to the storage.
   *
   * @param {string | null} key null if all keys were erased
   * @param {string | null} value null if it was erased
   */
  heard(key, value) {
    if (key?.startsWith(LEAVING)) this.#follow(key.slice(LEAVING.length), value);
  }

  /**
   * @param {string} id
   * @param {string | null} value
   */
  #follow(id, value) {
    if (value === GONE) {
      this.#end(id);
      this.keeper.erase(LEAVING + id);
      this.onGone(id);
    } else if (value !== null) {
      const wait = Number(value) - this.clock.now();
      this.#schedule(id, wait > 0 ? wait + GRACE : 0);
    } else if (this.#pending.has(id)) {
      this.#end(id);
      this.onReveal(id);
    }
  }

  /**
   * @param {string} id
   * @param {number} wait
   */
  #schedule(id, wait) {
    this.#end(id);
    this.#pending.set(id, { timer: this.clock.setTimeout(() => this.#due(id), wait), sending: false, delayed: false });
    this.onHide(id);
  }

  /**
   * Sends a deletion, unless another tab has undone or sent it.
   *
   * @param {string} id
   */
  #due(id) {
    if (this.keeper.read(LEAVING + id) === null) this.#follow(id, null);
    else this.#send(id);
  }

  /**
   * @param {string} id
   * @param {boolean} [keepalive]
   */
  async #send(id, keepalive = false) {
    const entry = this.#pending.get(id);
    if (!entry || (entry.sending && !keepalive)) return;
    this.clock.clearTimeout(entry.timer);
    entry.sending = true;
    try {
      await this.remove(id, keepalive);
    } catch (error) {
      entry.sending = false;
      if (this.#pending.get(id) === entry) this.#failed(id, entry, error);
      return;
    }
    this.#end(id);
    this.keeper.write(LEAVING + id, GONE);
    this.keeper.erase(LEAVING + id);
    this.onGone(id);
  }

  /**
   * @param {string} id
   * @param {Entry} entry
   * @param {Error} error
   */
  #failed(id, entry, error) {
    if (error instanceof Interrupted || error instanceof Busy) {
      if (!entry.delayed) this.onDelayed(id, error);
      entry.delayed = true;
      entry.timer = this.clock.setTimeout(() => this.#due(id), error instanceof Busy ? error.pause : PAUSE);
      return;
    }
    this.#end(id);
    this.keeper.erase(LEAVING + id);
    this.onReveal(id);
    this.onRefused(id, error);
  }

  /** @param {string} id */
  #end(id) {
    this.clock.clearTimeout(this.#pending.get(id)?.timer);
    this.#pending.delete(id);
  }
}
