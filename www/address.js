// The address bar tells which listing is shown and which image is open. The back button and shared links depend on it.

/**
 * Which listing: its search text, its order, and the cursor of its first page ("" for the beginning).
 *
 * @typedef {{q: string, sort: string, cursor: string}} Query
 */

const SORTS = ["new", "old", "name", "size", "taken", "taken-old"];

/**
 * Reads the search part of an address. Absent or unknown values get their defaults.
 *
 * @param {string} search
 * @returns {Query}
 */
export function parseSearch(search) {
  const parameters = new URLSearchParams(search);
  const sort = parameters.get("sort") ?? "";
  return {
    q: (parameters.get("q") ?? "").trim(),
    sort: SORTS.includes(sort) ? sort : "new",
    cursor: parameters.get("cursor") ?? "",
  };
}

/**
 * Writes the shortest search part for a query: "" for the newest images.
 *
 * @param {Partial<Query>} query
 */
export function formatSearch({ q = "", sort = "new", cursor = "" }) {
  const parameters = new URLSearchParams();
  if (q) parameters.set("q", q);
  if (sort !== "new") parameters.set("sort", sort);
  if (cursor) parameters.set("cursor", cursor);
  const text = parameters.toString();
  return text && `?${text}`;
}

/**
 * The id of the image that a fragment opens, or null.
 *
 * @param {string} hash
 */
export function parseHash(hash) {
  return /^#image=([0-9a-f]{32})$/.exec(hash)?.[1] ?? null;
}

/** @param {string} id */
export function formatHash(id) {
  return `#image=${id}`;
}
