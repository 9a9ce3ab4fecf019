// The gallery's HTTP API, and the tokens that this browser keeps.

import { formatSearch } from "./address.js";
import { keeper } from "./storage.js";

const OPERATOR = "vitrine.operator";
const TOKEN = "vitrine.token.";
const UNREACHABLE = "The server cannot be reached.";
const PAUSE = 5000; // milliseconds, where a busy server does not say how long
const LONGEST_PAUSE = 24 * 60 * 60 * 1000;

/** A failure that may pass: the network's, or of a server that was lost on the way. */
export class Interrupted extends Error {}

/** The server asks to come again later: 429 or 503. pause is in milliseconds. */
export class Busy extends Error {
  constructor(message, pause) {
    super(message);
    this.pause = pause;
  }
}

/** An answer that is not a success; the message is the server's own reason. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}.`);
    this.status = status;
  }
}

/** Milliseconds from `now` that a Retry-After header asks for: seconds, or a date (RFC 9110, section 10.2.3). */
export function parseRetryAfter(text, now = Date.now()) {
  const trimmed = text?.trim() ?? "";
  const pause = /^\d+$/.test(trimmed) ? Number(trimmed) * 1000 : Date.parse(trimmed) - now;
  if (Number.isNaN(pause)) return PAUSE;
  return Math.min(Math.max(pause, 1000), LONGEST_PAUSE);
}

/** The error that an answer without success is; problem is its JSON, or null. */
export function failureOf(status, problem, retryAfter) {
  const refused = new Refused(status, problem);
  if (status === 429 || status === 503) return new Busy(refused.message, parseRetryAfter(retryAfter));
  if (status === 502 || status === 504) return new Interrupted(refused.message);
  return refused;
}

export function keepOperatorToken(token) {
  if (token) keeper.write(OPERATOR, token);
  else keeper.erase(OPERATOR);
}

export function operatorToken() {
  return keeper.read(OPERATOR);
}

export function keepToken(id, token) {
  keeper.write(TOKEN + id, token);
}

/** The token that may change an image, or null where this browser has none. */
export function tokenOf(id) {
  return keeper.read(TOKEN + id) ?? operatorToken();
}

/** JSON, or null where it is none. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function call(method, path, { token = null, body, keepalive = false } = {}) {
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
 * One page: {images, next, total, total_capped}. query has sort, q and cursor. What is the default is left out:
 * the first page of all has a URL without a query, which nginx answers by itself.
 */
export function list(query) {
  return call("GET", `/api/images${formatSearch(query)}`);
}

export function get(id) {
  return call("GET", `/api/images/${id}`);
}

export function rename(id, name) {
  return call("PATCH", `/api/images/${id}`, { token: tokenOf(id), body: { name } });
}

/** keepalive: the request outlives the page. An image that is gone already is no failure. */
export async function remove(id, keepalive = false) {
  try {
    await call("DELETE", `/api/images/${id}`, { token: tokenOf(id), keepalive });
  } catch (error) {
    if (error.status !== 404) throw error;
  }
  keeper.erase(TOKEN + id);
}

/** Why a picture could not be had: the error that the answer is, or null where it can be had now. */
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

/** What this token may do: {operator, upload}. A wrong one is Refused with 403. */
export function session(token) {
  return call("GET", "/api/session", { token });
}
