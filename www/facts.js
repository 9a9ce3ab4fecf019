// What an image's file is, as people read it, and the name to save it by.

/** @import { Image } from "./api.js" */

/**
 * Formats a size: "4.4 MB". It is decimal, as in file managers.
 *
 * @param {number} value
 */
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

/**
 * Describes an image: "6028 × 3391 · JPEG · 4.4 MB · May 12, 2024". It ends with the day on which the photograph was taken,
 * or, if that is not known, with "Added" and the day of the upload.
 *
 * @param {Image} image
 */
export function facts(image) {
  return [
    `${image.width} × ${image.height}`,
    typeName(image),
    bytes(image.bytes),
    image.taken
      ? new Date(`${image.taken.slice(0, 10)}T00:00Z`).toLocaleDateString(undefined, { dateStyle: "long", timeZone: "UTC" })
      : `Added ${new Date(image.created).toLocaleDateString(undefined, { dateStyle: "long" })}`,
  ].join(" · ");
}

/**
 * The type of an image's file: "JPEG".
 *
 * @param {Pick<Image, "type">} image
 */
export function typeName({ type }) {
  return type.replace("image/", "").toUpperCase();
}

/** @type {Record<string, string[]>} */
const EXTENSIONS = {
  "image/jpeg": ["jpg", "jpeg", "jpe", "jfif"],
  "image/png": ["png", "apng"],
  "image/gif": ["gif"],
  "image/webp": ["webp"],
  "image/avif": ["avif", "avifs"],
  "image/heic": ["heic", "heif", "hif"],
  "image/tiff": ["tif", "tiff"],
  "image/jxl": ["jxl"],
};

/**
 * Returns the file name to save an original by. It always ends in an extension of the verified type, whatever the
 * uploader chose.
 *
 * @param {Image} image
 */
export function downloadName(image) {
  const fitting = EXTENSIONS[image.type] ?? [];
  const extension = /\.([^.]*)$/.exec(image.name)?.[1].toLowerCase() ?? "";
  if (fitting.includes(extension)) return image.name;
  return `${image.name}.${image.url.slice(image.url.lastIndexOf(".") + 1)}`;
}
