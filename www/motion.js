// Whether an original moves, by its first bytes: thumbnails are still, so one that moves is shown as the original.

/** How many bytes of a file motionOf() looks at. */
export const HEAD_BYTES = 4096;

function text(bytes, at, length) {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

function isAnimatedWebp(bytes) {
  const ANIMATION = 0x02; // of the flags of the chunk VP8X, which comes first
  return text(bytes, 0, 4) === "RIFF" && text(bytes, 8, 8) === "WEBPVP8X" && (bytes[20] & ANIMATION) !== 0;
}

// An image sequence names the brand "avis", as its own or among those that it is compatible with.
function isAvifSequence(bytes) {
  if (bytes.length < 16 || text(bytes, 4, 4) !== "ftyp") return false;
  const end = Math.min(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), bytes.length);
  for (let at = 8; at + 4 <= end; at += 4) if (at !== 12 && text(bytes, at, 4) === "avis") return true;
  return false;
}

// A PNG's animation is announced by a chunk before its picture; a profile may come before that.
function isAnimatedPng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 8 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (text(bytes, at + 4, 4) === "acTL") return true;
    if (text(bytes, at + 4, 4) === "IDAT") return false;
  }
  return false;
}

/** Whether a file of that type, of which these are the first bytes, is an animation. A GIF may always be one. */
export function isAnimated(type, bytes) {
  if (type === "image/gif") return true;
  if (type === "image/webp") return isAnimatedWebp(bytes);
  if (type === "image/avif") return isAvifSequence(bytes);
  if (type === "image/png") return isAnimatedPng(bytes);
  return false;
}

/** The same, of an image of the API; asks for no more than its head. False where that cannot be had. */
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
