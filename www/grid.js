// The gallery's grid in the document. However long the listing is, only the rows near the window are
// elements; the list's own height stands for the rest.

import { formatHash } from "./address.js";
import { srcset } from "./format.js";
import { layOut, ratioOf, visible } from "./layout.js";
import { Mender } from "./mender.js";

const GAP = 8; // CSS pixels
const MARGIN = 1; // windows above and below that are kept as elements

function rowHeight(width) {
  return Math.min(260, Math.max(130, width / 5));
}

function sizesFor(box) {
  return `${Math.ceil(box.width)}px`;
}

function makeItem() {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const picture = document.createElement("img");
  const name = document.createElement("span");
  picture.decoding = "async";
  name.className = "name";
  name.setAttribute("aria-hidden", "true"); // the picture's alternative text says it already
  link.append(picture, name);
  item.append(link);
  return item;
}

function fill(item, image) {
  const link = item.firstElementChild;
  const [picture, name] = link.children;
  item.dataset.id = image.id;
  link.href = formatHash(image.id);
  picture.alt = image.name;
  name.textContent = image.name;
}

function load(picture, image) {
  picture.srcset = srcset(image, 1280);
  picture.src = image.thumbs[320];
}

export class Grid {
  #items = new Map(); // id to {item, image, box}
  #images = [];
  #layout = { boxes: [], rows: [], height: 0 };
  #width = 0;
  #side = 1;
  #frame = 0;

  /** list is the element; clock is Mender's; onNearEnd is called while the list's end is in reach of the window. */
  constructor(list, clock, onNearEnd) {
    this.list = list;
    this.mender = new Mender(clock);
    this.onNearEnd = onNearEnd;
    new ResizeObserver(() => {
      if (list.clientWidth !== this.#width) this.show(this.#images);
    }).observe(list);
    addEventListener("scroll", () => this.#later(), { passive: true });
    addEventListener("resize", () => this.#later());
  }

  /** Shows these images, in this order. total, where it is known, is what a screen reader is told. */
  show(images, total = images.length) {
    this.#images = images;
    this.total = total;
    this.#width = this.list.clientWidth;
    this.#layout = layOut(images.map(ratioOf), this.#width, { rowHeight: rowHeight(this.#width), gap: GAP });
    this.list.style.blockSize = `${this.#layout.height}px`;
    this.#update();
  }

  /** Asks again for the thumbnails that did not come: the network is back. */
  hurry() {
    this.mender.hurry();
  }

  /** Brings an image into the window, and focuses it. index is of the images shown now; -1 for none. */
  reveal(index) {
    const box = this.#layout.boxes[index];
    if (!box) return;
    const top = this.list.getBoundingClientRect().top + scrollY + box.y;
    if (top < scrollY || top + box.height > scrollY + innerHeight)
      scrollTo({ top: top - (innerHeight - box.height) / 2, behavior: "instant" });
    this.#update();
    this.#items.get(this.#images[index].id)?.item.firstElementChild.focus({ preventScroll: true });
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

  #render(first, end) {
    const wanted = new Set();
    // From the side that the text begins on.
    this.#side = getComputedStyle(this.list).direction === "rtl" ? -1 : 1;
    const focusedItem = document.activeElement?.closest("#gallery li");
    const focused = focusedItem ? this.#images.findIndex(({ id }) => id === focusedItem.dataset.id) : -1;
    const indexes = [];
    for (let i = first; i < end; i++) indexes.push(i);
    // What has the keyboard's focus stays, wherever it is.
    if (focused >= 0 && focused < first) indexes.unshift(focused);
    if (focused >= end) indexes.push(focused);
    for (const i of indexes) wanted.add(this.#images[i].id);
    for (const [id, { item }] of this.#items) {
      if (wanted.has(id)) continue;
      item.remove();
      this.#items.delete(id);
      this.mender.forget(id);
    }
    let before = this.list.firstElementChild;
    for (const i of indexes) {
      const { item } = this.#place(i);
      if (item === before) before = before.nextElementSibling;
      else this.list.insertBefore(item, before);
    }
  }

  #place(index) {
    const image = this.#images[index];
    const box = this.#layout.boxes[index];
    let entry = this.#items.get(image.id);
    if (!entry) {
      entry = { item: makeItem() };
      this.#items.set(image.id, entry);
      this.#request(entry.item.querySelector("img"), image, box);
    }
    if (entry.image !== image) fill(entry.item, image);
    entry.image = image;
    this.#move(entry, box);
    entry.item.setAttribute("aria-setsize", String(this.total));
    entry.item.setAttribute("aria-posinset", String(index + 1));
    return entry;
  }

  // A thumbnail that does not load becomes a quiet tile; its name stays in the title and for screen readers.
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

  // Nothing is set that is so already: each `sizes` has the browser look for a source again.
  #move(entry, box) {
    const { item } = entry;
    const transform = `translate(${box.x * this.#side}px, ${box.y}px)`;
    if (entry.transform === transform && entry.width === box.width && entry.height === box.height) return;
    const picture = item.querySelector("img");
    if (picture.sizes !== sizesFor(box)) picture.sizes = sizesFor(box);
    item.style.transform = transform;
    item.style.inlineSize = `${box.width}px`;
    item.style.blockSize = `${box.height}px`;
    Object.assign(entry, { transform, width: box.width, height: box.height });
  }
}
