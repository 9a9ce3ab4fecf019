// One known scene in files of every type, depth, transparency, turn and kind of profile. Chromium shows the thumbnails
// with the scene's colours at their places, and the original in the same way, if it shows the type.
//
// The quarters of the scene are red and green above blue and white. Colours may differ by TOLERANCE of 255, which is what
// lossy encoders need at the middle of a plain quarter. The profile of these files exchanges red and green, and the turn
// is by 90 degrees, so a decoder that ignores one of them fails by far.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, open, send } from "./support.mjs";

const TOLERANCE = 10;
const [WIDTH, HEIGHT] = [640, 480];
const [RED, GREEN, BLUE, WHITE] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]];
const CLEAR = null;

let browser;
let page;
before(async () => {
  browser = await launch();
  page = await open(browser);
});
after(() => browser.close());

/** Puts EXIF data with an orientation behind a JPEG's first marker. */
function turnJpeg(jpeg, orientation) {
  const exif = Buffer.from("4578696600004d4d002a00000008000101120003000000010000000000000000", "hex");
  exif.writeUInt16BE(orientation, exif.length - 8);
  const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

/** Makes a file of the scene. */
function scene(type, options) {
  const path = join(process.env.VITRINE_TEST_WORK, `scene.${type}`);
  const { orientation = 0, ...others } = options;
  const given = Object.entries(type === "jpg" ? others : options).map(([name, value]) => `${name}=${Number(value)}`);
  execFileSync(join(process.env.VITRINE_TEST_BUILD, "tools/make_scene"), [type, path, ...given]);
  const file = readFileSync(path);
  return type === "jpg" && orientation > 1 ? turnJpeg(file, orientation) : file;
}

/** The colours that the quarters should have, from left to right and down. */
function quarters(type, { alpha, profile, orientation, turns = type !== "webp" }) {
  const colours = [RED, GREEN, BLUE, WHITE];
  if (profile) [colours[0], colours[1]] = [GREEN, RED];
  if (alpha) colours[1] = CLEAR;
  if (alpha && type === "tiff") colours[3] = CLEAR;
  return orientation === 6 && turns ? [colours[2], colours[0], colours[3], colours[1]] : colours;
}

/**
 * What Chromium shows of a URL that it asks for with this Accept header: the size, and the pixel in the middle of each
 * quarter.
 */
const shown = (address, accept) =>
  page.evaluate(
    async ([from, types]) => {
      const answer = await fetch(from, { headers: { Accept: types } });
      const source = URL.createObjectURL(await answer.blob());
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: image.naturalWidth, height: image.naturalHeight });
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      URL.revokeObjectURL(source);
      const at = (x, y) => [...context.getImageData(Math.floor(canvas.width * x), Math.floor(canvas.height * y), 1, 1).data];
      return {
        type: answer.headers.get("Content-Type"),
        size: [canvas.width, canvas.height],
        pixels: [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)],
      };
    },
    [address, accept],
  );

/** Fails unless the four pixels have the colours; a clear one only has to be transparent. */
function assertColours(pixels, colours, what) {
  for (const [i, colour] of colours.entries()) {
    const [pixel, told] = [pixels[i], `${what}, quarter ${i}: ${pixels[i]}, wanted ${colour ?? "transparent"}`];
    if (colour === CLEAR) assert.ok(pixel[3] <= TOLERANCE, told);
    else assert.ok([...colour, 255].every((value, c) => Math.abs(pixel[c] - value) <= TOLERANCE), told);
  }
}

/** Uploads a file of the scene, and checks its record, thumbnails, and original. */
async function check(type, options, showsOriginal) {
  const what = `${type} ${JSON.stringify(options)}`;
  const form = new FormData();
  form.append("file", new Blob([scene(type, options)]), `scene.${type}`);
  const answer = await send("/api/images", { method: "POST", body: form });
  const added = await answer.json();
  assert.equal(answer.status, 201, `${what}: ${JSON.stringify(added)}`);
  const image = added.images[0];
  const colours = options.cmyk ? null : quarters(type, options);
  const isTurned = options.orientation === 6 && type !== "webp";
  const size = isTurned ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT];
  assert.deepEqual([image.width, image.height], size, what);

  const original = showsOriginal ? await shown(image.url, "*/*") : null;
  if (original) {
    assert.deepEqual(original.size, size, `${what}, original`);
    if (colours) assertColours(original.pixels, colours, `${what}, original`);
  }
  for (const accept of ["image/webp,*/*", "image/jpeg"]) {
    const thumbnail = await shown(image.thumbs["320"], accept);
    const told = `${what}, thumbnail as ${thumbnail.type}`;
    assert.deepEqual(thumbnail.size, size.map((side) => side / 2), told);
    assertColours(thumbnail.pixels, colours ?? original.pixels.map((pixel) => pixel.slice(0, 3)), told);
  }
}

/** The combinations of these options, each a list of values. */
function combinations(lists) {
  return Object.entries(lists).reduce(
    (all, [name, values]) => all.flatMap((some) => values.map((value) => ({ ...some, [name]: value }))),
    [{}],
  );
}

const profile = [false, true];
const alpha = [false, true];
const orientation = [1, 6];
for (const [type, lists, showsOriginal] of [
  ["jpg", { profile, orientation }, true],
  ["jpg", { cmyk: [true], profile }, true],
  ["png", { depth: [8, 16], alpha, profile, orientation }, true],
  ["webp", { lossless: [false, true], alpha, profile, orientation }, true],
  ["avif", { depth: [8, 12], alpha, profile }, true],
  ["avif", { depth: [10], profile }, true], // libheif 1.15 encodes no transparency of ten bits
  ["heic", { depth: [8, 10], alpha, profile }, false],
  ["jxl", { depth: [8, 16], lossless: [false, true], alpha, profile, orientation }, false],
  ["tiff", { depth: [8, 16], alpha, profile, orientation }, false],
]) {
  const kinds = Object.keys(lists).join(", ");
  test(`a ${type} of each combination of ${kinds} is shown with the scene's colours at their places`, async () => {
    for (const options of combinations(lists)) await check(type, options, showsOriginal);
  });
}
