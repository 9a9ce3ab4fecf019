// One image in full, by PhotoSwipe. What is shown is what is acted on: an image is known by its id here, and
// PhotoSwipe's indexes are brought up to date when the list behind them changes.

import * as api from "./api.js";
import { formatHash } from "./address.js";
import { downloadName, facts } from "./format.js";
import { partOf } from "./lazy.js";
import { notice } from "./notices.js";
import { follow } from "./sequence.js";

const [{ moves }, { loadPhotoSwipe }, { originalOf, slideOf }] = await Promise.all([
  import(partOf(import.meta.url, "./motion.js")),
  import(partOf(import.meta.url, "./photoswipe.js")),
  import(partOf(import.meta.url, "./slides.js")),
]);

const PRELOADED = 5; // images before the end of the list at which more of it is asked for
const FIRST_PAUSE = 2000; // milliseconds until an original that did not come is asked for again; then twice as many

function clone(id) {
  return document.querySelector(id).content.firstElementChild.cloneNode(true);
}

function optionsFor(index) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return {
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
  };
}

export class Lightbox {
  #photoswipe = null;
  #closeSoon = false;
  #panel = null;
  #images = []; // as PhotoSwipe knows them by their indexes
  #latest = []; // as the page has them now
  #contents = new Set(); // PhotoSwipe's, alive
  #frame = 0;
  #described = null; // the image in the panel

  /**
   * onShow(image), onRename(image), onRemove(image), onMissing(id), onNearEnd() and onClose(id) tell what happened;
   * onMissing: the server has no such image any more.
   */
  constructor({ onShow, onRename, onRemove, onMissing, onNearEnd, onClose }) {
    Object.assign(this, { onShow, onRename, onRemove, onMissing, onNearEnd, onClose });
  }

  get isOpen() {
    return this.#photoswipe !== null;
  }

  /** The image that is shown, or null. It is the slide's own: no index leads to it. */
  get image() {
    return this.#photoswipe?.currSlide?.data.image ?? null;
  }

  /** Loads what open() needs. */
  static prepare() {
    return loadPhotoSwipe();
  }

  /** Opens the image of that id; getImages() gives the list, and is asked once all is loaded. Null: not wanted any more. */
  async open(id, getImages) {
    const PhotoSwipe = await loadPhotoSwipe();
    const images = getImages();
    if (this.isOpen || images === null) return;
    this.#images = this.#latest = images;
    this.#contents.clear();
    const photoswipe = new PhotoSwipe(optionsFor(images.findIndex((image) => image.id === id)));
    this.#photoswipe = photoswipe;
    photoswipe.addFilter("numItems", () => this.#images.length);
    photoswipe.addFilter("itemData", (data, i) => slideOf(this.#images[i]));
    photoswipe.on("uiRegister", () => this.#registerPanel());
    photoswipe.on("contentInit", ({ content }) => this.#contents.add(content));
    photoswipe.on("contentDestroy", ({ content }) => this.#contents.delete(content));
    photoswipe.on("zoomPanUpdate", ({ slide }) => this.#sharpen(slide));
    photoswipe.on("change", () => this.#change());
    photoswipe.on("destroy", () => this.#closed());
    photoswipe.on("openingAnimationEnd", () => {
      // PhotoSwipe does not close while it opens.
      if (this.#closeSoon) photoswipe.close();
      this.#follow();
    });
    this.#closeSoon = false;
    photoswipe.init();
  }

  /** Takes the list as it is now. */
  update(images) {
    this.#latest = images;
    if (this.isOpen) this.#follow();
  }

  close() {
    this.#closeSoon = true;
    this.#photoswipe?.close();
  }

  #closed() {
    const { image } = this;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#photoswipe = this.#described = null;
    this.onClose(image.id);
  }

  // ---- the list changes behind it ----

  // Not while PhotoSwipe opens or a swipe is under way: until then it goes by the list that it had.
  #follow() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const photoswipe = this.#photoswipe;
    if (this.#latest === this.#images || !photoswipe || photoswipe.isDestroying || !photoswipe.opener.isOpen) return;
    if (photoswipe.mainScroll.isShifted() || photoswipe.currIndex !== photoswipe.potentialIndex) {
      this.#frame = requestAnimationFrame(() => this.#follow());
      return;
    }
    const shown = this.image.id;
    const index = follow(this.#images, this.#latest, shown);
    if (index < 0) {
      this.#images = this.#latest.length > 0 ? this.#images : [this.image];
      this.#leave();
      return;
    }
    this.#images = this.#latest;
    const wasDeleted = this.#images[index].id !== shown;
    this.#renumber();
    this.#moveTo(index, wasDeleted);
    if (wasDeleted) notice("That image was deleted.");
  }

  #leave() {
    notice("That image was deleted.");
    this.close();
  }

  // Brings all that PhotoSwipe has made up to date with the list.
  #renumber() {
    const places = new Map(this.#images.map(({ id }, index) => [id, index]));
    for (const content of this.#contents) {
      content.index = places.get(content.data.image.id) ?? NaN;
      const image = this.#images[content.index];
      if (image) Object.assign(content.data, { image, alt: image.name });
      if (image && content.element?.tagName === "IMG") content.element.alt = image.name;
    }
    for (const { slide } of this.#photoswipe.mainScroll.itemHolders)
      if (slide) slide.index = places.get(slide.data.image.id) ?? NaN;
  }

  #moveTo(index, isOther) {
    const photoswipe = this.#photoswipe;
    const [before, shown, after] = photoswipe.mainScroll.itemHolders;
    photoswipe.currIndex = photoswipe.potentialIndex = index;
    if (isOther) photoswipe.setContent(shown, index, true);
    photoswipe.setContent(before, index - 1);
    photoswipe.setContent(after, index + 1);
    if (isOther) shown.slide.setIsActive(true);
    photoswipe.dispatch("change");
  }

  // ---- what is loaded ----

  // The original comes where it is zoomed into, or moves; until it is there, the thumbnail stays. One that does not come
  // is asked for again, as what stands for an original may have to wait until the gallery has time to make it; but not
  // one that the gallery refuses to make.
  #sharpen(slide) {
    if (slide.isActive && slide.currZoomLevel > slide.zoomLevels.initial * 1.01) this.#showOriginal(slide);
  }

  async #showOriginal(slide, pause = FIRST_PAUSE) {
    const { content } = slide;
    const url = originalOf(content.data.image);
    if (content.data.original) return;
    content.data.original = true;
    const loader = new Image();
    loader.src = url;
    try {
      await loader.decode();
    } catch {
      const reason = await api.whyNot(url); // until then and after, what is there stays
      if (reason instanceof api.Refused) return;
      if (reason === null && pause > FIRST_PAUSE) return; // the browser has it, and cannot show it
      content.data.original = false;
      const again = Math.max(pause, reason?.pause ?? 0);
      setTimeout(() => this.#photoswipe?.currSlide === slide && this.#showOriginal(slide, pause * 2), again);
      return;
    }
    Object.assign(content.data, { src: url, srcset: undefined });
    const { element } = content;
    if (element?.tagName !== "IMG") return;
    element.removeAttribute("srcset");
    element.src = url;
  }

  async #animate(slide) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    if ((await moves(slide.data.image)) && slide.isActive && this.isOpen) this.#showOriginal(slide);
  }

  // ---- the panel below ----

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
    this.#part("edit").addEventListener("click", () => this.#isSettled() && this.#edit(true));
    this.#part("copy").addEventListener("click", () => this.#copy());
    this.#part("remove").addEventListener("click", () => {
      const image = this.#described;
      if (!this.#isSettled()) return;
      this.close();
      this.onRemove(image);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#rename(this.#described, form.elements.name.value);
    });
  }

  // Whether the panel is of what is seen: half-way through a swipe, that is two images.
  #isSettled() {
    return !this.#photoswipe.mainScroll.isShifted();
  }

  #edit(on) {
    const form = this.#part("rename");
    form.hidden = !on;
    this.#part("name").hidden = on;
    if (on) {
      form.elements.name.value = this.#described.name;
      form.elements.name.select();
      form.elements.name.focus();
    } else {
      this.#part("edit").focus();
    }
  }

  async #rename({ id }, name) {
    let renamed = null;
    let failure = null;
    try {
      renamed = await api.rename(id, name);
    } catch (error) {
      failure = error;
    }
    const isShown = this.isOpen && this.#described.id === id; // not another one meanwhile
    if (renamed) {
      this.onRename(renamed);
      if (!isShown) return;
      this.image.name = renamed.name;
      this.#describe(renamed);
      this.#edit(false);
    } else if (failure.status === 404) {
      this.onMissing(id);
    } else if (isShown) {
      this.#part("message").textContent = failure.message;
    } else {
      notice(`The image could not be renamed: ${failure.message}`);
    }
  }

  async #copy() {
    const link = new URL(formatHash(this.#described.id), location.origin + location.pathname).href;
    try {
      await navigator.clipboard.writeText(link);
      notice("The link is copied.");
    } catch {
      notice(link, { seconds: 20 }); // without TLS, browsers keep the clipboard to themselves
    }
  }

  #change() {
    const { image } = this;
    const isOther = this.#described?.id !== image.id;
    if (isOther) {
      this.#part("rename").hidden = true;
      this.#part("name").hidden = false;
      this.#part("message").textContent = "";
      this.onShow(image);
      this.#animate(this.#photoswipe.currSlide);
    }
    if (isOther || this.#described !== image) this.#describe(image);
    if (this.#photoswipe.currIndex > this.#images.length - PRELOADED) this.onNearEnd();
  }

  #describe(image) {
    const mine = api.tokenOf(image.id) !== null;
    const download = this.#part("download");
    this.#described = image;
    this.#photoswipe.element.setAttribute("aria-label", image.name);
    this.#part("name").textContent = image.name;
    this.#part("facts").textContent = facts(image);
    this.#part("edit").hidden = this.#part("remove").hidden = !mine;
    download.href = image.url;
    download.download = downloadName(image);
  }
}
