// The months of the date rail: where each stands on it, and what it is called. A month's share of the rail grows with the
// square root of its pictures, so that a month with few of them can be hit beside one with many.

/** @typedef {{month: string, count: number}} Month the month as "2024-05" */

const NAMES = new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric", timeZone: "UTC" });

export class Timeline {
  /** @type {Month[]} from the top of the rail to its end */
  months;
  /** @type {number[]} where each month begins, from 0 to 1, and the end of the last one */
  #starts = [0];

  /**
   * @param {Month[]} months with images, the newest first
   * @param {string} sort "taken", or "taken-old" for the oldest at the top
   */
  constructor(months, sort) {
    this.isOldFirst = sort === "taken-old";
    this.months = this.isOldFirst ? [...months].reverse() : months;
    let sum = 0;
    for (const { count } of this.months) this.#starts.push((sum += Math.sqrt(count)));
    if (sum > 0) this.#starts = this.#starts.map((start) => start / sum);
  }

  get length() {
    return this.months.length;
  }

  /**
   * Where a month begins, from 0 to 1.
   *
   * @param {number} index
   */
  startOf(index) {
    return this.#starts[index];
  }

  /**
   * The index of the month at a point of the rail.
   *
   * @param {number} fraction from 0 at the top to 1
   */
  at(fraction) {
    let index = 0;
    while (index < this.length - 1 && this.#starts[index + 1] <= fraction) index += 1;
    return index;
  }

  /**
   * The index of a day's month, or of the next one towards the end if it has no pictures any more.
   *
   * @param {string} day "2024-05-12", or a part of it
   */
  indexOf(day) {
    const wanted = day.slice(0, 7);
    const index = this.months.findIndex(({ month }) => (this.isOldFirst ? month >= wanted : month <= wanted));
    return index < 0 ? Math.max(0, this.length - 1) : index;
  }

  /** @param {number} index */
  nameOf(index) {
    const { month } = this.months[index];
    const date = new Date(`${month}-01T00:00Z`);
    return Number.isNaN(date.getTime()) ? month : NAMES.format(date);
  }

  /**
   * The years that have room for a label, and where each begins. The top has one.
   *
   * @param {number} least the least distance between two, from 0 to 1
   * @returns {{year: string, start: number}[]}
   */
  years(least) {
    /** @type {{year: string, start: number}[]} */
    const years = [];
    let before = "";
    this.months.forEach(({ month }, index) => {
      const year = month.slice(0, 4);
      const start = this.#starts[index];
      if (year !== before && start <= 1 - least / 2 && start >= (years.at(-1)?.start ?? -1) + least) years.push({ year, start });
      before = year;
    });
    return years;
  }

  /**
   * The index of the month that a key leads to, or null if the key does not move: arrows go a month, Page Up and Page Down
   * a year.
   *
   * @param {number} index
   * @param {string} key
   */
  step(index, key) {
    const last = this.length - 1;
    const year = this.months[index].month.slice(0, 4);
    const isOther = (/** @type {Month} */ { month }) => month.slice(0, 4) !== year;
    if (key === "ArrowDown" || key === "ArrowRight") return Math.min(index + 1, last);
    if (key === "ArrowUp" || key === "ArrowLeft") return Math.max(index - 1, 0);
    if (key === "Home") return 0;
    if (key === "End") return last;
    if (key === "PageDown") {
      const next = this.months.slice(index).findIndex(isOther);
      return next < 0 ? last : index + next;
    }
    if (key !== "PageUp") return null;
    const before = this.months.slice(0, index).filter(isOther).at(-1)?.month.slice(0, 4) ?? year;
    return this.months.findIndex(({ month }) => month.slice(0, 4) === before);
  }

  /**
   * The place in the list at which a month begins, as in the address. The first month is the beginning of the list: "".
   *
   * @param {number} index
   */
  placeOf(index) {
    if (index === 0) return "";
    return this.isOldFirst ? `${this.months[index].month}..` : `..${this.months[index].month}`;
  }
}
