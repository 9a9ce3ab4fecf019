// What the lightbox shows of an image: thumbnails as far as they go; the original where it is zoomed into or moves.

import { srcset } from "./format.js";

const LARGEST = 2048;
const FULL = 8192; // of a type that browsers do not show; others have no thumbnail of that size

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

/** The URL that has all of an image's pixels: the original, or what stands for it where browsers do not show its type. */
export function originalOf(image) {
  return image.thumbs[FULL] ?? image.url;
}
