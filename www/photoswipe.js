// Loads PhotoSwipe once. After a failure, the next call tries another URL, as a browser may remember that a module could
// not be loaded.

import { lazily, loadStyle } from "./lazy.js";

export const loadPhotoSwipe = lazily(async (tries) => {
  const module = `/photoswipe/photoswipe.esm.min.js${tries > 0 ? `?try=${tries}` : ""}`;
  const [{ default: PhotoSwipe }] = await Promise.all([
    /** @type {Promise<typeof import("photoswipe")>} */ (import(module)),
    loadStyle("/photoswipe/photoswipe.css").then(() => loadStyle("/lightbox.css")), // which overrides it
  ]);
  return PhotoSwipe;
});
