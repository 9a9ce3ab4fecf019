import assert from "node:assert/strict";
import test from "node:test";
import { Timeline } from "../../www/timeline.js";

const MONTHS = [
  { month: "2024-05", count: 100 },
  { month: "2024-04", count: 25 },
  { month: "2023-12", count: 16 },
  { month: "2019-01", count: 1 },
];
const newest = () => new Timeline(MONTHS, "taken");
const oldest = () => new Timeline(MONTHS, "taken-old");

test("a month's share of the rail is the square root of its pictures", () => {
  assert.deepEqual([0, 1, 2, 3].map((i) => newest().startOf(i)), [0, 0.5, 0.75, 0.95]);
});

test("each point of the rail is in the month that begins at or above it", () => {
  const timeline = newest();
  assert.deepEqual([0, 0.49, 0.5, 0.8, 0.95, 1].map((fraction) => timeline.at(fraction)), [0, 0, 1, 2, 3, 3]);
  for (let i = 0; i < timeline.length; i++) assert.equal(timeline.at(timeline.startOf(i)), i);
});

test("the oldest month is at the top if the oldest pictures are first", () => {
  assert.deepEqual(oldest().months.map(({ month }) => month), ["2019-01", "2023-12", "2024-04", "2024-05"]);
  assert.equal(MONTHS[0].month, "2024-05");
});

test("a day is in its month, and a day of a month without pictures in the next month of the list", () => {
  for (const [day, index] of [["2024-05-12", 0], ["2024-04", 1], ["2024-02-01", 2], ["2000-01-01", 3], ["2030", 0]])
    assert.equal(newest().indexOf(day), index, day);
  for (const [day, index] of [["2024-05-12", 3], ["2024-01-01", 2], ["2000-01-01", 0], ["2030-01-01", 3]])
    assert.equal(oldest().indexOf(day), index, day);
});

test("the place of a month is its end if the newest are first, its beginning otherwise, and none for the first month", () => {
  assert.deepEqual([0, 1, 3].map((i) => newest().placeOf(i)), ["", "..2024-04", "..2019-01"]);
  assert.deepEqual([0, 3].map((i) => oldest().placeOf(i)), ["", "2024-05.."]);
});

test("years have labels where they begin, if there is room", () => {
  assert.deepEqual(newest().years(0.04), [
    { year: "2024", start: 0 },
    { year: "2023", start: 0.75 },
    { year: "2019", start: 0.95 },
  ]);
  assert.deepEqual(newest().years(0.3).map(({ year }) => year), ["2024", "2023"]);
});

test("keys move by a month and by a year, and stop at the ends", () => {
  const timeline = newest();
  for (const [from, key, to] of [
    [0, "ArrowDown", 1], [3, "ArrowDown", 3], [1, "ArrowUp", 0], [0, "ArrowUp", 0],
    [0, "PageDown", 2], [2, "PageDown", 3], [3, "PageDown", 3], [3, "PageUp", 2], [2, "PageUp", 0], [1, "PageUp", 0],
    [1, "End", 3], [1, "Home", 0],
  ])
    assert.equal(timeline.step(from, key), to, `${key} from ${from}`);
  assert.equal(timeline.step(1, "a"), null);
});

test("a month has a name for people", () => assert.equal(newest().nameOf(0), "May 2024"));

test("a timeline of one picture fills the rail", () => {
  const timeline = new Timeline([{ month: "2024-05", count: 1 }], "taken");
  assert.equal(timeline.at(0.7), 0);
  assert.deepEqual(timeline.years(0.1), [{ year: "2024", start: 0 }]);
});
