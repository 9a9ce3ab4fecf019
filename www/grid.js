// The gallery's grid in the document. Only the rows near the window are elements, however long the listing is; the
// list's own height makes room for the others.

import { formatHash } from "./address.js";
import { daysOf, headingOf } from "./days.js";
import { srcset } from "./format.js";
import { layOut, layOutDays, ratioOf, visible } from "./layout.js";
import { Mender } from "./mender.js";

/** @import { Image } from "./api.js" */
/** @import { Day } from "./days.js" */
/** @import { Box, Layout } from "./layout.js" */
/** @import { Clock } from "./mender.js" */

/**
 * An image's elements, and where they were put last.
 *
 * @typedef {{item: HTMLLIElement, link: HTMLAnchorElement, picture: HTMLImageElement, name: HTMLSpanElement,
 *   image?: Image, transform?: string, width?: number, height?: number}} Tile
 */

const GAP = 8; // CSS pixels
const HEADING = 2.75; // heights of a heading and of a line of it, in the root's font size; as in the style sheet
const HEADING_ROOM = 15; // the least width of a heading, in the same
const MARGIN = 1; // heights of the window, above and below it, in which rows are elements

/** @param {number} width */
function rowHeight(width) {
  return Math.min(260, Math.max(130, width / 5));
}

/** @param {Box} box */
function sizesFor(box) {
  return `${Math.ceil(box.width)}px`;
}

// In a list, a heading is an item, too.
function makeHeading() {
  const item = document.createElement("li");
  item.className = "day";
  item.append(document.createElement("h2"));
  return item;
}

/** @returns {Tile} */
function makeTile() {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const picture = document.createElement("img");
  const name = document.createElement("span");
  picture.decoding = "async";
  name.className = "name";
  name.setAttribute("aria-hidden", "true"); // screen readers get the picture's alternative text
  link.append(picture, name);
  item.append(link);
  return { item, link, picture, name };
}

/**
 * @param {Tile} tile
 * @param {Image} image
 */
function fill({ item, link, picture, name }, image) {
  item.dataset.id = image.id;
  link.href = formatHash(image.id);
  picture.alt = image.name;
  name.textContent = image.name;
}

/**
 * @param {HTMLImageElement} picture
 * @param {Image} image
 */
function load(picture, image) {
  picture.srcset = srcset(image, 1280);
  picture.src = image.thumbs[320];
}

/**
 * The index of the day that a picture stands under.
 *
 * @param {Day[]} days
 * @param {number} picture its index
 */
function dayAt(days, picture) {
  let low = 0;
  let high = days.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (days[middle].first + days[middle].count <= picture) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class Grid {
  /** @type {Map<string, Tile>} by the image's id */
  #tiles = new Map();
  /** @type {Image[]} */
  #images = [];
  /** @type {Map<string, HTMLLIElement>} the days' headings, by the id of the first image below */
  #headings = new Map();
  /** @type {Day[]} */
  #days = [];
  #sort = "";
  /** @type {Layout} */
  #layout = { boxes: [], rows: [], days: [], height: 0 };
  #width = 0;
  #side = 1;
  #frame = 0;

  /**
   * @param {HTMLElement} list
   * @param {Clock} clock
   * @param {() => void} onNearEnd is called while the list's end is near the window
   */
  constructor(list, clock, onNearEnd) {
    this.list = list;
    this.mender = new Mender(clock);
    this.onNearEnd = onNearEnd;
    this.total = 0;
    new ResizeObserver(() => {
      if (list.clientWidth !== this.#width) this.show(this.#images, this.#sort);
    }).observe(list);
    addEventListener("scroll", () => this.#later(), { passive: true });
    addEventListener("resize", () => this.#later());
  }

  /**
   * Shows these images, in this order.
   *
   * @param {Image[]} images
   * @param {string} sort the name of the order, which says whether there are headings of days
   * @param {number} [total] the number of images for screen readers
   */
  show(images, sort, total = this.total) {
    this.#images = images;
    this.#sort = sort;
    this.#days = daysOf(images, sort);
    this.total = total;
    this.#width = this.list.clientWidth;
    this.#layout = this.#layOut(images.map(ratioOf));
    this.list.style.blockSize = `${this.#layout.height}px`;
    this.#update();
  }

  /** @param {number[]} ratios */
  #layOut(ratios) {
    const options = { rowHeight: rowHeight(this.#width), gap: GAP };
    if (this.#days.length === 0) return layOut(ratios, this.#width, options);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    return layOutDays(ratios, this.#days, this.#width, { ...options, heading: HEADING * rem, room: HEADING_ROOM * rem });
  }

  /** Requests the failed thumbnails again, as the network is back. */
  hurry() {
    this.mender.hurry();
  }

  /** The first image that is seen below the page's head and its heading, and where in the window it is, or null. */
  get top() {
    const { top } = this.list.getBoundingClientRect();
    const at = this.#headHeight - top;
    const [index] = visible(this.#layout.rows, at, at);
    const box = this.#layout.boxes[index];
    return box ? { index, image: this.#images[index], y: top + box.y } : null;
  }

  get #headHeight() {
    const root = getComputedStyle(document.documentElement);
    return parseFloat(root.getPropertyValue("--head")) + (this.#days.length > 0 ? HEADING * parseFloat(root.fontSize) : 0);
  }

  /**
   * Scrolls so that an image is where it was in the window, as others have come before it.
   *
   * @param {Grid["top"]} seen what `top` was
   */
  keep(seen) {
    const box = this.#layout.boxes[this.#images.findIndex(({ id }) => id === seen?.image.id)];
    if (!seen || !box) return;
    scrollBy({ top: this.list.getBoundingClientRect().top + box.y - seen.y, behavior: "instant" });
    this.#update();
  }

  /** Scrolls to the list's beginning. */
  begin() {
    const head = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--head"));
    scrollBy({ top: this.list.getBoundingClientRect().top - head, behavior: "instant" });
    this.#update();
  }

  /**
   * Scrolls to an image and focuses it.
   *
   * @param {number} index of the image among those shown now; -1 for none
   */
  reveal(index) {
    const box = this.#layout.boxes[index];
    if (!box) return;
    const top = this.list.getBoundingClientRect().top + scrollY + box.y;
    if (top < scrollY || top + box.height > scrollY + innerHeight)
      scrollTo({ top: top - (innerHeight - box.height) / 2, behavior: "instant" });
    this.#update();
    this.#tiles.get(this.#images[index].id)?.link.focus({ preventScroll: true });
  }

  #later() {
    this.#frame ||= requestAnimationFrame(() => this.#update());
  }

  #update() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const top = -this.list.getBoundingClientRect().top;
    const reach = MARGIN * innerHeight;
    const [first, end] = visible(this.#layout.rows, top - reach, top + innerHeight + reach);
    this.#render(first, end);
    if (this.#layout.height < top + innerHeight + 2 * reach) this.onNearEnd();
  }

  /**
   * @param {number} first
   * @param {number} end
   */
  #render(first, end) {
    const wanted = new Set();
    // Rows begin on the side where text begins.
    this.#side = getComputedStyle(this.list).direction === "rtl" ? -1 : 1;
    const focusedItem = document.activeElement?.closest("#gallery li");
    const focused =
      focusedItem instanceof HTMLElement ? this.#images.findIndex(({ id }) => id === focusedItem.dataset.id) : -1;
    const indexes = [];
    for (let i = first; i < end; i++) indexes.push(i);
    // The image with the keyboard's focus stays an element, wherever it is.
    if (focused >= 0 && focused < first) indexes.unshift(focused);
    if (focused >= end) indexes.push(focused);
    for (const i of indexes) wanted.add(this.#images[i].id);
    for (const [id, { item }] of this.#tiles) {
      if (wanted.has(id)) continue;
      item.remove();
      this.#tiles.delete(id);
      this.mender.forget(id);
    }
    const headings = this.#headingsOf(first, end);
    let before = this.list.firstElementChild;
    const put = (/** @type {HTMLLIElement} */ item) => {
      if (item === before) before = before.nextElementSibling;
      else this.list.insertBefore(item, before);
    };
    for (const i of indexes) {
      const heading = headings.get(i);
      if (heading) put(heading);
      put(this.#place(i).item);
    }
  }

  /**
   * The headings of the days with these pictures, by the index of the picture that each comes before in the document.
   *
   * @param {number} first
   * @param {number} end
   */
  #headingsOf(first, end) {
    /** @type {Map<number, HTMLLIElement>} */
    const found = new Map();
    const wanted = new Set();
    for (let i = dayAt(this.#days, first); i < this.#days.length && this.#days[i].first < end; i++) {
      const { id } = this.#images[this.#days[i].first];
      const heading = this.#headings.get(id) ?? makeHeading();
      this.#headings.set(id, heading);
      wanted.add(id);
      this.#placeHeading(heading, i);
      found.set(Math.max(this.#days[i].first, first), heading);
    }
    for (const [id, heading] of this.#headings) {
      if (wanted.has(id)) continue;
      heading.remove();
      this.#headings.delete(id);
    }
    return found;
  }

  /**
   * A heading's element is as high as its day, within which the text sticks to the top of the window. It is not placed by
   * a transform, which would move the text where it sticks.
   *
   * @param {HTMLLIElement} heading
   * @param {number} index of the day
   */
  #placeHeading(heading, index) {
    const { x, y, width, height } = this.#layout.days[index];
    const text = headingOf(this.#days[index].day, this.#sort);
    const title = /** @type {HTMLElement} */ (heading.firstElementChild);
    if (title.textContent !== text) title.textContent = text;
    Object.assign(heading.style, {
      insetBlockStart: `${y}px`,
      insetInlineStart: `${x}px`,
      inlineSize: `${width}px`,
      blockSize: `${height}px`,
    });
  }

  /** @param {number} index */
  #place(index) {
    const image = this.#images[index];
    const box = this.#layout.boxes[index];
    let tile = this.#tiles.get(image.id);
    if (!tile) {
      tile = makeTile();
      this.#tiles.set(image.id, tile);
      this.#request(tile.picture, image, box);
    }
    if (tile.image !== image) fill(tile, image);
    tile.image = image;
    this.#move(tile, box);
    tile.item.setAttribute("aria-setsize", String(this.total));
    tile.item.setAttribute("aria-posinset", String(index + 1));
    return tile;
  }

  /**
   * A thumbnail that does not load leaves an empty tile, which still has its name for screen readers.
   *
   * @param {HTMLImageElement} picture
   * @param {Image} image
   * @param {Box} box
   */
  #request(picture, image, box) {
    picture.addEventListener("load", () => {
      picture.classList.remove("broken");
      this.mender.loaded(image.id);
    });
    picture.addEventListener("error", () => {
      picture.classList.add("broken");
      this.mender.failed(image.id);
    });
    picture.sizes = sizesFor(box);
    this.mender.ask(image.id, () => load(picture, image));
  }

  /**
   * Sets nothing that has not changed: each time `sizes` is set, the browser chooses a source again.
   *
   * @param {Tile} tile
   * @param {Box} box
   */
  #move(tile, box) {
    const { item, picture } = tile;
    const transform = `translate(${box.x * this.#side}px, ${box.y}px)`;
    if (tile.transform === transform && tile.width === box.width && tile.height === box.height) return;
    if (picture.sizes !== sizesFor(box)) picture.sizes = sizesFor(box);
    item.style.transform = transform;
    item.style.inlineSize = `${box.width}px`;
    item.style.blockSize = `${box.height}px`;
    Object.assign(tile, { transform, width: box.width, height: box.height });
  }
}
