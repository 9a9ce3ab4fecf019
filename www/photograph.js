// What a photograph knows, as people read it: time, camera, place, tags.

/** @import { Image } from "./api.js" */

/**
 * When a photograph was taken, as a clock at the place showed it: "Sunday, May 12, 2024 at 10:11 AM". Says so if that is a
 * guess. "" if it is not known.
 *
 * @param {Pick<Image, "taken" | "taken_from">} image
 */
export function takenText({ taken, taken_from: from }) {
  if (!taken) return "";
  const date = new Date(`${taken.slice(0, 19)}Z`);
  const text = date.toLocaleString(undefined, { dateStyle: "full", timeStyle: "short", timeZone: "UTC" });
  return from === "name" ? `${text} (by the file’s name)` : text;
}

/**
 * When an image was uploaded, where the visitor is.
 *
 * @param {Pick<Image, "created">} image
 */
export function addedText({ created }) {
  return new Date(created).toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" });
}

/** @param {number} value */
function short(value, digits = 1) {
  return value.toLocaleString(undefined, { maximumFractionDigits: digits, useGrouping: false });
}

/**
 * An exposure time: "1/75 s", or "2.5 s" from 0.3 seconds on.
 *
 * @param {number} seconds
 */
export function exposureText(seconds) {
  return seconds >= 0.3 ? `${short(seconds)}\u00a0s` : `1/${Math.round(1 / seconds)}\u00a0s`;
}

/**
 * What the camera wrote: "Nikon P6000 · 6 mm · f/5.9 · 1/75 s · ISO 64". A line does not
 * break before a unit.
 *
 * @param {Image} image
 */
export function cameraLine({ camera, focal_length: focal, aperture, exposure, iso, flash }) {
  return [
    camera,
    focal && `${short(focal)}\u00a0mm`,
    aperture && `f/${short(aperture)}`,
    exposure && exposureText(exposure),
    iso && `ISO\u00a0${iso}`,
    flash && "flash",
  ]
    .filter(Boolean)
    .join(" · ");
}

/**
 * The lens: "6-24mm f/2.7-5.9 · 28 mm on 35 mm film".
 *
 * @param {Image} image
 */
export function lensLine({ lens, focal_length_35: focal }) {
  return [lens, focal && `${short(focal)}\u00a0mm on 35 mm film`].filter(Boolean).join(" · ");
}

/**
 * A place: "43.46745° N, 11.88513° E, 251 m".
 *
 * @param {NonNullable<Image["place"]>} place
 */
export function placeText({ latitude, longitude, altitude }) {
  const parts = [
    `${Math.abs(latitude).toFixed(5)}° ${latitude < 0 ? "S" : "N"}`,
    `${Math.abs(longitude).toFixed(5)}° ${longitude < 0 ? "W" : "E"}`,
  ];
  if (altitude !== undefined) parts.push(`${Math.round(altitude)} m`);
  return parts.join(", ");
}

/**
 * The address of a map with a mark at the place.
 *
 * @param {NonNullable<Image["place"]>} place
 */
export function mapLink({ latitude, longitude }) {
  const [north, east] = [latitude.toFixed(5), longitude.toFixed(5)];
  return `https://www.openstreetmap.org/?mlat=${north}&mlon=${east}#map=15/${north}/${east}`;
}

/**
 * The tags in a text that separates them by commas.
 *
 * @param {string} text
 */
export function tagsIn(text) {
  return [...new Set(text.split(",").map((tag) => tag.trim()))].filter((tag) => tag !== "");
}

/**
 * What a form says of the time: null if nobody knows it, a date, or a date and a time.
 *
 * @param {string} day "2024-05-12", or ""
 * @param {string} time "10:11" or "10:11:12", or ""
 */
export function takenIn(day, time) {
  if (day === "") return null;
  return time === "" ? day : `${day}T${time.padEnd(8, ":00")}`;
}
