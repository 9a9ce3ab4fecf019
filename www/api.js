// The gallery's HTTP API, and the tokens that this browser keeps.

import { formatSearch } from "./address.js";

const OPERATOR = "vitrine.operator";
const TOKEN = "vitrine.token.";

/** A failure that may pass: of the network, or of a server that is busy. */
export class Interrupted extends Error {}

/** An answer that is not a success; the message is the server's own reason. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}.`);
    this.status = status;
  }
}

export function keepOperatorToken(token) {
  if (token) localStorage.setItem(OPERATOR, token);
  else localStorage.removeItem(OPERATOR);
}

export function operatorToken() {
  return localStorage.getItem(OPERATOR);
}

export function keepToken(id, token) {
  localStorage.setItem(TOKEN + id, token);
}

/** The token that may change an image, or null where this browser has none. */
export function tokenOf(id) {
  return localStorage.getItem(TOKEN + id) ?? operatorToken();
}

/** JSON, or null where it is none. */
export function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function call(method, path, { id, body, keepalive = false } = {}) {
  const headers = { Accept: "application/json" };
  const token = id && tokenOf(id);
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, keepalive, body: body && JSON.stringify(body) });
  } catch {
    throw new Interrupted("The server cannot be reached.");
  }
  const answer = parse(await response.text());
  if (!response.ok) throw new Refused(response.status, answer);
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
  return call("PATCH", `/api/images/${id}`, { id, body: { name } });
}

/** keepalive: the request outlives the page. */
export async function remove(id, keepalive = false) {
  await call("DELETE", `/api/images/${id}`, { id, keepalive });
  localStorage.removeItem(TOKEN + id);
}
