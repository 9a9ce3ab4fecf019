// What the page asks the API for.

import assert from "node:assert/strict";
import { test } from "node:test";

const asked = [];
globalThis.localStorage = { getItem: () => null };
globalThis.fetch = async (path, { method }) => {
  asked.push(`${method} ${path}`);
  return { ok: true, text: async () => '{"images":[],"next":null,"total":0}' };
};
const { list } = await import("../../www/api.js");

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
