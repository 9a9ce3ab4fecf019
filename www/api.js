// The gallery's HTTP API, and the tokens that this browser keeps.

import { formatSearch } from "./address.js";
import { keeper } from "./storage.js";

/** @import { Query } from "./address.js" */

/**
 * An image, as the API describes it in docs/api.md.
 *
 * @typedef {object} Image
 * @property {string} id
 * @property {string} name
 * @property {string[]} tags
 * @property {string} type the media type, which the server has verified
 * @property {number} width in pixels, upright; so is the height
 * @property {number} height
 * @property {number} bytes the size of the original
 * @property {string} created the time of the upload, in ISO 8601
 * @property {string} url where the original is, or the copy of it that everybody gets
 * @property {"original" | "copy" | "thumbnail" | undefined} url_gives what that address gives; not in listings
 * @property {Record<number, string>} thumbs where the thumbnails are, by the length of their longer side in pixels
 * @property {string | undefined} taken when the photograph was taken, by a clock at the place, in ISO 8601; the offset may be absent
 * @property {"file" | "name" | "person" | undefined} taken_from where that comes from; this and the following are not in listings
 * @property {string | undefined} camera
 * @property {string | undefined} lens
 * @property {number | undefined} focal_length in mm
 * @property {number | undefined} focal_length_35 in mm, of the same angle of view on 35 mm film
 * @property {number | undefined} aperture the f-number
 * @property {number | undefined} exposure in seconds
 * @property {number | undefined} iso
 * @property {boolean | undefined} flash whether it fired
 * @property {{latitude: number, longitude: number, altitude?: number} | undefined} place in degrees and metres
 * @property {number | undefined} rating 1 to 5
 * @property {string | undefined} description
 */

/**
 * What an upload answers for each file.
 *
 * @typedef {Image & {status: number, delete_token?: string}} UploadedImage
 */

/**
 * One page of a listing; next is the cursor of the page that follows, or null.
 *
 * @typedef {{images: Image[], next: string | null, total: number, total_capped?: boolean}} Page
 */

/**
 * The months with images, the newest first, and the number of images.
 *
 * @typedef {{count: number, months: import("./timeline.js").Month[]}} Months
 */

/**
 * What a token allows: to change every image (operator), to upload.
 *
 * @typedef {{operator: boolean, upload: boolean}} Session
 */

/**
 * An error of the API (RFC 9457).
 *
 * @typedef {{title?: string, detail?: string}} Problem
 */

const OPERATOR = "vitrine.operator";
const TOKEN = "vitrine.token.";
export const UNREACHABLE = "The server cannot be reached.";
const PAUSE = 5000; // milliseconds, if a busy server does not say how long
const LONGEST_PAUSE = 24 * 60 * 60 * 1000;

/** A temporary failure: the network failed, or a worker was lost before it answered. */
export class Interrupted extends Error {}

/** The server asks the page to try again later: 429 or 503. */
export class Busy extends Error {
  /**
   * @param {string} message
   * @param {number} pause in milliseconds
   */
  constructor(message, pause) {
    super(message);
    this.pause = pause;
  }
}

/** The server refused the request; the message is the server's own reason. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {Problem | null} problem
   */
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}.`);
    this.status = status;
  }
}

/**
 * Returns how many milliseconds after `now` a Retry-After header asks for. The header has seconds or a date (RFC 9110,
 * section 10.2.3).
 *
 * @param {string | null} text
 */
export function parseRetryAfter(text, now = Date.now()) {
  const trimmed = text?.trim() ?? "";
  const pause = /^\d+$/.test(trimmed) ? Number(trimmed) * 1000 : Date.parse(trimmed) - now;
  if (Number.isNaN(pause)) return PAUSE;
  return Math.min(Math.max(pause, 1000), LONGEST_PAUSE);
}

/**
 * Makes the error for an answer that is no success.
 *
 * @param {number} status
 * @param {Problem | null} problem the answer's JSON, if it has any
 * @param {string | null} retryAfter
 */
export function failureOf(status, problem, retryAfter) {
  const refused = new Refused(status, problem);
  if (status === 429 || status === 503) return new Busy(refused.message, parseRetryAfter(retryAfter));
  if (status === 502 || status === 504) return new Interrupted(refused.message);
  return refused;
}

/** @param {string} token "" to forget it */
export function keepOperatorToken(token) {
  if (token) keeper.write(OPERATOR, token);
  else keeper.erase(OPERATOR);
}

export function operatorToken() {
  return keeper.read(OPERATOR);
}

/**
 * @param {string} id
 * @param {string} token
 */
export function keepToken(id, token) {
  keeper.write(TOKEN + id, token);
}

/**
 * Returns the token that may change an image, or null if this browser has none.
 *
 * @param {string} id
 */
export function tokenOf(id) {
  return keeper.read(TOKEN + id) ?? operatorToken();
}

/**
 * Parses JSON. Returns null if the text is no JSON.
 *
 * @param {string} text
 */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{token?: string | null, body?: object, keepalive?: boolean}} [options]
 */
async function call(method, path, { token = null, body, keepalive = false } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  let response, text;
  try {
    response = await fetch(path, { method, headers, keepalive, body: body && JSON.stringify(body) });
    text = await response.text();
  } catch {
    throw new Interrupted(UNREACHABLE);
  }
  const answer = parse(text);
  if (!response.ok) throw failureOf(response.status, answer, response.headers.get("Retry-After"));
  return answer;
}

/**
 * Asks for one page of a listing. Defaults are left out of the URL: nginx serves the first page from a file if the URL
 * has no query.
 *
 * @param {Partial<Query>} query
 * @returns {Promise<Page>}
 */
export function list(query) {
  return call("GET", `/api/images${formatSearch(query)}`);
}

/** @returns {Promise<Months>} */
export function timeline() {
  return call("GET", "/api/timeline");
}

/**
 * @param {string} id
 * @returns {Promise<Image>}
 */
export function get(id) {
  return call("GET", `/api/images/${id}`);
}

/**
 * Asks for all that this browser may know of an image: with a token that may change it, that includes the place.
 *
 * @param {string} id
 * @returns {Promise<Image>}
 */
export async function getAll(id) {
  const token = tokenOf(id);
  try {
    return await call("GET", `/api/images/${id}`, { token });
  } catch (error) {
    if (token === null || error.status !== 403) throw error;
    return get(id); // the token is not right any more
  }
}

/**
 * Changes what is given, and leaves the rest as it is.
 *
 * @param {string} id
 * @param {{name?: string, tags?: string[], taken?: string | null, description?: string}} changes
 * @returns {Promise<Image>} all that there is to know of it
 */
export function change(id, changes) {
  return call("PATCH", `/api/images/${id}`, { token: tokenOf(id), body: changes });
}

/**
 * Loads an original byte for byte, for those who may change the image.
 *
 * @param {string} id
 * @returns {Promise<Blob>}
 */
export async function original(id) {
  let response, text;
  try {
    response = await fetch(`/api/images/${id}/original`, { headers: { Authorization: `Bearer ${tokenOf(id)}` } });
    if (response.ok) return await response.blob();
    text = await response.text();
  } catch {
    throw new Interrupted(UNREACHABLE);
  }
  throw failureOf(response.status, parse(text), response.headers.get("Retry-After"));
}

/**
 * Deletes an image. It is no failure if the image does not exist any more.
 *
 * @param {string} id
 * @param {boolean} [keepalive] whether the request outlives the page
 */
export async function remove(id, keepalive = false) {
  try {
    await call("DELETE", `/api/images/${id}`, { token: tokenOf(id), keepalive });
  } catch (error) {
    if (error.status !== 404) throw error;
  }
  keeper.erase(TOKEN + id);
}

/**
 * Finds out why a picture did not load. Returns the error, or null if the picture can be loaded now.
 *
 * @param {string} url
 */
export async function whyNot(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    if (!response.ok) return failureOf(response.status, parse(await response.text()), response.headers.get("Retry-After"));
    await response.body?.cancel();
    return null;
  } catch {
    return new Interrupted(UNREACHABLE);
  }
}

/**
 * Asks what a token allows. A wrong token is Refused with 403.
 *
 * @param {string | null} token
 * @returns {Promise<Session>}
 */
export function session(token) {
  return call("GET", "/api/session", { token });
}
