// The lightbox's own list of images, and where it is in it when the page's list has changed behind it.

/**
 * Where, in the list `after`, the image shown is; or, where it has gone from it, the one that came next in the list
 * `before` and is still there, or else the one before. -1 where `after` has none of them.
 */
export function follow(before, after, shownId) {
  const places = new Map(after.map(({ id }, index) => [id, index]));
  if (places.has(shownId)) return places.get(shownId);
  const was = before.findIndex(({ id }) => id === shownId);
  for (let i = was + 1; i < before.length; i++) if (places.has(before[i].id)) return places.get(before[i].id);
  for (let i = was - 1; i >= 0; i--) if (places.has(before[i].id)) return places.get(before[i].id);
  return -1;
}
