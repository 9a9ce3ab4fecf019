// Shows one image in full, by PhotoSwipe. Every action is on the image that is shown: images are known by their ids here,
// and PhotoSwipe's indexes are updated when the list changes.

import * as api from "./api.js";
import { formatHash } from "./address.js";
import { element } from "./elements.js";
import { downloadName, facts } from "./format.js";
import { partOf } from "./lazy.js";
import { CLOCK, Mender } from "./mender.js";
import { notice } from "./notices.js";
import { follow } from "./sequence.js";

const [{ moves }, { loadPhotoSwipe }, { originalOf, slideOf }] = await Promise.all([
  /** @type {Promise<typeof import("./motion.js")>} */ (import(partOf(import.meta.url, "./motion.js"))),
  /** @type {Promise<typeof import("./photoswipe.js")>} */ (import(partOf(import.meta.url, "./photoswipe.js"))),
  /** @type {Promise<typeof import("./slides.js")>} */ (import(partOf(import.meta.url, "./slides.js"))),
]);

/** @import PhotoSwipe from "photoswipe" */
/** @import { Image as GalleryImage } from "./api.js" */
/** @typedef {NonNullable<PhotoSwipe["currSlide"]>} Slide */

/**
 * What the lightbox tells the page.
 *
 * @typedef {object} Events
 * @property {(image: GalleryImage) => void} onShow
 * @property {(image: GalleryImage) => void} onRename
 * @property {(image: GalleryImage) => void} onRemove the visitor has pressed Delete
 * @property {(id: string) => void} onMissing the server does not have the image any more
 * @property {() => void} onNearEnd the end of the list is near
 * @property {(id: string) => void} onClose
 */

const PRELOADED = 5; // more of the list is requested once the visitor is this near to its end
const FIRST_PAUSE = 2000; // milliseconds until an original that failed is requested again; doubled each time

function clonePanel() {
  const panel = element(".details", HTMLElement, element("#details", HTMLTemplateElement).content);
  return /** @type {HTMLElement} */ (panel.cloneNode(true));
}

/**
 * @param {number} index
 * @returns {import("photoswipe").PhotoSwipeOptions}
 */
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
  /** @type {PhotoSwipe | null} null if it is closed */
  #photoswipe = null;
  #closeSoon = false;
  /** @type {HTMLElement} replaced with each opening */
  #panel = document.createElement("div");
  /** @type {GalleryImage[]} the list that PhotoSwipe's indexes are of */
  #images = [];
  /** @type {GalleryImage[]} the page's list now */
  #latest = [];
  /** @type {Set<Slide["content"]>} all that PhotoSwipe has made and not destroyed */
  #contents = new Set();
  #frame = 0;
  /** @type {Mender} requests failed slides again; one for each opening */
  #mender = new Mender(CLOCK);
  /** @type {GalleryImage | null} the image in the panel */
  #described = null;
  #events;

  /** @param {Events} events */
  constructor(events) {
    this.#events = events;
  }

  get isOpen() {
    return this.#photoswipe !== null;
  }

  /**
   * The image that is shown, or null. It is taken from the slide itself, as an index may be out of date.
   *
   * @returns {GalleryImage | null}
   */
  get image() {
    return this.#photoswipe?.currSlide?.data.image ?? null;
  }

  /** Loads PhotoSwipe, which open() needs. */
  static prepare() {
    return loadPhotoSwipe();
  }

  /**
   * Opens an image.
   *
   * @param {string} id
   * @param {() => GalleryImage[] | null} getImages is called once everything is loaded; gives the list, or null if the
   *   image must not be opened any more
   */
  async open(id, getImages) {
    const Gallery = await loadPhotoSwipe();
    const images = getImages();
    if (this.isOpen || images === null) return;
    this.#images = this.#latest = images;
    this.#contents.clear();
    this.#mender = new Mender(CLOCK);
    const photoswipe = new Gallery(optionsFor(images.findIndex((image) => image.id === id)));
    this.#photoswipe = photoswipe;
    photoswipe.addFilter("numItems", () => this.#images.length);
    photoswipe.addFilter("itemData", (data, i) => slideOf(this.#images[i]));
    photoswipe.on("uiRegister", () => this.#registerPanel());
    photoswipe.on("contentInit", ({ content }) => this.#contents.add(content));
    photoswipe.on("contentDestroy", ({ content }) => this.#contents.delete(content));
    photoswipe.on("zoomPanUpdate", ({ slide }) => this.#sharpen(slide));
    photoswipe.on("loadError", ({ content }) => this.#mend(content));
    photoswipe.on("loadComplete", ({ content, isError }) => isError || this.#mender.loaded(content.data.image.id));
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

  /**
   * Takes the page's current list.
   *
   * @param {GalleryImage[]} images
   */
  update(images) {
    this.#latest = images;
    if (this.isOpen) this.#follow();
  }

  close() {
    this.#closeSoon = true;
    this.#photoswipe?.close();
  }

  // PhotoSwipe, which must be open.
  #requirePhotoSwipe() {
    if (!this.#photoswipe) throw new Error("the lightbox is closed");
    return this.#photoswipe;
  }

  // The image shown, while the lightbox is open.
  #requireImage() {
    const { image } = this;
    if (!image) throw new Error("the lightbox shows no image");
    return image;
  }

  #closed() {
    const { id } = this.#requireImage();
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#photoswipe = this.#described = null;
    this.#events.onClose(id);
  }

  // ---- the list changes behind it ----

  // While PhotoSwipe opens or the visitor swipes, the earlier list stays in use.
  #follow() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const photoswipe = this.#photoswipe;
    if (this.#latest === this.#images || !photoswipe || photoswipe.isDestroying || !photoswipe.opener.isOpen) return;
    if (photoswipe.mainScroll.isShifted() || photoswipe.currIndex !== photoswipe.potentialIndex) {
      this.#frame = requestAnimationFrame(() => this.#follow());
      return;
    }
    const image = this.#requireImage();
    const shown = image.id;
    const index = follow(this.#images, this.#latest, shown);
    if (index < 0) {
      this.#images = this.#latest.length > 0 ? this.#images : [image];
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

  // Updates the indexes of everything that PhotoSwipe has made.
  #renumber() {
    const places = new Map(this.#images.map(({ id }, index) => [id, index]));
    for (const content of this.#contents) {
      content.index = places.get(content.data.image.id) ?? NaN;
      const image = this.#images[content.index];
      if (image) Object.assign(content.data, { image, alt: image.name });
      if (image && content.element instanceof HTMLImageElement) content.element.alt = image.name;
    }
    for (const { slide } of this.#requirePhotoSwipe().mainScroll.itemHolders)
      if (slide) slide.index = places.get(slide.data.image.id) ?? NaN;
  }

  /**
   * @param {number} index
   * @param {boolean} isOther whether another image than before is shown there
   */
  #moveTo(index, isOther) {
    const photoswipe = this.#requirePhotoSwipe();
    const [before, shown, after] = photoswipe.mainScroll.itemHolders;
    photoswipe.currIndex = photoswipe.potentialIndex = index;
    if (isOther) photoswipe.setContent(shown, index, true);
    photoswipe.setContent(before, index - 1);
    photoswipe.setContent(after, index + 1);
    if (isOther) shown.slide?.setIsActive(true);
    photoswipe.dispatch("change");
  }

  // ---- what is loaded ----

  /**
   * Requests a slide's thumbnail again that has failed to load, after a pause that grows, as long as the slide is there.
   *
   * @param {Slide["content"]} content
   */
  #mend(content) {
    const photoswipe = this.#requirePhotoSwipe();
    const { id } = content.data.image;
    this.#mender.failed(id, () => {
      const slide = photoswipe.mainScroll.itemHolders.find((holder) => holder.slide?.data.image.id === id)?.slide;
      if (this.#photoswipe !== photoswipe || !slide?.content.isError()) this.#mender.forget(id);
      else photoswipe.refreshSlideContent(slide.index);
    });
  }

  /**
   * Shows the original once the visitor zooms in.
   *
   * @param {Slide} slide
   */
  #sharpen(slide) {
    if (slide.isActive && slide.currZoomLevel > slide.zoomLevels.initial * 1.01) this.#showOriginal(slide);
  }

  /**
   * Replaces the thumbnail by the original once that is loaded. Some types have a large thumbnail in place of the
   * original, which a busy server may make only later: after a failure it is requested again, unless the server refuses.
   *
   * @param {Slide} slide
   * @param {number} [pause] in milliseconds, after a failure
   * @param {boolean} [wasThere] whether it could be requested after the failure before
   */
  async #showOriginal(slide, pause = FIRST_PAUSE, wasThere = false) {
    const { content } = slide;
    const url = originalOf(content.data.image);
    if (content.data.original) return;
    content.data.original = true;
    const loader = new Image();
    loader.src = url;
    try {
      await loader.decode();
    } catch {
      const reason = await api.whyNot(url); // the thumbnail stays meanwhile
      if (reason instanceof api.Refused) return;
      const isThere = reason === null; // a busy server may have made it meanwhile
      if (isThere && wasThere) return; // it can be loaded, but the browser cannot show it
      content.data.original = false;
      const again = reason instanceof api.Busy ? Math.max(pause, reason.pause) : pause;
      setTimeout(() => this.#photoswipe?.currSlide === slide && this.#showOriginal(slide, pause * 2, isThere), again);
      return;
    }
    Object.assign(content.data, { src: url, srcset: undefined });
    if (!(content.element instanceof HTMLImageElement)) return;
    content.element.removeAttribute("srcset");
    content.element.src = url;
  }

  /**
   * Shows the original if it is animated.
   *
   * @param {Slide | undefined} slide
   */
  async #animate(slide) {
    if (!slide || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    if ((await moves(slide.data.image)) && slide.isActive && this.isOpen) this.#showOriginal(slide);
  }

  // ---- the panel below ----

  #registerPanel() {
    this.#requirePhotoSwipe().ui?.registerElement({
      name: "details",
      appendTo: "root",
      onInit: (root) => {
        this.#panel = clonePanel();
        root.append(this.#panel);
        this.#wire();
      },
    });
  }

  /** @param {string} name */
  #part(name) {
    return element(`[data-part=${name}]`, HTMLElement, this.#panel);
  }

  get #nameField() {
    return element("input[name=name]", HTMLInputElement, this.#panel);
  }

  #wire() {
    const form = this.#part("rename");
    // While a name is typed, PhotoSwipe does not get the arrow keys and Escape.
    this.#nameField.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.#edit(false);
    });
    this.#part("edit").addEventListener("click", () => this.#isSettled() && this.#edit(true));
    this.#part("copy").addEventListener("click", () => this.#copy());
    this.#part("download").addEventListener("click", (event) => this.#download(event));
    this.#part("remove").addEventListener("click", () => {
      const image = this.#described;
      if (!image || !this.#isSettled()) return;
      this.close();
      this.#events.onRemove(image);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#described) this.#rename(this.#described.id, this.#nameField.value);
    });
  }

  // Whether the panel describes what is seen: during a swipe, two images are seen.
  #isSettled() {
    return !this.#requirePhotoSwipe().mainScroll.isShifted();
  }

  /** @param {boolean} on */
  #edit(on) {
    const form = this.#part("rename");
    form.hidden = !on;
    this.#part("name").hidden = on;
    if (on) {
      const field = this.#nameField;
      field.value = this.#described?.name ?? "";
      field.select();
      field.focus();
    } else {
      this.#part("edit").focus();
    }
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  async #rename(id, name) {
    let renamed;
    try {
      renamed = await api.rename(id, name);
    } catch (error) {
      if (error.status === 404) this.#events.onMissing(id);
      else if (this.#isDescribed(id)) this.#part("message").textContent = error.message;
      else notice(`The image could not be renamed: ${error.message}`);
      return;
    }
    this.#events.onRename(renamed);
    if (!this.#isDescribed(id)) return;
    this.#requireImage().name = renamed.name;
    this.#describe(renamed);
    this.#edit(false);
  }

  /**
   * Whether the panel still describes that image: the visitor may have gone on while a request was being answered.
   *
   * @param {string} id
   */
  #isDescribed(id) {
    return this.isOpen && this.#described?.id === id;
  }

  /**
   * Whoever may change the image gets the original itself; everybody else what the link gives.
   *
   * @param {Event} event
   */
  async #download(event) {
    const image = this.#requireImage();
    if (api.tokenOf(image.id) === null) return;
    event.preventDefault();
    try {
      const href = URL.createObjectURL(await api.original(image.id));
      Object.assign(document.createElement("a"), { href, download: downloadName(image) }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60_000); // the browser may not have begun to read it
    } catch (error) {
      notice(`The original could not be loaded: ${error.message}`);
    }
  }

  async #copy() {
    const link = new URL(formatHash(this.#requireImage().id), location.origin + location.pathname).href;
    try {
      await navigator.clipboard.writeText(link);
      notice("The link was copied.");
    } catch {
      notice(link, { seconds: 20 }); // without TLS, browsers do not let pages write to the clipboard
    }
  }

  #change() {
    const photoswipe = this.#requirePhotoSwipe();
    const image = this.#requireImage();
    const isOther = this.#described?.id !== image.id;
    if (isOther) {
      this.#part("rename").hidden = true;
      this.#part("name").hidden = false;
      this.#part("message").textContent = "";
      this.#events.onShow(image);
      this.#animate(photoswipe.currSlide);
    }
    if (isOther || this.#described !== image) this.#describe(image);
    // It may have failed before it was a slide's, which PhotoSwipe does not report.
    const content = photoswipe.currSlide?.content;
    if (isOther && content?.isError()) this.#mend(content);
    if (photoswipe.currIndex > this.#images.length - PRELOADED) this.#events.onNearEnd();
  }

  /** @param {GalleryImage} image */
  #describe(image) {
    const mine = api.tokenOf(image.id) !== null;
    const download = element("a[data-part=download]", HTMLAnchorElement, this.#panel);
    this.#described = image;
    this.#requirePhotoSwipe().element?.setAttribute("aria-label", image.name);
    this.#part("name").textContent = image.name;
    this.#part("facts").textContent = facts(image);
    this.#part("edit").hidden = this.#part("remove").hidden = !mine;
    download.href = image.url;
    download.download = downloadName(image);
  }
}
