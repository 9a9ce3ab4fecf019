// One image in full, by PhotoSwipe, which is loaded when the first image is opened.

import * as api from "./api.js";
import { formatHash } from "./address.js";
import { facts, srcset } from "./format.js";
import { notice } from "./notices.js";

const SHOWN_BY_BROWSERS = ["image/jpeg", "image/png", "image/webp", "image/avif"];

async function loadPhotoSwipe() {
  const { default: PhotoSwipe } = await import("/photoswipe/photoswipe.esm.min.js");
  return PhotoSwipe;
}

function loadStyle() {
  if (document.querySelector("#photoswipe-style")) return Promise.resolve();
  return new Promise((resolve) => {
    const style = document.createElement("link");
    style.id = "photoswipe-style";
    style.rel = "stylesheet";
    style.href = "/photoswipe/photoswipe.css";
    style.onload = style.onerror = resolve;
    document.head.prepend(style); // so that ours counts after it
  });
}

// Thumbnails as far as they go, and the original where it is zoomed into. A GIF is its original: its
// thumbnails do not move.
function slideOf(image) {
  const slide = { width: image.width, height: image.height, alt: image.name, msrc: image.thumbs[320] };
  if (image.type === "image/gif") return { ...slide, src: image.url };
  const original = SHOWN_BY_BROWSERS.includes(image.type) ? `, ${image.url} ${image.width}w` : "";
  return { ...slide, src: image.thumbs[2048], srcset: srcset(image, 1280) + original };
}

function clone(id) {
  return document.querySelector(id).content.firstElementChild.cloneNode(true);
}

export class Lightbox {
  #photoswipe = null;
  #closeSoon = false;
  #panel = null;

  /**
   * source has images, an array that may grow, and loadMore(). onShow(image), onRename(image),
   * onRemove(image) and onClose(image) tell what happened.
   */
  constructor({ onShow, onRename, onRemove, onClose }) {
    Object.assign(this, { onShow, onRename, onRemove, onClose });
  }

  get isOpen() {
    return this.#photoswipe !== null;
  }

  get image() {
    return this.source.images[this.#photoswipe.currIndex];
  }

  /** isWanted tells whether the image is still to be opened once all is loaded. */
  async open(source, index, isWanted) {
    const [PhotoSwipe] = await Promise.all([loadPhotoSwipe(), loadStyle()]);
    if (this.isOpen || !isWanted()) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.source = source;
    const photoswipe = new PhotoSwipe({
      index,
      loop: false,
      bgOpacity: 1,
      showHideAnimationType: still ? "none" : "fade",
      showAnimationDuration: 150,
      hideAnimationDuration: 150,
      zoomAnimationDuration: still ? false : 333,
      wheelToZoom: true,
      errorMsg: "The image cannot be shown.",
      closeTitle: "Close",
      zoomTitle: "Zoom",
      arrowPrevTitle: "Previous",
      arrowNextTitle: "Next",
      paddingFn: (viewport) => ({ top: 56, bottom: viewport.x < 640 ? 150 : 96, left: 0, right: 0 }),
    });
    this.#photoswipe = photoswipe;
    photoswipe.addFilter("numItems", () => source.images.length);
    photoswipe.addFilter("itemData", (data, i) => slideOf(source.images[i]));
    photoswipe.on("uiRegister", () => this.#registerPanel());
    photoswipe.on("change", () => this.#change());
    photoswipe.on("destroy", () => this.#closed());
    // PhotoSwipe does not close while it opens.
    photoswipe.on("openingAnimationEnd", () => this.#closeSoon && photoswipe.close());
    this.#closeSoon = false;
    photoswipe.init();
  }

  close() {
    this.#closeSoon = true;
    this.#photoswipe?.close();
  }

  #closed() {
    const image = this.source.images[this.#photoswipe.currIndex];
    this.#photoswipe = null;
    this.onClose(image);
  }

  #registerPanel() {
    this.#photoswipe.ui.registerElement({
      name: "details",
      appendTo: "root",
      onInit: (element) => {
        this.#panel = clone("#details");
        element.append(this.#panel);
        this.#wire();
      },
    });
  }

  #part(name) {
    return this.#panel.querySelector(`[data-part=${name}]`);
  }

  #wire() {
    const form = this.#part("rename");
    // Arrows and Escape are the text's while a name is typed.
    this.#panel.addEventListener("keydown", (event) => {
      if (event.target.matches("input")) event.stopPropagation();
      if (event.target.matches("input") && event.key === "Escape") this.#edit(false);
    });
    this.#part("edit").addEventListener("click", () => this.#edit(true));
    this.#part("copy").addEventListener("click", () => this.#copy());
    this.#part("remove").addEventListener("click", () => {
      const { image } = this;
      this.close();
      this.onRemove(image);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#rename(form.elements.name.value);
    });
  }

  #edit(on) {
    const form = this.#part("rename");
    form.hidden = !on;
    this.#part("name").hidden = on;
    if (on) {
      form.elements.name.value = this.image.name;
      form.elements.name.select();
      form.elements.name.focus();
    } else {
      this.#part("edit").focus();
    }
  }

  async #rename(name) {
    const { image } = this;
    try {
      const renamed = await api.rename(image.id, name);
      this.onRename(renamed);
      if (this.isOpen && this.image.id === renamed.id) this.#describe();
      if (this.isOpen) this.#edit(false);
    } catch (error) {
      this.#part("message").textContent = error.message;
    }
  }

  async #copy() {
    const link = new URL(formatHash(this.image.id), location.origin + location.pathname).href;
    try {
      await navigator.clipboard.writeText(link);
      notice("The link is copied.");
    } catch {
      notice(link, { seconds: 20 }); // without TLS, browsers keep the clipboard to themselves
    }
  }

  #change() {
    const { images, loadMore } = this.source;
    this.#part("rename").hidden = true;
    this.#part("name").hidden = false;
    this.#describe();
    this.onShow(this.image);
    if (this.#photoswipe.currIndex > images.length - 5) loadMore?.();
  }

  #describe() {
    const { image } = this;
    const mine = api.tokenOf(image.id) !== null;
    const download = this.#part("download");
    this.#photoswipe.element.setAttribute("aria-label", image.name);
    this.#part("name").textContent = image.name;
    this.#part("facts").textContent = facts(image);
    this.#part("message").textContent = "";
    this.#part("edit").hidden = this.#part("remove").hidden = !mine;
    download.href = image.url;
    download.download = image.name;
  }
}
