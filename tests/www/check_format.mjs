import assert from "node:assert/strict";
import test from "node:test";
import { count, srcset, thumbnailWidth } from "../../www/format.js";

const thumbs = { 320: "/s", 640: "/m", 1280: "/l", 2048: "/x" };

test("counts distinguish one image from several", () => {
  assert.equal(count(0), "0 images");
  assert.equal(count(1), "1 image");
  assert.match(count(12345), /^12.345 images$/);
  assert.match(count(10000, true), /^more than 10.000 images$/);
});

test("a thumbnail's size is the length of its longer side, and never more than the picture's", () => {
  assert.equal(thumbnailWidth({ width: 4000, height: 3000 }, 320), 320);
  assert.equal(thumbnailWidth({ width: 3000, height: 4000 }, 320), 240);
  assert.equal(thumbnailWidth({ width: 200, height: 100 }, 320), 200);
  assert.equal(thumbnailWidth({ width: 1, height: 9000 }, 320), 1);
});

test("srcset has each width once, up to the largest", () => {
  assert.equal(srcset({ width: 4000, height: 3000, thumbs }, 1280), "/s 320w, /m 640w, /l 1280w");
  assert.equal(srcset({ width: 500, height: 400, thumbs }, 2048), "/s 320w, /m 500w");
  assert.equal(srcset({ width: 50, height: 40, thumbs }, 1280), "/s 50w");
});

test("srcset has the sizes that the server gives", () => {
  assert.equal(srcset({ width: 4000, height: 3000, thumbs: { 8192: "/f", 500: "/b", 100: "/a" } }, 1280), "/a 100w, /b 500w");
});
