// Loads PhotoSwipe once. After a failure, the next call tries another URL, as a browser may remember that a module could
// not be loaded.

import { lazily } from "./lazy.js";

/** @returns {Promise<unknown>} */
function loadStyle() {
  return new Promise((resolve, reject) => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = "/photoswipe/photoswipe.css";
    style.onload = resolve;
    style.onerror = () => {
      style.remove();
      reject(new Error("a style sheet could not be loaded"));
    };
    document.head.prepend(style); // our style sheet comes after it and overrides it
  });
}

export const loadPhotoSwipe = lazily(async (tries) => {
  const module = `/photoswipe/photoswipe.esm.min.js${tries > 0 ? `?try=${tries}` : ""}`;
  const [{ default: PhotoSwipe }] = await Promise.all([
    /** @type {Promise<typeof import("photoswipe")>} */ (import(module)),
    loadStyle(),
  ]);
  return PhotoSwipe;
});
