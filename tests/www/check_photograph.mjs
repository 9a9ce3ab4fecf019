import assert from "node:assert/strict";
import test from "node:test";
import {
  addedText, cameraLine, exposureText, lensLine, mapLink, placeText, tagsIn, takenIn, takenText,
} from "../../www/photograph.js";

// Lines that do not break before a unit are compared as if they could.
const plain = (text) => text.replaceAll("\u00a0", " ");

process.env.TZ = "America/New_York";

test("the time taken is the one that a clock at the place showed, wherever the visitor is", () => {
  for (const taken of ["2024-05-12T10:11:11.345+02:00", "2024-05-12T10:11:00.000"])
    assert.match(takenText({ taken, taken_from: "file" }), /^Sunday, May 12, 2024.* 10:11.AM$/);
});

test("a time that is guessed from the file's name says so, and an unknown one is empty", () => {
  assert.match(takenText({ taken: "2024-05-12T10:11:00.000", taken_from: "name" }), / \(by the file’s name\)$/);
  assert.equal(takenText({ taken_from: "person" }), "");
});

test("the time of the upload is that of a clock where the visitor is", () => {
  assert.match(addedText({ created: "2026-11-25T02:30:00.123Z" }), /November 24, 2026.* 9:30.PM$/);
});

test("the camera's line has what is known, in the order of photographers", () => {
  const image = { camera: "Nikon P6000", focal_length: 6, aperture: 5.9, exposure: 0.01333333333, iso: 64, flash: false };
  assert.equal(plain(cameraLine(image)), "Nikon P6000 · 6 mm · f/5.9 · 1/75 s · ISO 64");
  assert.equal(cameraLine({ camera: "Nikon P6000", flash: true }), "Nikon P6000 · flash");
  assert.equal(cameraLine({}), "");
});

test("exposures are fractions below 0.3 seconds", () => {
  assert.deepEqual([1 / 8000, 1 / 4, 0.3, 2.5, 30].map((seconds) => plain(exposureText(seconds))), ["1/8000 s", "1/4 s", "0.3 s", "2.5 s", "30 s"]);
});

test("the lens is named, with the focal length that it has on 35 mm film", () => {
  assert.equal(plain(lensLine({ lens: "6-24mm f/2.7-5.9", focal_length_35: 28 })), "6-24mm f/2.7-5.9 · 28 mm on 35 mm film");
  assert.equal(lensLine({}), "");
});

test("a place has its half of the Earth, and its map has numbers only", () => {
  assert.equal(placeText({ latitude: 43.467448, longitude: 11.885126, altitude: 250.5 }), "43.46745° N, 11.88513° E, 251 m");
  assert.equal(placeText({ latitude: -33.5, longitude: -70 }), "33.50000° S, 70.00000° W");
  assert.equal(mapLink({ latitude: -33.5, longitude: 1e-9 }),
    "https://www.openstreetmap.org/?mlat=-33.50000&mlon=0.00000#map=15/-33.50000/0.00000");
});

test("tags are separated by commas; empty and equal ones are left out", () => {
  assert.deepEqual(tagsIn(" cat, New York ,,cat, "), ["cat", "New York"]);
  assert.deepEqual(tagsIn(""), []);
});

test("a day without a time is a date, and no day means that nobody knows", () => {
  assert.equal(takenIn("2024-05-12", ""), "2024-05-12");
  assert.equal(takenIn("2024-05-12", "10:11"), "2024-05-12T10:11:00");
  assert.equal(takenIn("2024-05-12", "10:11:12"), "2024-05-12T10:11:12");
  assert.equal(takenIn("", ""), null);
});
