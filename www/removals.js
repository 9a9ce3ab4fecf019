// Deletions: each waits for some seconds, in which it can be taken back, and is then sent until the server has
// answered. They are kept in the browser's storage, so one that a closed page had no time for is sent by the next page,
// and other tabs know of it.

import { Busy, Interrupted } from "./api.js";

const KEY = "vitrine.leaving.";
const GONE = "gone"; // in place of the time, for other tabs: the server has deleted it
const PAUSE = 10_000; // milliseconds until an interrupted deletion is sent again
const GRACE = 2000; // milliseconds that another tab's deletion is left to that tab

/**
 * remove(id, keepalive) asks the server, as api.remove() does. onHide(id) and onReveal(id) are told when an image is
 * to be shown no more, or again; onGone(id) when the server has none any more; onDelayed(id, error) when the server
 * could not be asked for now; onRefused(id, error) when it says no. clock has now(), setTimeout() and clearTimeout().
 */
export class Removals {
  #pending = new Map(); // id to {timer, sending, delayed}

  constructor({ remove, keeper, clock, onHide, onReveal, onGone, onDelayed, onRefused }) {
    Object.assign(this, { remove, keeper, clock, onHide, onReveal, onGone, onDelayed, onRefused });
  }

  /** Takes up what earlier pages left, or other tabs have under way. */
  resume() {
    for (const key of this.keeper.keys(KEY)) this.#follow(key.slice(KEY.length), this.keeper.read(key));
  }

  has(id) {
    return this.#pending.has(id);
  }

  /** Hides the image now and deletes it after that many milliseconds. */
  begin(id, wait) {
    this.keeper.write(KEY + id, String(this.clock.now() + wait));
    this.#schedule(id, wait);
  }

  /** Takes a deletion back; false where it is too late. */
  undo(id) {
    const entry = this.#pending.get(id);
    if (!entry || entry.sending) return false;
    this.#end(id);
    this.keeper.erase(KEY + id);
    this.onReveal(id);
    return true;
  }

  /** Sends everything that waits: the page is being left. */
  flush() {
    for (const id of this.#pending.keys()) {
      this.keeper.write(KEY + id, "0"); // the next page sends it at once, unless this page hears an answer
      this.#send(id, true);
    }
  }

  /** Sends what was interrupted: the network is back. */
  retry() {
    for (const [id, { delayed }] of this.#pending) if (delayed) this.#send(id);
  }

  /** What another tab has written under a key; value is null where it has erased it. */
  heard(key, value) {
    if (key?.startsWith(KEY)) this.#follow(key.slice(KEY.length), value);
  }

  #follow(id, value) {
    if (value === GONE) {
      this.#end(id);
      this.keeper.erase(KEY + id);
      this.onGone(id);
    } else if (value !== null) {
      const wait = Number(value) - this.clock.now();
      this.#schedule(id, wait > 0 ? wait + GRACE : 0);
    } else if (this.#pending.has(id)) {
      this.#end(id);
      this.onReveal(id);
    }
  }

  #schedule(id, wait) {
    this.#end(id);
    this.#pending.set(id, { timer: this.clock.setTimeout(() => this.#due(id), wait), sending: false, delayed: false });
    this.onHide(id);
  }

  // Another tab may have taken it back, or sent it.
  #due(id) {
    if (this.keeper.read(KEY + id) === null) this.#follow(id, null);
    else this.#send(id);
  }

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
    this.keeper.write(KEY + id, GONE);
    this.keeper.erase(KEY + id);
    this.onGone(id);
  }

  #failed(id, entry, error) {
    if (error instanceof Interrupted || error instanceof Busy) {
      if (!entry.delayed) this.onDelayed(id, error);
      entry.delayed = true;
      entry.timer = this.clock.setTimeout(() => this.#due(id), error.pause ?? PAUSE);
      return;
    }
    this.#end(id);
    this.keeper.erase(KEY + id);
    this.onReveal(id);
    this.onRefused(id, error);
  }

  #end(id) {
    this.clock.clearTimeout(this.#pending.get(id)?.timer);
    this.#pending.delete(id);
  }
}
