// PhotoSwipe, loaded once; where that fails, the next call tries again. By another URL, as browsers may remember of a
// module that it could not be had.
import { lazily } from "./lazy.js";

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
    document.head.prepend(style); // so that ours counts after it
  });
}

export const loadPhotoSwipe = lazily(async (tries) => {
  const module = `/photoswipe/photoswipe.esm.min.js${tries > 0 ? `?try=${tries}` : ""}`;
  const [{ default: PhotoSwipe }] = await Promise.all([import(module), loadStyle()]);
  return PhotoSwipe;
});
