// Finds the lightbox's place again when the list of images changes while it is open.

/** @import { Image } from "./api.js" */

/**
 * Returns the index, in the list `after`, of the image shown. If it is gone from there: of the nearest image that came
 * after it in the list `before`, or else of the nearest one before it. -1 if none of them is left.
 *
 * @param {Pick<Image, "id">[]} before
 * @param {Pick<Image, "id">[]} after
 * @param {string} shownId
 */
export function follow(before, after, shownId) {
  const places = new Map(after.map(({ id }, index) => [id, index]));
  const was = before.findIndex(({ id }) => id === shownId);
  const nearest = [...before.slice(was + 1), ...before.slice(0, Math.max(was, 0)).reverse()];
  for (const id of [shownId, ...nearest.map((image) => image.id)]) {
    const place = places.get(id);
    if (place !== undefined) return place;
  }
  return -1;
}
