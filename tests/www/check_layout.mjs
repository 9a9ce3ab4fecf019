import assert from "node:assert/strict";
import test from "node:test";
import { layOut, ratioOf, visible } from "../../www/layout.js";

const OPTIONS = { rowHeight: 200, gap: 8 };

// The same numbers in every run.
function ratios(count, seed = 1) {
  return Array.from({ length: count }, () => {
    seed = (seed * 48271) % 2147483647;
    return 0.5 + (seed % 1000) / 500;
  });
}

test("every row but the last is as wide as the page", () => {
  for (const width of [320, 768, 1280, 2560]) {
    const { boxes, rows } = layOut(ratios(200), width, OPTIONS);
    for (const { first, count } of rows.slice(0, -1)) {
      const last = boxes[first + count - 1];
      assert.equal(boxes[first].x, 0);
      assert.ok(Math.abs(last.x + last.width - width) < 0.01, `${last.x + last.width} is not ${width}`);
    }
  }
});

test("each picture has one box, in order, with the picture's proportions", () => {
  const given = ratios(100);
  const { boxes, rows } = layOut(given, 1000, OPTIONS);
  assert.equal(boxes.length, 100);
  assert.equal(rows.reduce((sum, row) => sum + row.count, 0), 100);
  boxes.forEach((box, i) => assert.ok(Math.abs(box.width / box.height - given[i]) < 0.001));
});

test("pictures do not overlap, and none is below the height", () => {
  const { boxes, height } = layOut(ratios(150, 7), 900, OPTIONS);
  boxes.forEach((box, i) => {
    const next = boxes[i + 1];
    if (next) assert.ok(next.y > box.y ? next.x === 0 : next.x >= box.x + box.width + 7.99);
    assert.ok(box.y + box.height <= height + 0.01);
  });
});

test("rows have nearly the height asked for", () => {
  const { rows } = layOut(ratios(300, 3), 1280, OPTIONS);
  for (const row of rows) assert.ok(row.height > 130 && row.height < 300, String(row.height));
});

test("no picture is wider than a narrow page", () => {
  const { boxes } = layOut([4, 4, 0.3], 300, OPTIONS);
  for (const box of boxes) assert.ok(box.width <= 300.01);
});

test("full rows do not change when more pictures are added", () => {
  const given = ratios(120, 11);
  const before = layOut(given.slice(0, 60), 1100, OPTIONS);
  const after = layOut(given, 1100, OPTIONS);
  const settled = before.rows.at(-1).first;
  assert.deepEqual(after.boxes.slice(0, settled), before.boxes.slice(0, settled));
});

test("no pictures have no rows and no height", () => {
  assert.deepEqual(layOut([], 1000, OPTIONS), { boxes: [], rows: [], height: 0 });
});

test("proportions are limited", () => {
  assert.equal(ratioOf({ width: 300, height: 200 }), 1.5);
  assert.equal(ratioOf({ width: 10000, height: 10 }), 4);
  assert.equal(ratioOf({ width: 1, height: 10000 }), 0.3);
});

test("visible gives exactly the pictures of the rows in the window", () => {
  const { boxes, rows, height } = layOut(ratios(500, 5), 1000, OPTIONS);
  for (const top of [-500, 0, 333, height / 2, height - 100, height + 900]) {
    const [first, end] = visible(rows, top, top + 700);
    boxes.forEach((box, i) => {
      const reaches = box.y + box.height >= top && box.y <= top + 700;
      assert.equal(i >= first && i < end, reaches, `picture ${i} at ${top}`);
    });
  }
  assert.deepEqual(visible([], 0, 100), [0, 0]);
});
