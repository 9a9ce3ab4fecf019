import assert from "node:assert/strict";
import test from "node:test";
import { formatHash, formatSearch, parseHash, parseSearch } from "../../www/address.js";

test("an empty address means the newest images", () => {
  assert.deepEqual(parseSearch(""), { q: "", sort: "new", cursor: "" });
  assert.equal(formatSearch({ q: "", sort: "new", cursor: "" }), "");
});

test("unknown values become the default", () => {
  assert.equal(parseSearch("?sort=random").sort, "new");
  assert.equal(parseSearch("?q=%20%20").q, "");
});

test("a query that is written and read again is the same", () => {
  for (const q of ["cat", "a & b", "50 % \"off\"", "東京 🗻", "x=y#z", "<script>"])
    for (const sort of ["new", "old", "name", "size"])
      for (const cursor of ["", "name.5.6162"]) {
        const query = { q, sort, cursor };
        assert.deepEqual(parseSearch(formatSearch(query)), query);
      }
});

test("a fragment opens an image only if it is an id", () => {
  const id = "0123456789abcdef0123456789abcdef";
  assert.equal(parseHash(formatHash(id)), id);
  for (const hash of ["", "#", "#gallery", "#image=", `#image=${id}0`, "#image=../../etc/passwd", `#image=${id.toUpperCase()}`])
    assert.equal(parseHash(hash), null);
});
