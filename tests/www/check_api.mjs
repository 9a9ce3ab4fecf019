// What the page asks the API for.

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
  ["the first page of all is asked for by its plain name, which is a file to nginx", { q: "", sort: "new", cursor: "" }, ""],
  ["another order", { q: "", sort: "name", cursor: "" }, "?sort=name"],
  ["the next page", { q: "", sort: "new", cursor: "new.7" }, "?cursor=new.7"],
  ["a search", { q: "a b&c", sort: "old", cursor: "old.1" }, "?q=a+b%26c&sort=old&cursor=old.1"],
];

for (const [what, query, search] of questions) {
  test(what, async () => {
    assert.deepEqual(await list(query), { images: [], next: null, total: 0 });
    assert.equal(asked.pop(), `GET /api/images${search}`);
  });
}

test("Retry-After is seconds or a date, and never less than a second", () => {
  const now = Date.parse("2026-11-25T12:00:00Z");
  assert.equal(parseRetryAfter("7", now), 7000);
  assert.equal(parseRetryAfter(" 0 ", now), 1000);
  assert.equal(parseRetryAfter("Wed, 25 Nov 2026 12:01:30 GMT", now), 90_000);
  assert.equal(parseRetryAfter("Wed, 25 Nov 2026 11:00:00 GMT", now), 1000);
  assert.equal(parseRetryAfter(null, now), 5000);
  assert.equal(parseRetryAfter("soon", now), 5000);
  assert.equal(parseRetryAfter("99999999999", now), 86_400_000);
});

test("a busy server is no failed network, and no refusal either", () => {
  for (const status of [429, 503]) {
    const failure = failureOf(status, { detail: "too many" }, "3");
    assert.ok(failure instanceof Busy);
    assert.equal(failure.pause, 3000);
    assert.equal(failure.message, "too many");
  }
  for (const status of [502, 504]) assert.ok(failureOf(status, null, null) instanceof Interrupted);
  for (const status of [400, 403, 422, 500, 507]) assert.equal(failureOf(status, null, null).status, status);
});
