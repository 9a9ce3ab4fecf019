// A queue of jobs, a few at a time, with a second chance for those that a network let down.

import { Interrupted } from "./api.js";

const FIRST_PAUSE = 1000; // milliseconds
const ATTEMPTS = 6;

/** How long to wait after that many failures: 1, 2, 4, 8, 16 seconds, and never again after. */
export function pauseAfter(failures) {
  return failures < ATTEMPTS ? FIRST_PAUSE * 2 ** (failures - 1) : null;
}

/**
 * Runs jobs, `atOnce` together, in the order of their adding. A job has run(), which returns a
 * promise, and may have onWait(milliseconds), called before a pause. wait(milliseconds, job) resolves
 * after a pause, or rejects where the job is not to go on: it is a parameter so that tests need no
 * clock.
 */
export class Queue {
  #waiting = [];
  #running = 0;

  constructor(atOnce, wait) {
    this.atOnce = atOnce;
    this.wait = wait;
  }

  /** Jobs that are not done yet. */
  get size() {
    return this.#waiting.length + this.#running;
  }

  /** Resolves with the job's result, or rejects with its last failure. */
  add(job) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#next();
    });
  }

  async #next() {
    if (this.#running >= this.atOnce || this.#waiting.length === 0) return;
    const { job, resolve, reject } = this.#waiting.shift();
    this.#running += 1;
    try {
      const result = await this.#attempt(job);
      this.#running -= 1;
      resolve(result);
    } catch (error) {
      this.#running -= 1;
      reject(error);
    }
    this.#next();
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
