import assert from "node:assert/strict";
import test from "node:test";
import { Keeper } from "../../www/storage.js";

function working() {
  const map = new Map();
  return {
    map,
    get length() { return map.size; },
    key: (i) => [...map.keys()][i],
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => map.set(key, value),
    removeItem: (key) => map.delete(key),
  };
}

test("texts are kept in the browser's storage and read from there", () => {
  const storage = working();
  const keeper = new Keeper(() => storage);
  keeper.write("a.1", "x");
  keeper.write("b.1", "y");
  assert.equal(storage.map.get("a.1"), "x");
  assert.equal(keeper.read("a.1"), "x");
  assert.equal(keeper.read("none"), null);
  assert.deepEqual(keeper.keys("a."), ["a.1"]);
  keeper.erase("a.1");
  assert.equal(keeper.read("a.1"), null);
  assert.deepEqual(keeper.keys("a."), []);
});

test("with blocked storage, texts are kept in memory, and that is reported once", () => {
  let said = 0;
  const keeper = new Keeper(() => { throw new Error("SecurityError"); }, () => { said += 1; });
  assert.equal(keeper.read("a"), null);
  assert.equal(said, 0);
  keeper.write("a", "x");
  keeper.write("b", "y");
  assert.equal(keeper.read("a"), "x");
  assert.deepEqual(keeper.keys("a"), ["a"]);
  keeper.erase("a");
  assert.equal(keeper.read("a"), null);
  assert.equal(said, 1);
});

test("with full storage, newer texts are in memory and are read from there", () => {
  const storage = working();
  const keeper = new Keeper(() => storage);
  keeper.write("a", "old");
  storage.setItem = () => { throw new Error("QuotaExceededError"); };
  keeper.write("a", "new");
  keeper.write("b", "y");
  assert.equal(keeper.read("a"), "new");
  assert.equal(keeper.read("b"), "y");
  assert.deepEqual(keeper.keys("").sort(), ["a", "b"]);
  keeper.erase("a");
  assert.equal(keeper.read("a"), null);
});
