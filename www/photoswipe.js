// PhotoSwipe, loaded once; where that fails, the next call tries again.

let loading = null;

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

async function load() {
  const [{ default: PhotoSwipe }] = await Promise.all([import("/photoswipe/photoswipe.esm.min.js"), loadStyle()]);
  return PhotoSwipe;
}

export function loadPhotoSwipe() {
  loading ??= load().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}
