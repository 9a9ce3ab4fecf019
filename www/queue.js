// A queue of jobs, a few at a time, with a second chance for those that a network let down. A server that asks to come
// again later is not asked for anything before.

import { Busy, Interrupted } from "./api.js";

const FIRST_PAUSE = 1000; // milliseconds
const ATTEMPTS = 6;

/** How long to wait after that many failures: 1, 2, 4, 8, 16 seconds, and never again after. */
export function pauseAfter(failures) {
  return failures < ATTEMPTS ? FIRST_PAUSE * 2 ** (failures - 1) : null;
}

/**
 * Runs jobs, `atOnce` together, in the order of their adding. A job has run(), which returns a promise, and signal, an
 * AbortSignal: a job that is aborted while it waits leaves at once. It may have onWait(milliseconds), called before a
 * pause of its own. wait(milliseconds, job) resolves after a pause, or rejects where the job is not to go on: it is a
 * parameter so that tests need no clock. onHold(milliseconds, message) is called when a busy server holds all jobs
 * back; then wait() is called without a job.
 */
export class Queue {
  #waiting = [];
  #running = 0;
  #hold = null;

  constructor(atOnce, wait, onHold = () => {}) {
    this.atOnce = atOnce;
    this.wait = wait;
    this.onHold = onHold;
  }

  /** Jobs that are not done yet. */
  get size() {
    return this.#waiting.length + this.#running;
  }

  /** Whether a busy server holds all jobs back. */
  get isHeld() {
    return this.#hold !== null;
  }

  /** Resolves with the job's result, or rejects with its last failure. */
  add(job) {
    return new Promise((resolve, reject) => {
      const entry = { job, resolve, reject };
      if (job.signal?.aborted) {
        reject(job.signal.reason);
        return;
      }
      entry.leave = () => {
        const index = this.#waiting.indexOf(entry);
        if (index < 0) return; // under way: run() sees the signal itself
        this.#waiting.splice(index, 1);
        reject(job.signal.reason);
      };
      job.signal?.addEventListener("abort", entry.leave);
      this.#waiting.push(entry);
      this.#next();
    });
  }

  #next() {
    while (!this.isHeld && this.#running < this.atOnce && this.#waiting.length > 0) this.#start(this.#waiting.shift());
  }

  async #start(entry) {
    this.#running += 1;
    try {
      const result = await this.#attempt(entry.job);
      this.#running -= 1;
      entry.resolve(result);
    } catch (error) {
      this.#running -= 1;
      if (error instanceof Busy && !entry.job.signal?.aborted) {
        // It has not failed: it is the next one again.
        this.#waiting.unshift(entry);
        this.#holdFor(error);
        return;
      }
      entry.reject(error);
    }
    entry.job.signal?.removeEventListener("abort", entry.leave);
    this.#next();
  }

  #holdFor({ pause, message }) {
    if (this.isHeld) return;
    this.#hold = this.wait(pause).then(() => {
      this.#hold = null;
      this.#next();
    });
    this.onHold(pause, message);
  }

  async #attempt(job) {
    for (let failures = 1; ; failures++) {
      try {
        return await job.run();
      } catch (error) {
        const pause = error instanceof Interrupted ? pauseAfter(failures) : null;
        if (pause === null) throw error;
        job.onWait?.(pause);
        await this.wait(pause, job);
      }
    }
  }
}
