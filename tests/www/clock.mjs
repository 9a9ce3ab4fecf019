// A clock that tests set themselves.

export class Clock {
  #now = 1_000_000;
  #timers = new Map();
  #serial = 0;

  now() {
    return this.#now;
  }

  setTimeout(run, milliseconds) {
    this.#timers.set(++this.#serial, { run, due: this.#now + milliseconds });
    return this.#serial;
  }

  clearTimeout(timer) {
    this.#timers.delete(timer);
  }

  /** Moves the time forward and runs each timer that is due. */
  async pass(milliseconds) {
    const end = this.#now + milliseconds;
    for (;;) {
      const [timer, entry] = [...this.#timers].sort(([, a], [, b]) => a.due - b.due)[0] ?? [];
      if (!entry || entry.due > end) break;
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, entry.due);
      entry.run();
      await new Promise(setImmediate);
    }
    this.#now = end;
  }
}
