import assert from "node:assert/strict";
import test from "node:test";
import { follow } from "../../www/sequence.js";

const list = (ids) => [...ids].map((id) => ({ id }));

const cases = [
  ["nothing has changed", "abc", "abc", "b", 1],
  ["some came before it", "abc", "xyabc", "b", 3],
  ["the one before it has gone", "abc", "bc", "b", 0],
  ["more came at the end", "abc", "abcde", "c", 2],
  ["it has gone: the next one", "abc", "ac", "b", 1],
  ["it and the next one have gone", "abcd", "xad", "b", 2],
  ["the last one has gone: the one before", "abc", "xab", "c", 2],
  ["all have gone", "abc", "", "b", -1],
  ["all have gone, and others came", "abc", "xyz", "b", -1],
];

for (const [what, before, after, shown, index] of cases)
  test(`where the lightbox is: ${what}`, () => assert.equal(follow(list(before), list(after), shown), index));
