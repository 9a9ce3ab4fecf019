// The address bar tells which listing is shown and which image is open. The back button and shared links depend on it.

import { isByTaken } from "./days.js";

/**
 * Which listing: its search text, the tag that all of its images have ("" for any), its order, the place at which it begins
 * in the orders by time taken, and the cursor of its first page. Place and cursor are "" for the beginning. A place is a day, a month or a year: in the order "taken",
 * "..2024-05" is the end of May; in "taken-old", "2024-05.." is its beginning.
 *
 * @typedef {{q: string, tag: string, sort: string, taken: string, cursor: string}} Query
 */

/** The orders, the default first. */
const SORTS = ["taken", "taken-old", "new", "old", "name", "size"];

const DAY = /^\d{4}(-\d\d(-\d\d)?)?$/;

/**
 * The place that begins with a day, a month or a year.
 *
 * @param {string} day "2024-05-12", or its beginning
 * @param {string} sort
 */
export function placeAt(day, sort) {
  return sort === "taken" ? `..${day}` : `${day}..`;
}

/**
 * The day, month or year of a place; "" if it is not one in that order.
 *
 * @param {string} place
 * @param {string} sort
 */
export function dayAt(place, sort) {
  const day = place.replace("..", "");
  return isByTaken(sort) && DAY.test(day) && placeAt(day, sort) === place ? day : "";
}

/**
 * Whether a list has a date rail. Months are counted of all images, so searches have none.
 *
 * @param {Query} query
 */
export function hasRail(query) {
  return isByTaken(query.sort) && query.cursor === "" && isOfAll(query);
}

/**
 * Whether a list is of all images, and not of those that are searched for.
 *
 * @param {Pick<Query, "q" | "tag">} query
 */
export function isOfAll({ q, tag }) {
  return q === "" && tag === "";
}

/**
 * The query of what comes before a listing that begins with a place: all beyond that place, in the other direction.
 *
 * @param {Query} query
 * @returns {Query}
 */
export function before({ q, tag, sort, taken }) {
  const isOldFirst = sort === "taken-old";
  const other = isOldFirst ? "taken" : "taken-old";
  const [year, month, day] = dayAt(taken, sort).split("-").map(Number);
  const next = isOldFirst ? -1 : 1;
  const date = new Date(0);
  if (day) date.setUTCFullYear(year, month - 1, day + next);
  else if (month) date.setUTCFullYear(year, month - 1 + next, 1);
  else date.setUTCFullYear(year + next, 0, 1);
  return { q, tag, sort: other, taken: placeAt(date.toISOString().slice(0, taken.length - 2), other), cursor: "" };
}

/**
 * Reads the search part of an address. Absent or unknown values get their defaults.
 *
 * @param {string} search
 * @returns {Query}
 */
export function parseSearch(search) {
  const parameters = new URLSearchParams(search);
  const given = parameters.get("sort") ?? "";
  const sort = SORTS.includes(given) ? given : SORTS[0];
  const taken = parameters.get("taken") ?? "";
  return {
    q: (parameters.get("q") ?? "").trim(),
    tag: parameters.get("tag") ?? "",
    sort,
    taken: dayAt(taken, sort) && taken,
    cursor: parameters.get("cursor") ?? "",
  };
}

/**
 * Writes the shortest search part for a query: "" for all images in the default order.
 *
 * @param {Partial<Query>} query
 */
export function formatSearch({ q = "", tag = "", sort = SORTS[0], taken = "", cursor = "" }) {
  const parameters = new URLSearchParams();
  if (q) parameters.set("q", q);
  if (tag) parameters.set("tag", tag);
  if (sort !== SORTS[0]) parameters.set("sort", sort);
  if (taken) parameters.set("taken", taken);
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
