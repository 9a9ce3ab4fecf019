// The images that the page knows of, in order: pages of the server's listing, and what was added, renamed, hidden and
// removed since. Images are known by their ids: an index is true until the next change only.

/**
 * fetchPage(query) gives one page, as api.list() does. onChange is called after every change.
 */
export class Listing {
  /** What is shown, in order: a new array after each change. */
  images = [];
  capped = false;
  state = "idle"; // idle, loading, failed, complete
  error = null;
  #known = []; // shown or hidden, in the server's order
  #ids = new Set();
  #hidden = new Set(); // ids; of images that may be in no listing so far
  #total = 0; // the server's, which counts hidden ones, too
  #next = "";
  #generation = 0;

  constructor(fetchPage, onChange) {
    this.fetchPage = fetchPage;
    this.onChange = onChange;
  }

  /** The cursor of the page that comes next; "" where there is none. */
  get next() {
    return this.#next;
  }

  /** How many images the listing has, without the hidden ones that are known to be in it. */
  get total() {
    return Math.max(this.#total - (this.#known.length - this.images.length), this.images.length);
  }

  /** Begins another listing, with its first page. query is {q, sort, cursor}. */
  open(query) {
    this.#generation += 1;
    this.query = query;
    this.images = [];
    this.#known = [];
    this.#total = 0;
    this.#ids.clear();
    this.#next = query.cursor;
    this.state = "idle";
    return this.loadMore();
  }

  /** Loads the next page, unless one is on its way or there is none. A failed one is tried again. */
  async loadMore() {
    if (this.state === "loading" || this.state === "complete") return;
    const generation = this.#generation;
    this.state = "loading";
    this.onChange();
    try {
      const page = await this.fetchPage({ ...this.query, cursor: this.#next });
      if (generation !== this.#generation) return; // the answer to a question that nobody asks any more
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

  #append(image) {
    if (this.#ids.has(image.id)) return; // added at the top meanwhile
    this.#ids.add(image.id);
    this.#known.push(image);
  }

  #changed() {
    this.images = this.#known.filter(({ id }) => !this.#hidden.has(id));
    this.onChange();
  }

  /** The image of that id where it is shown, or null. */
  find(id) {
    return this.images[this.indexOf(id)] ?? null;
  }

  /** Where the image is in `images` now, or -1. */
  indexOf(id) {
    return this.#ids.has(id) ? this.images.findIndex((image) => image.id === id) : -1;
  }

  /** Puts a new image first. Only the newest-first listing of everything has a place for it. */
  add(image) {
    if (this.#ids.has(image.id) || this.query.sort !== "new" || this.query.q || this.query.cursor) return;
    this.#ids.add(image.id);
    this.#known.unshift(image);
    this.#total += 1;
    this.#changed();
  }

  replace(image) {
    const index = this.#known.findIndex(({ id }) => id === image.id);
    if (index < 0) return;
    this.#known[index] = image;
    this.#changed();
  }

  /** Shows an image no more, in whatever listing, until reveal(): it is about to be deleted. */
  hide(id) {
    if (this.#hidden.has(id)) return;
    this.#hidden.add(id);
    if (this.#ids.has(id)) this.#changed();
  }

  /** Shows a hidden image again, in its place, if the listing of now has one for it. */
  reveal(id) {
    if (this.#hidden.delete(id) && this.#ids.has(id)) this.#changed();
  }

  /** The server has no such image any more. */
  drop(id) {
    this.#hidden.delete(id);
    if (!this.#ids.delete(id)) return;
    this.#known = this.#known.filter((image) => image.id !== id);
    this.#total -= 1;
    this.#changed();
  }
}
