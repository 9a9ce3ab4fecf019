// A queue that runs a few jobs at a time. A job is tried again after a network failure. If the server asks for a pause,
// no job starts until it is over.

import { Busy, Interrupted } from "./api.js";

/**
 * @template T
 * @typedef {object} Job
 * @property {() => Promise<T>} run
 * @property {AbortSignal} [signal] a job that is aborted while it waits leaves the queue at once
 * @property {(milliseconds: number) => void} [onWait] is called before the job pauses after a network failure
 */

/**
 * Resolves after a pause, or rejects if the job has been aborted. If the server has asked for the pause, there is no job.
 *
 * @template T
 * @typedef {(milliseconds: number, job?: Job<T>) => Promise<void>} Wait
 */

/**
 * A job in the queue; leave() is called when it is aborted.
 *
 * @template T
 * @typedef {{job: Job<T>, resolve: (result: T) => void, reject: (error: Error) => void, leave: () => void}} Entry
 */

const FIRST_PAUSE = 1000; // milliseconds
const ATTEMPTS = 6;

/**
 * Returns the pause after that many failures: 1, 2, 4, 8, 16 seconds; then null, as it is the last failure.
 *
 * @param {number} failures
 */
export function pauseAfter(failures) {
  return failures < ATTEMPTS ? FIRST_PAUSE * 2 ** (failures - 1) : null;
}

/**
 * Runs jobs in the order in which they were added.
 *
 * @template T the jobs' result
 */
export class Queue {
  /** @type {Entry<T>[]} */
  #waiting = [];
  #running = 0;
  /** @type {Promise<void> | null} */
  #hold = null;

  /**
   * @param {number} atOnce how many jobs run at a time
   * @param {Wait<T>} wait a parameter so that tests need no clock
   * @param {(milliseconds: number, message: string) => void} [onHold] is called when the server asks for a pause
   */
  constructor(atOnce, wait, onHold = () => {}) {
    this.atOnce = atOnce;
    this.wait = wait;
    this.onHold = onHold;
  }

  /** The number of jobs that are not finished. */
  get size() {
    return this.#waiting.length + this.#running;
  }

  /** Whether all jobs pause because the server has asked for it. */
  get isHeld() {
    return this.#hold !== null;
  }

  /**
   * Adds a job. Resolves with its result, or rejects with its last failure.
   *
   * @param {Job<T>} job
   * @returns {Promise<T>}
   */
  add(job) {
    return new Promise((resolve, reject) => {
      if (job.signal?.aborted) {
        reject(job.signal.reason);
        return;
      }
      const leave = () => {
        const index = this.#waiting.indexOf(entry);
        if (index < 0) return; // it is running, and run() watches the signal itself
        this.#waiting.splice(index, 1);
        reject(job.signal?.reason);
      };
      const entry = { job, resolve, reject, leave };
      job.signal?.addEventListener("abort", entry.leave);
      this.#waiting.push(entry);
      this.#next();
    });
  }

  #next() {
    while (!this.isHeld && this.#running < this.atOnce) {
      const entry = this.#waiting.shift();
      if (!entry) return;
      this.#start(entry);
    }
  }

  /** @param {Entry<T>} entry */
  async #start(entry) {
    this.#running += 1;
    try {
      const result = await this.#attempt(entry.job);
      this.#running -= 1;
      entry.resolve(result);
    } catch (error) {
      this.#running -= 1;
      if (error instanceof Busy && !entry.job.signal?.aborted) {
        // The job has not failed: it runs first after the pause.
        this.#waiting.unshift(entry);
        this.#holdFor(error);
        return;
      }
      entry.reject(error);
    }
    entry.job.signal?.removeEventListener("abort", entry.leave);
    this.#next();
  }

  /** @param {Busy} busy */
  #holdFor({ pause, message }) {
    if (this.isHeld) return;
    this.#hold = this.wait(pause).then(() => {
      this.#hold = null;
      this.#next();
    });
    this.onHold(pause, message);
  }

  /** @param {Job<T>} job */
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
