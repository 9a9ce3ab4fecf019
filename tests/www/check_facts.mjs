import assert from "node:assert/strict";
import test from "node:test";
import { bytes, downloadName, facts } from "../../www/facts.js";

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
