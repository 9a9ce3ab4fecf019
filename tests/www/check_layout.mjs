import assert from "node:assert/strict";
import test from "node:test";
import { layOut, layOutDays, ratioOf, visible } from "../../www/layout.js";

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
  assert.deepEqual(layOut([], 1000, OPTIONS), { boxes: [], rows: [], days: [], height: 0 });
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

const DAYS = { ...OPTIONS, heading: 44, room: 240 };

// Days with so many pictures each, "2024-05-01" being the first.
function daysWith(counts, month = "2024-05") {
  let first = 0;
  return counts.map((count, i) => {
    first += count;
    return { day: `${month}-${String(i + 1).padStart(2, "0")}`, first: first - count, count };
  });
}

test("with days, each picture has one box, in order, below the heading of its day and within its day", () => {
  const days = daysWith([1, 2, 40, 1, 1, 1, 7, 1, 30]);
  const given = ratios(84);
  const { boxes, days: headings, height } = layOutDays(given, days, 1000, DAYS);
  assert.equal(boxes.length, 84);
  assert.equal(headings.length, days.length);
  days.forEach(({ first, count }, d) => {
    const heading = headings[d];
    for (const box of boxes.slice(first, first + count)) {
      assert.ok(box.y >= heading.y + 43.99 && box.y + box.height <= heading.y + heading.height + 0.01);
      assert.ok(box.x >= heading.x - 0.01 && box.x + box.width <= heading.x + heading.width + 0.01);
    }
    assert.ok(heading.x + heading.width <= 1000.01 && heading.y + heading.height <= height + 0.01);
  });
});

test("days do not overlap, and days with few pictures stand beside each other", () => {
  const { days } = layOutDays(ratios(8), daysWith([1, 1, 1, 1, 1, 1, 1, 1]), 1300, DAYS);
  for (const [i, one] of days.entries())
    for (const other of days.slice(i + 1))
      assert.ok(one.x + one.width <= other.x || one.y + one.height <= other.y, JSON.stringify([one, other]));
  assert.ok(days.some(({ x }) => x > 0));
});

test("a heading has its room beside a narrow picture, and on a narrow page the page's width", () => {
  const days = daysWith([1, 1, 1]);
  const wide = layOutDays([0.5, 0.5, 0.5], days, 1000, DAYS).days;
  assert.ok(wide.every(({ width }) => width >= 239.99));
  assert.equal(wide[2].x + wide[2].width, 1000); // the last of a line may be as long as there is room
  assert.deepEqual(layOutDays([0.5, 0.5, 0.5], days, 200, DAYS).days.map(({ x, width }) => [x, width]), Array(3).fill([0, 200]));
});

test("months do not share a line, so what is added before a month leaves its lines as they are", () => {
  const may = daysWith([1, 1, 3], "2024-05");
  const june = daysWith([1, 1], "2024-06");
  const alone = layOutDays([1, 1, 1, 1, 1], may, 2000, DAYS);
  const both = layOutDays(Array(7).fill(1), [...june, ...may.map((day) => ({ ...day, first: day.first + 2 }))], 2000, DAYS);
  const shift = both.days[2].y - alone.days[0].y;
  assert.ok(shift > 0);
  assert.deepEqual(both.days.slice(2).map((day) => ({ ...day, y: day.y - shift })), alone.days);
});

test("with days, visible gives the pictures in the window", () => {
  const { boxes, rows } = layOutDays(ratios(60), daysWith([3, 1, 1, 20, 1, 34]), 900, DAYS);
  for (const top of [0, 300, 900]) {
    const [first, end] = visible(rows, top, top + 500);
    boxes.forEach((box, i) => assert.equal(i >= first && i < end, box.y + box.height >= top && box.y <= top + 500));
  }
});
