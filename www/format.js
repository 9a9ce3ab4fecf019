// Numbers as people read them, and thumbnails as browsers read them.

/** @import { Image } from "./api.js" */

/**
 * Formats a number of images: "181 images".
 *
 * @param {number} total
 * @param {boolean} [capped] whether there are more than the server has counted
 */
export function count(total, capped = false) {
  const number = total.toLocaleString();
  if (capped) return `more than ${number} images`;
  return total === 1 ? "1 image" : `${number} images`;
}

/**
 * Returns the width in pixels of an image's thumbnail.
 *
 * @param {Pick<Image, "width" | "height">} image
 * @param {number} size of its longer side
 */
export function thumbnailWidth(image, size) {
  const longer = Math.max(image.width, image.height);
  return Math.max(1, Math.round((image.width * Math.min(size, longer)) / longer));
}

/**
 * Makes a srcset of the image's thumbnails up to a size. Sizes that a small image does not reach are left out.
 *
 * @param {Image} image
 * @param {number} largest
 */
export function srcset(image, largest) {
  const candidates = new Map();
  // Keys that are numbers come in ascending order.
  for (const [size, url] of Object.entries(image.thumbs)) {
    const width = thumbnailWidth(image, Number(size));
    if (Number(size) <= largest && !candidates.has(width)) candidates.set(width, url);
  }
  return [...candidates].map(([width, url]) => `${url} ${width}w`).join(", ");
}
