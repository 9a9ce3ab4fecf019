// Shows one image in full, by PhotoSwipe. Every action is on the image that is shown: images are known by their ids here,
// and PhotoSwipe's indexes are updated when the list changes.

import * as api from "./api.js";
import { partOf } from "./lazy.js";
import { CLOCK, Mender } from "./mender.js";
import { notice } from "./notices.js";

const [{ Details }, { Info }, { moves }, { loadPhotoSwipe }, { follow }, { originalOf, slideOf }] = await Promise.all([
  /** @type {Promise<typeof import("./details.js")>} */ (import(partOf(import.meta.url, "./details.js"))),
  /** @type {Promise<typeof import("./info.js")>} */ (import(partOf(import.meta.url, "./info.js"))),
  /** @type {Promise<typeof import("./motion.js")>} */ (import(partOf(import.meta.url, "./motion.js"))),
  /** @type {Promise<typeof import("./photoswipe.js")>} */ (import(partOf(import.meta.url, "./photoswipe.js"))),
  /** @type {Promise<typeof import("./sequence.js")>} */ (import(partOf(import.meta.url, "./sequence.js"))),
  /** @type {Promise<typeof import("./slides.js")>} */ (import(partOf(import.meta.url, "./slides.js"))),
]);

/** @import PhotoSwipe from "photoswipe" */
/** @import { Image as GalleryImage } from "./api.js" */
/** @import { Details as DetailsType } from "./details.js" */
/** @import { Info as InfoType } from "./info.js" */
/** @typedef {NonNullable<PhotoSwipe["currSlide"]>} Slide */

/**
 * What the lightbox tells the page.
 *
 * @typedef {object} Events
 * @property {(image: GalleryImage) => void} onShow
 * @property {(image: GalleryImage) => void} onEdit the visitor has changed what the gallery says of the image
 * @property {(image: GalleryImage) => void} onRemove the visitor has pressed Delete
 * @property {(id: string) => void} onMissing the server does not have the image any more
 * @property {() => void} onNearEnd the end of the list is near
 * @property {(tag: string) => void} onTag the visitor has pressed a tag; the lightbox closes next
 * @property {(id: string) => void} onClose
 */

const PRELOADED = 5; // more of the list is requested once the visitor is this near to its end
const PANEL_WIDTH = 352; // CSS pixels
const FIRST_PAUSE = 2000; // milliseconds until an original that failed is requested again; doubled each time

/**
 * The room around the image for bars and panel; www/lightbox.css has the same sizes.
 *
 * @param {{x: number, y: number}} viewport
 * @param {boolean} isInformed
 */
function paddingFor(viewport, isInformed) {
  const isNarrow = viewport.x < 640;
  const bottom = isNarrow ? 150 : 96;
  if (!isInformed) return { top: 56, bottom, left: 0, right: 0 };
  return isNarrow
    ? { top: 56, bottom: Math.max(bottom, viewport.y * 0.6), left: 0, right: 0 }
    : { top: 56, bottom, left: 0, right: PANEL_WIDTH };
}

/**
 * @param {number} index
 * @param {() => boolean} isInformed whether the panel with information is open
 * @returns {import("photoswipe").PhotoSwipeOptions}
 */
function optionsFor(index, isInformed) {
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
    paddingFn: (viewport) => paddingFor(viewport, isInformed()),
  };
}

export class Lightbox {
  /** @type {PhotoSwipe | null} null if it is closed */
  #photoswipe = null;
  #closeSoon = false;
  /** @type {DetailsType | null} the bar below; another one for each opening, as the panel beside it */
  #details = null;
  /** @type {InfoType | null} */
  #info = null;
  /** @type {GalleryImage[]} the list that PhotoSwipe's indexes are of */
  #images = [];
  /** @type {GalleryImage[]} the page's list now */
  #latest = [];
  /** @type {Set<Slide["content"]>} all that PhotoSwipe has made and not destroyed */
  #contents = new Set();
  #frame = 0;
  /** @type {Mender} requests failed slides again; one for each opening */
  #mender = new Mender(CLOCK);
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
    const photoswipe = new Gallery(
      optionsFor(images.findIndex((image) => image.id === id), () => this.#info?.isOpen === true),
    );
    this.#photoswipe = photoswipe;
    photoswipe.addFilter("numItems", () => this.#images.length);
    photoswipe.addFilter("itemData", (data, i) => slideOf(this.#images[i]));
    photoswipe.on("uiRegister", () => this.#registerPanels(photoswipe));
    photoswipe.on("keydown", (event) => this.#key(event));
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
    this.#photoswipe = this.#details = this.#info = null;
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

  // ---- the bar below, and the panel ----

  /** @param {PhotoSwipe} photoswipe */
  #registerPanels(photoswipe) {
    photoswipe.ui?.registerElement({
      name: "details",
      appendTo: "root",
      onInit: (root) => {
        this.#details = new Details(root, {
          ...this.#events,
          // During a swipe, two images are seen.
          isSettled: () => !photoswipe.mainScroll.isShifted(),
          onRemove: (image) => {
            this.close();
            this.#events.onRemove(image);
          },
          onInfo: () => this.#info?.toggle(),
        });
        this.#info = new Info(root, {
          ...this.#events,
          onToggle: (isOpen) => {
            this.#details?.showInfo(isOpen);
            photoswipe.element?.classList.toggle("informed", isOpen);
            photoswipe.updateSize(true);
          },
          onTag: (tag) => {
            this.#events.onTag(tag);
            this.close();
          },
        });
      },
    });
  }

  /**
   * Escape first closes the panel, if it is open.
   *
   * @param {{originalEvent: KeyboardEvent, preventDefault: () => void}} event
   */
  #key(event) {
    const { key, ctrlKey, metaKey, altKey } = event.originalEvent;
    if (ctrlKey || metaKey || altKey || !this.#info) return;
    if (key.toLowerCase() !== "i" && !(key === "Escape" && this.#info.isOpen)) return;
    event.preventDefault();
    this.#info.toggle();
  }

  #change() {
    const photoswipe = this.#requirePhotoSwipe();
    const image = this.#requireImage();
    const isOther = this.#details?.image?.id !== image.id;
    if (isOther) {
      this.#events.onShow(image);
      this.#animate(photoswipe.currSlide);
    }
    photoswipe.element?.setAttribute("aria-label", image.name);
    this.#details?.describe(image);
    this.#info?.describe(image);
    // It may have failed before it was a slide's, which PhotoSwipe does not report.
    const content = photoswipe.currSlide?.content;
    if (isOther && content?.isError()) this.#mend(content);
    if (photoswipe.currIndex > this.#images.length - PRELOADED) this.#events.onNearEnd();
  }
}
