// The URLs that the page requests, and what it makes of failures.

import assert from "node:assert/strict";
import { test } from "node:test";

const asked = [];
globalThis.localStorage = { getItem: () => null };
globalThis.fetch = async (path, { method }) => {
  asked.push(`${method} ${path}`);
  return { ok: true, text: async () => '{"images":[],"next":null,"total":0}' };
};
const { Busy, Interrupted, failureOf, list, parseRetryAfter } = await import("../../www/api.js");

const questions = [
  ["the first page is requested without a query, as nginx has it as a file", { q: "", sort: "taken", cursor: "" }, ""],
  ["an order other than the default is in the query", { q: "", sort: "name", cursor: "" }, "?sort=name"],
  ["a cursor is in the query", { q: "", sort: "new", cursor: "new.7" }, "?sort=new&cursor=new.7"],
  ["a search is in the query, encoded", { q: "a b&c", sort: "old", cursor: "old.1" }, "?q=a+b%26c&sort=old&cursor=old.1"],
];

for (const [what, query, search] of questions) {
  test(what, async () => {
    assert.deepEqual(await list(query), { images: [], next: null, total: 0 });
    assert.equal(asked.pop(), `GET /api/images${search}`);
  });
}

test("Retry-After has seconds or a date; the pause is one second to one day, five seconds if it has neither", () => {
  const now = Date.parse("2026-11-25T12:00:00Z");
  assert.equal(parseRetryAfter("7", now), 7000);
  assert.equal(parseRetryAfter(" 0 ", now), 1000);
  assert.equal(parseRetryAfter("Wed, 25 Nov 2026 12:01:30 GMT", now), 90_000);
  assert.equal(parseRetryAfter("Wed, 25 Nov 2026 11:00:00 GMT", now), 1000);
  assert.equal(parseRetryAfter(null, now), 5000);
  assert.equal(parseRetryAfter("soon", now), 5000);
  assert.equal(parseRetryAfter("99999999999", now), 86_400_000);
});

test("429 and 503 are Busy with their pause, 502 and 504 are Interrupted, all other failures are Refused", () => {
  for (const status of [429, 503]) {
    const failure = failureOf(status, { detail: "too many" }, "3");
    assert.ok(failure instanceof Busy);
    assert.equal(failure.pause, 3000);
    assert.equal(failure.message, "too many");
  }
  for (const status of [502, 504]) assert.ok(failureOf(status, null, null) instanceof Interrupted);
  for (const status of [400, 403, 422, 500, 507]) assert.equal(failureOf(status, null, null).status, status);
});
