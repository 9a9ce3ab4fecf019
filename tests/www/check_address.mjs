import assert from "node:assert/strict";
import test from "node:test";
import { before, dayAt, formatHash, formatSearch, parseHash, parseSearch, placeAt } from "../../www/address.js";

test("an empty address means all images by the time taken", () => {
  assert.deepEqual(parseSearch(""), { q: "", tag: "", sort: "taken", taken: "", cursor: "" });
  assert.equal(formatSearch({ q: "", tag: "", sort: "taken", taken: "", cursor: "" }), "");
});

test("unknown values become the default", () => {
  assert.equal(parseSearch("?sort=random").sort, "taken");
  assert.equal(parseSearch("?q=%20%20").q, "");
});

test("a query that is written and read again is the same", () => {
  for (const q of ["cat", "a & b", "50 % \"off\"", "東京 🗻", "x=y#z", "<script>"])
    for (const sort of ["new", "old", "name", "size"])
      for (const cursor of ["", "name.5.6162"]) {
        const query = { q, tag: "", sort, taken: "", cursor };
        assert.deepEqual(parseSearch(formatSearch(query)), query);
      }
});

test("a fragment opens an image only if it is an id", () => {
  const id = "0123456789abcdef0123456789abcdef";
  assert.equal(parseHash(formatHash(id)), id);
  for (const hash of ["", "#", "#gallery", "#image=", `#image=${id}0`, "#image=../../etc/passwd", `#image=${id.toUpperCase()}`])
    assert.equal(parseHash(hash), null);
});

test("a list by time taken can begin with a day, a month or a year; other lists and other texts have no place", () => {
  for (const [sort, taken] of [["taken", "..2024-05-12"], ["taken", "..2024"], ["taken-old", "2024-05.."]]) {
    const query = { q: "cat", tag: "New York", sort, taken, cursor: "" };
    assert.deepEqual(parseSearch(formatSearch(query)), query);
    assert.equal(placeAt(dayAt(taken, sort), sort), taken);
  }
  for (const search of ["?sort=new&taken=..2024", "?sort=taken&taken=2024..", "?sort=taken&taken=..2024-5", "?sort=taken&taken=2024"])
    assert.equal(parseSearch(search).taken, "", search);
});

test("what comes before a place begins with the next day, month or year, in the other direction", () => {
  for (const [sort, taken, other, beyond] of [
    ["taken", "..2024-05-12", "taken-old", "2024-05-13.."],
    ["taken", "..2024-02-29", "taken-old", "2024-03-01.."],
    ["taken", "..2023-12", "taken-old", "2024-01.."],
    ["taken", "..2023", "taken-old", "2024.."],
    ["taken-old", "2024-03-01..", "taken", "..2024-02-29"],
    ["taken-old", "2024-01..", "taken", "..2023-12"],
    ["taken-old", "0090..", "taken", "..0089"],
  ])
    assert.deepEqual(before({ q: "cat", tag: "New York", sort, taken, cursor: "x" }), { q: "cat", tag: "New York", sort: other, taken: beyond, cursor: "" });
});
