// What the lightbox loads of an image: thumbnails first; the original if the visitor zooms in or the image is animated.

import { srcset } from "./format.js";

/** @import { Image } from "./api.js" */

const LARGEST = 2048;
const FULL = 8192; // only images of types that browsers do not show have this one

/**
 * Returns PhotoSwipe's data of a slide, with the image itself added.
 *
 * @param {Image} image
 */
export function slideOf(image) {
  return {
    image,
    width: image.width,
    height: image.height,
    alt: image.name,
    msrc: image.thumbs[320],
    src: image.thumbs[LARGEST],
    srcset: srcset(image, LARGEST),
  };
}

/**
 * Returns the URL of all of an image's pixels: the original, or its largest thumbnail if browsers do not show its type.
 *
 * @param {Image} image
 */
export function originalOf(image) {
  return image.thumbs[FULL] ?? image.url;
}
