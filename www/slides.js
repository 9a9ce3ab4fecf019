// What the lightbox shows of an image: thumbnails as far as they go; the original where it is zoomed into or moves.

import { srcset } from "./format.js";

const SHOWN_BY_BROWSERS = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"];
const LARGEST = 2048;

/** A slide for PhotoSwipe, with the image itself beside what PhotoSwipe asks for. */
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

/** The URL that has all of an image's pixels, or null where browsers do not show its type. */
export function originalOf(image) {
  return SHOWN_BY_BROWSERS.includes(image.type) ? image.url : null;
}
