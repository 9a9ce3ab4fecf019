// The images that the page knows of, in order: pages of the server's listing, and what was added,
// renamed and removed since.

/**
 * fetchPage(query) gives one page, as api.list() does. onChange is called after every change.
 */
export class Listing {
  images = [];
  total = 0;
  capped = false;
  state = "idle"; // idle, loading, failed, complete
  error = null;
  #ids = new Set();
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

  /** Begins another listing, with its first page. query is {q, sort, cursor}. */
  open(query) {
    this.#generation += 1;
    this.query = query;
    this.images = [];
    this.total = 0;
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
      this.total = page.total;
      this.capped = page.total_capped ?? false;
      this.#next = page.next ?? "";
      this.state = page.next ? "idle" : "complete";
      this.error = null;
    } catch (error) {
      if (generation !== this.#generation) return;
      this.state = "failed";
      this.error = error;
    }
    this.onChange();
  }

  #append(image) {
    if (this.#ids.has(image.id)) return; // added at the top meanwhile
    this.#ids.add(image.id);
    this.images.push(image);
  }

  indexOf(id) {
    return this.#ids.has(id) ? this.images.findIndex((image) => image.id === id) : -1;
  }

  /** Puts a new image first. Only the newest-first listing of everything has a place for it. */
  add(image) {
    if (this.#ids.has(image.id) || this.query.sort !== "new" || this.query.q) return;
    this.insert(image, 0);
  }

  /** Puts an image at an index: where remove() took it from. */
  insert(image, index) {
    if (this.#ids.has(image.id)) return;
    this.#ids.add(image.id);
    this.images.splice(index, 0, image);
    this.total += 1;
    this.onChange();
  }

  replace(image) {
    const index = this.indexOf(image.id);
    if (index < 0) return;
    this.images[index] = image;
    this.onChange();
  }

  /** Takes an image out; gives its index, or -1. */
  remove(id) {
    const index = this.indexOf(id);
    if (index < 0) return index;
    this.#ids.delete(id);
    this.images.splice(index, 1);
    this.total -= 1;
    this.onChange();
    return index;
  }
}
