import assert from "node:assert/strict";
import test from "node:test";
import { follow } from "../../www/sequence.js";

const list = (ids) => [...ids].map((id) => ({ id }));

const cases = [
  ["an unchanged list", "abc", "abc", "b", 1],
  ["images added before it", "abc", "xyabc", "b", 3],
  ["the image before it deleted", "abc", "bc", "b", 0],
  ["images added at the end", "abc", "abcde", "c", 2],
  ["it deleted: the next image", "abc", "ac", "b", 1],
  ["it and the next image deleted: the one after", "abcd", "xad", "b", 2],
  ["the last image deleted: the one before", "abc", "xab", "c", 2],
  ["all deleted: none", "abc", "", "b", -1],
  ["all deleted and others added: none", "abc", "xyz", "b", -1],
];

for (const [what, before, after, shown, index] of cases)
  test(`the lightbox finds its place again in ${what}`, () => assert.equal(follow(list(before), list(after), shown), index));
