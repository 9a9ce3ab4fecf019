// Tells by its first bytes whether an original is animated. Thumbnails are still, so the original is shown then.

/** @import { Image } from "./api.js" */

/** The bytes of a file that isAnimated() looks at. */
export const HEAD_BYTES = 4096;

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 * @param {number} length
 */
function text(bytes, at, length) {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

/** @param {Uint8Array} bytes */
function isAnimatedWebp(bytes) {
  const ANIMATION = 0x02; // a flag of the chunk VP8X, which comes first
  return text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 8) === "WEBPVP8X" && (bytes[20] & ANIMATION) !== 0;
}

/**
 * An image sequence has "avis" as its brand or among its compatible brands.
 *
 * @param {Uint8Array} bytes
 */
function isAvifSequence(bytes) {
  if (bytes.length < 16 || text(bytes, 4, 4) !== "ftyp") return false;
  const end = Math.min(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), bytes.length);
  for (let at = 8; at + 4 <= end; at += 4) if (at !== 12 && text(bytes, at, 4) === "avis") return true;
  return false;
}

/**
 * An animated PNG has a chunk "acTL" before its picture, and perhaps a profile before that.
 *
 * @param {Uint8Array} bytes
 */
function isAnimatedPng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (text(bytes, at + 4, 4) === "acTL") return true;
    if (text(bytes, at + 4, 4) === "IDAT") return false;
  }
  return false;
}

/**
 * Whether a file is animated. Every GIF is taken for animated.
 *
 * @param {string} type
 * @param {Uint8Array} bytes the file's first HEAD_BYTES bytes
 */
export function isAnimated(type, bytes) {
  if (type === "image/gif") return true;
  if (type === "image/webp") return isAnimatedWebp(bytes);
  if (type === "image/avif") return isAvifSequence(bytes);
  if (type === "image/png") return isAnimatedPng(bytes);
  return false;
}

/**
 * Whether an original is animated. Requests only its first bytes. False if they cannot be loaded.
 *
 * @param {Image} image
 */
export async function moves(image) {
  if (!["image/webp", "image/avif", "image/png"].includes(image.type)) return image.type === "image/gif";
  try {
    const response = await fetch(image.url, { headers: { Range: `bytes=0-${HEAD_BYTES - 1}` } });
    if (response.status !== 206) {
      await response.body?.cancel();
      return false;
    }
    return isAnimated(image.type, new Uint8Array(await response.arrayBuffer()));
  } catch {
    return false;
  }
}
