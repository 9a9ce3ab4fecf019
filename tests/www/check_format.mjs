import assert from "node:assert/strict";
import test from "node:test";
import { bytes, count, downloadName, facts, srcset, thumbnailWidth } from "../../www/format.js";

const thumbs = { 320: "/s", 640: "/m", 1280: "/l", 2048: "/x" };

test("counts distinguish one image from several", () => {
  assert.equal(count(0), "0 images");
  assert.equal(count(1), "1 image");
  assert.match(count(12345), /^12.345 images$/);
  assert.match(count(10000, true), /^more than 10.000 images$/);
});

test("sizes are decimal, with a digit after the point below ten", () => {
  assert.equal(bytes(1), "1 byte");
  assert.equal(bytes(999), "999 bytes");
  assert.match(bytes(1500), /^1[.,]5 kB$/);
  assert.match(bytes(4379037), /^4[.,]4 MB$/);
  assert.match(bytes(43790370), /^44 MB$/);
  assert.match(bytes(7e12), /^7.000 GB$/);
});

test("facts have dimensions, type, size and the day on which the photograph was taken, at the place", () => {
  const image = { width: 6028, height: 3391, type: "image/jpeg", bytes: 4379037, created: "2026-11-25T12:00:00Z" };
  assert.match(facts({ ...image, taken: "2024-05-12T23:59+02:00" }), /^6028 × 3391 · JPEG · 4.4 MB · [^A].*12.*2024$/);
  assert.match(facts(image), /^6028 × 3391 · JPEG · 4.4 MB · Added .*2026/);
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

for (const [name, type, url, saved] of [
  ["holiday.jpg", "image/jpeg", "/uploads/a.jpg", "holiday.jpg"],
  ["HOLIDAY.JPEG", "image/jpeg", "/uploads/a.jpg", "HOLIDAY.JPEG"],
  ["holiday.hta", "image/jpeg", "/uploads/a.jpg", "holiday.hta.jpg"],
  ["Invoice.html", "image/png", "/uploads/a.png", "Invoice.html.png"],
  ["setup.jpg.exe", "image/gif", "/uploads/a.gif", "setup.jpg.exe.gif"],
  ["a.png", "image/webp", "/uploads/a.webp", "a.png.webp"],
  ["a.jpg.", "image/jpeg", "/uploads/a.jpg", "a.jpg..jpg"],
  ["no extension", "image/tiff", "/uploads/a.tiff", "no extension.tiff"],
  ["a.tif", "image/tiff", "/uploads/a.tiff", "a.tif"],
  ["a.heif", "image/heic", "/uploads/a.heic", "a.heif"],
  [".jpg", "image/jpeg", "/uploads/a.jpg", ".jpg"],
])
  test(`${name} of the type ${type} is saved as ${saved}`, () => assert.equal(downloadName({ name, type, url }), saved));
