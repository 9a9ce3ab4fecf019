// The images that the page knows of, in order: the server's pages, with all that was added, renamed, hidden and removed
// since. Images are known by their ids; an index is valid only until the next change. A listing that begins with a place
// grows at both ends.

import { before, isOfAll } from "./address.js";
import { isByTaken, timeOf } from "./days.js";

/** @import { Query } from "./address.js" */
/** @import { Image, Page } from "./api.js" */

/**
 * The index at which an image belongs in a list by time taken.
 *
 * @param {Image[]} images
 * @param {Image} image
 * @param {string} sort
 */
function placeOf(images, image, sort) {
  const time = timeOf(image);
  const index = images.findIndex((other) => (sort === "taken" ? timeOf(other) < time : timeOf(other) > time));
  return index < 0 ? images.length : index;
}

export class Listing {
  /** @type {Image[]} the images shown, in order: a new array after each change */
  images = [];
  /** Whether there are more images than the server has counted. */
  capped = false;
  /** @type {"idle" | "loading" | "failed" | "complete"} */
  state = "idle";
  /** @type {(Error & {pause?: number}) | null} the reason if the state is "failed" */
  error = null;
  /** @type {Query} */
  query = { q: "", tag: "", sort: "taken", taken: "", cursor: "" };
  /** @type {"idle" | "loading" | "complete"} the state of what comes before the listing's place */
  stateBefore = "complete";
  /** @type {Image[]} shown or hidden, in the server's order */
  #known = [];
  /** @type {Set<string>} the ids of #known */
  #ids = new Set();
  /** @type {Set<string>} ids of hidden images, even of those that are not in #known */
  #hidden = new Set();
  #total = 0; // as the server says, so hidden images count, too
  /** @type {number | null} the number of images before the place, as the server says; null until it is asked for them */
  #totalBefore = 0;
  #next = "";
  #previous = ""; // the cursor of the next page of what comes before
  #generation = 0;

  /**
   * @param {(query: Query) => Promise<Page>} fetchPage gives one page, as api.list() does
   * @param {() => void} onChange is called after every change
   */
  constructor(fetchPage, onChange) {
    this.fetchPage = fetchPage;
    this.onChange = onChange;
  }

  /** The cursor of the next page; "" if there is none. */
  get next() {
    return this.#next;
  }

  /** The number of images in the listing, without those in #known that are hidden; null if it is not known. */
  get total() {
    if (this.#totalBefore === null) return null;
    return Math.max(this.#total + this.#totalBefore - (this.#known.length - this.images.length), this.images.length);
  }

  /**
   * Begins another listing and loads its first page.
   *
   * @param {Query} query
   */
  open(query) {
    this.#generation += 1;
    this.query = query;
    this.images = [];
    this.#known = [];
    this.#total = 0;
    this.#ids.clear();
    this.#next = query.cursor;
    this.#previous = "";
    this.#totalBefore = query.taken === "" ? 0 : null;
    this.stateBefore = query.taken === "" ? "complete" : "idle";
    this.state = "idle";
    return this.loadMore();
  }

  /** Loads the next page, unless one is being loaded or there is none. A page that failed is requested again. */
  async loadMore() {
    if (this.state === "loading" || this.state === "complete") return;
    const generation = this.#generation;
    this.state = "loading";
    this.onChange();
    try {
      const page = await this.fetchPage({ ...this.query, cursor: this.#next });
      if (generation !== this.#generation) return; // another listing was opened meanwhile
      for (const image of page.images) this.#append(image);
      this.#total = page.total;
      this.capped = page.total_capped ?? false;
      this.#next = page.next ?? "";
      this.state = page.next ? "idle" : "complete";
      this.error = null;
    } catch (error) {
      if (generation !== this.#generation) return;
      this.state = "failed";
      this.error = error;
    }
    this.#changed();
  }

  /**
   * Loads the page before the first one, unless it is being loaded or there is none. Resolves to the error if it fails,
   * and can be called again.
   *
   * @returns {Promise<Error | null>}
   */
  async loadBefore() {
    if (this.stateBefore !== "idle" || this.images.length === 0) return null;
    const generation = this.#generation;
    this.stateBefore = "loading";
    this.onChange();
    /** @type {Error | null} */
    let failure = null;
    try {
      const page = await this.fetchPage({ ...before(this.query), cursor: this.#previous });
      if (generation !== this.#generation) return null;
      const images = page.images.filter(({ id }) => !this.#ids.has(id)).reverse();
      for (const { id } of images) this.#ids.add(id);
      this.#known.unshift(...images);
      this.#previous = page.next ?? "";
      this.#totalBefore = page.total;
      this.stateBefore = page.next ? "idle" : "complete";
    } catch (error) {
      if (generation !== this.#generation) return null;
      this.stateBefore = "idle";
      failure = error;
    }
    this.#changed();
    return failure;
  }

  /** @param {Image} image */
  #append(image) {
    if (this.#ids.has(image.id)) return; // it was added at the top meanwhile
    this.#ids.add(image.id);
    this.#known.push(image);
  }

  #changed() {
    this.images = this.#known.filter(({ id }) => !this.#hidden.has(id));
    this.onChange();
  }

  /**
   * The image with that id if it is shown, or null.
   *
   * @param {string} id
   */
  find(id) {
    return this.images[this.indexOf(id)] ?? null;
  }

  /**
   * The image's index in `images` now, or -1.
   *
   * @param {string} id
   */
  indexOf(id) {
    return this.#ids.has(id) ? this.images.findIndex((image) => image.id === id) : -1;
  }

  /**
   * Adds a new image in its place: at the top of the newest images, or by the time taken. It is left out if it belongs
   * to a part that is not loaded, and of all other listings.
   *
   * @param {Image} image
   */
  add(image) {
    const { sort, cursor } = this.query;
    if (this.#ids.has(image.id) || cursor || !isOfAll(this.query) || !(sort === "new" || isByTaken(sort))) return;
    const place = sort === "new" ? 0 : placeOf(this.#known, image, sort);
    this.#total += 1;
    const isBefore = place === 0 && this.stateBefore !== "complete";
    const isAfter = place > 0 && place === this.#known.length && this.state !== "complete";
    if (!isBefore && !isAfter) {
      this.#ids.add(image.id);
      this.#known.splice(place, 0, image);
    }
    this.#changed();
  }

  /**
   * Takes an image that was changed. By time taken, it moves to its place among those that are loaded.
   *
   * @param {Image} image
   */
  replace(image) {
    const index = this.#known.findIndex(({ id }) => id === image.id);
    if (index < 0) return;
    const moves = isByTaken(this.query.sort) && timeOf(image) !== timeOf(this.#known[index]);
    this.#known.splice(index, 1);
    this.#known.splice(moves ? placeOf(this.#known, image, this.query.sort) : index, 0, image);
    this.#changed();
  }

  /**
   * Hides an image in every listing until reveal(), as it is about to be deleted.
   *
   * @param {string} id
   */
  hide(id) {
    if (this.#hidden.has(id)) return;
    this.#hidden.add(id);
    if (this.#ids.has(id)) this.#changed();
  }

  /**
   * Shows a hidden image again in its place, if it is in the current listing.
   *
   * @param {string} id
   */
  reveal(id) {
    if (this.#hidden.delete(id) && this.#ids.has(id)) this.#changed();
  }

  /**
   * Removes an image that the server does not have any more.
   *
   * @param {string} id
   */
  drop(id) {
    this.#hidden.delete(id);
    if (!this.#ids.delete(id)) return;
    this.#known = this.#known.filter((image) => image.id !== id);
    this.#total -= 1;
    this.#changed();
  }
}
