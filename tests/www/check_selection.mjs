import assert from "node:assert/strict";
import test from "node:test";
import { describe, select, selectAll } from "../../www/selection.js";

const photograph = { name: "IMG_1.jpg", type: "image/jpeg" };
const unknownToBrowser = { name: "IMG_2.HEIC", type: "" };
const video = { name: "clip.bin", type: "video/quicktime" };
const videoByName = { name: "MVI_0001.MOV", type: "" };
const text = { name: "notes.txt", type: "text/plain" };
const systemFiles = [".DS_Store", "Thumbs.db", "desktop.ini", "._IMG_1"].map((name) => ({ name, type: "" }));

test("videos are left out and counted, however they were chosen", () => {
  for (const fromFolder of [false, true]) {
    const { files, leftOut } = select([photograph, video, unknownToBrowser, videoByName], { fromFolder });
    assert.deepEqual(files, [photograph, unknownToBrowser]);
    assert.deepEqual(leftOut, { videos: 2, others: 0 });
  }
});

test("a file that is no image is uploaded if it was chosen by itself, and left out if it comes from a folder", () => {
  assert.deepEqual(select([text]), { files: [text], leftOut: { videos: 0, others: 0 } });
  assert.deepEqual(select([text], { fromFolder: true }), { files: [], leftOut: { videos: 0, others: 1 } });
});

test("what file managers keep in folders is left out without being counted", () => {
  assert.deepEqual(select(systemFiles, { fromFolder: true }), { files: [], leftOut: { videos: 0, others: 0 } });
});

test("hidden files of a folder are left out without being counted, whatever their type", () => {
  const hidden = [
    { name: "._IMG_1.JPG", type: "image/jpeg" },
    { name: "._MVI_1.MOV", type: "video/quicktime" },
    { name: ".trashed-1-IMG_2.heic", type: "" },
  ];
  assert.deepEqual(select(hidden, { fromFolder: true }), { files: [], leftOut: { videos: 0, others: 0 } });
  assert.deepEqual(select(hidden.slice(0, 1)).files, hidden.slice(0, 1));
});

test("one line says what was left out, in the singular and the plural", () => {
  assert.equal(describe({ videos: 0, others: 0 }), "");
  assert.equal(describe({ videos: 1, others: 0 }), "1 video was left out. Vitrine keeps photographs, but no videos.");
  assert.equal(describe({ videos: 12, others: 0 }), "12 videos were left out. Vitrine keeps photographs, but no videos.");
  assert.equal(describe({ videos: 0, others: 1 }), "1 file was left out. Vitrine keeps images only.");
  assert.equal(describe({ videos: 2, others: 3 }), "2 videos and 3 other files were left out. Vitrine keeps images only.");
});

test("files that were chosen and files in folders are selected each by their rule, with one message for all", () => {
  const [chosen, moving, notes] = [{ name: "a.jpg", type: "image/jpeg" }, { name: "b.mov", type: "video/quicktime" }, { name: "c.txt", type: "text/plain" }];
  assert.deepEqual(selectAll([chosen, moving, notes], [notes, chosen]), {
    files: [chosen, notes, chosen],
    message: "1 video and 1 other file were left out. Vitrine keeps images only.",
  });
  assert.equal(selectAll([chosen], []).message, "");
});
