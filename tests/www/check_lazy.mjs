import assert from "node:assert/strict";
import test from "node:test";
import { lazily, partOf } from "../../www/lazy.js";

test("several calls load once", async () => {
  let loads = 0;
  const load = lazily(async () => ++loads);
  assert.deepEqual(await Promise.all([load(), load()]), [1, 1]);
  assert.equal(await load(), 1);
});

test("a failure rejects, and the next call loads again", async () => {
  const load = lazily(async (tries) => {
    if (tries < 2) throw new Error("offline");
    return tries;
  });
  await assert.rejects(load(), /offline/);
  await assert.rejects(load(), /offline/);
  assert.equal(await load(), 2);
});

test("an imported module has the same query as the module that imports it", () => {
  assert.equal(partOf("http://gallery/a/b.js", "./c.js"), "http://gallery/a/c.js");
  assert.equal(partOf("http://gallery/a/b.js?try=2", "./c.js"), "http://gallery/a/c.js?try=2");
});
