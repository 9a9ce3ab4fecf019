// Numbers and names as people read them, and the sizes that thumbnails come in.

const SIZES = [320, 640, 1280, 2048]; // of the longer side, in pixels

/** "181 images"; capped where a search has more than it counts. */
export function count(total, capped = false) {
  const number = total.toLocaleString();
  if (capped) return `more than ${number} images`;
  return total === 1 ? "1 image" : `${number} images`;
}

/** "4.4 MB": decimal, as file managers show it. */
export function bytes(value) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return value.toLocaleString(undefined, {
    style: "unit",
    unit: units[unit],
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  });
}

/** "6028 × 3391 · JPEG · 4.4 MB · November 25, 2026". */
export function facts(image) {
  return [
    `${image.width} × ${image.height}`,
    image.type.replace("image/", "").toUpperCase(),
    bytes(image.bytes),
    new Date(image.created).toLocaleDateString(undefined, { dateStyle: "long" }),
  ].join(" · ");
}

/** Width in pixels of an image's thumbnail of that size: sizes count the longer side. */
export function thumbnailWidth(image, size) {
  const longer = Math.max(image.width, image.height);
  return Math.max(1, Math.round((image.width * Math.min(size, longer)) / longer));
}

/** A srcset of the thumbnails up to a size, none twice where the image is smaller. */
export function srcset(image, largest) {
  const candidates = new Map();
  for (const size of SIZES) {
    const width = thumbnailWidth(image, size);
    if (size <= largest && !candidates.has(width)) candidates.set(width, image.thumbs[size]);
  }
  return [...candidates].map(([width, url]) => `${url} ${width}w`).join(", ");
}

const EXTENSIONS = {
  "image/jpeg": ["jpg", "jpeg", "jpe", "jfif"],
  "image/png": ["png"],
  "image/gif": ["gif"],
  "image/webp": ["webp"],
  "image/avif": ["avif"],
  "image/heic": ["heic", "heif"],
  "image/tiff": ["tif", "tiff"],
};

/** The name to save an original by: it ends in an extension of the verified type, whatever the uploader chose. */
export function downloadName(image) {
  const fitting = EXTENSIONS[image.type] ?? [];
  const extension = /\.([^.]*)$/.exec(image.name)?.[1].toLowerCase();
  if (fitting.includes(extension)) return image.name;
  return `${image.name}.${/\.([a-z]+)$/.exec(image.url)[1]}`;
}
