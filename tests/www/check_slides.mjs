import assert from "node:assert/strict";
import test from "node:test";
import { originalOf, slideOf } from "../../www/slides.js";

const thumbs = { 320: "/s", 640: "/m", 1280: "/l", 2048: "/x" };
const image = { id: "i", name: "n", type: "image/jpeg", width: 6000, height: 4000, url: "/uploads/i.jpg", thumbs };

test("a slide has thumbnails only, however wide the screen is", () => {
  const slide = slideOf(image);
  assert.equal(slide.src, "/x");
  assert.equal(slide.srcset, "/s 320w, /m 640w, /l 1280w, /x 2048w");
  assert.equal(slide.image, image);
});

test("all pixels are in the original, or in the largest thumbnail for types that browsers do not show", () => {
  assert.equal(originalOf(image), "/uploads/i.jpg");
  assert.equal(originalOf({ ...image, type: "image/heic", thumbs: { ...thumbs, 8192: "/full" } }), "/full");
});
