// The days that the grid has headings for. In the orders by time taken, a picture stands under the day on which it was
// taken, or, if that is not known, under the day of its upload in UTC, by which the server orders it. In the orders by
// upload, it stands under the day of its upload where the visitor is. The other orders have no days.

/** @import { Image } from "./api.js" */

/**
 * Consecutive pictures of one day, "2024-05-12": `count` of them, from the one at the index `first`.
 *
 * @typedef {{day: string, first: number, count: number}} Day
 */

/** @param {string} sort */
export function isByTaken(sort) {
  return sort === "taken" || sort === "taken-old";
}

/**
 * The time by which the server orders a picture in the orders by time taken. Such times are compared as texts.
 *
 * @param {Pick<Image, "taken" | "created">} image
 */
export function timeOf({ taken, created }) {
  return (taken ?? created).slice(0, 23); // without the offset, as a clock at the place showed it
}

/** @param {number} number */
function pad(number, length = 2) {
  return String(number).padStart(length, "0");
}

/** @param {string} time in ISO 8601, with an offset */
function dayHere(time) {
  const date = new Date(time);
  return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/**
 * The day that a picture stands under, or "" if the order has no days.
 *
 * @param {Pick<Image, "taken" | "created">} image
 * @param {string} sort
 */
export function dayOf(image, sort) {
  if (isByTaken(sort)) return timeOf(image).slice(0, 10);
  return sort === "new" || sort === "old" ? dayHere(image.created) : "";
}

/**
 * The days of a list. Empty if the order has none.
 *
 * @param {Pick<Image, "taken" | "created">[]} images in that order
 * @param {string} sort
 */
export function daysOf(images, sort) {
  /** @type {Day[]} */
  const days = [];
  images.forEach((image, index) => {
    const day = dayOf(image, sort);
    const last = days.at(-1);
    if (last?.day === day) last.count += 1;
    else if (day) days.push({ day, first: index, count: 1 });
  });
  return days;
}

/** @type {Intl.DateTimeFormatOptions} */
const LONG = { dateStyle: "full", timeZone: "UTC" };
/** @type {Map<string, string>} by day, as formatting takes long */
const names = new Map();

/** @param {string} day */
function nameOf(day) {
  const date = new Date(`${day}T00:00Z`);
  // A server's clock may have been wrong by millennia.
  const name = names.get(day) ?? (Number.isNaN(date.getTime()) ? day : date.toLocaleDateString(undefined, LONG));
  names.set(day, name);
  return name;
}

/**
 * The heading of a day: "Sunday, 12 May 2024", or "Added on Sunday, 12 May 2024" in the orders by upload.
 *
 * @param {string} day
 * @param {string} sort
 */
export function headingOf(day, sort) {
  return isByTaken(sort) ? nameOf(day) : `Added on ${nameOf(day)}`;
}
