import assert from "node:assert/strict";
import test from "node:test";
import { dayOf, daysOf, headingOf } from "../../www/days.js";

process.env.TZ = "America/New_York"; // five hours behind UTC in winter

const created = "2026-11-25T02:30:00.123Z";

test("by time taken, a picture stands under the day that a clock at the place showed", () => {
  for (const taken of ["2024-05-12T23:59:59.345+02:00", "2024-05-12T00:10", "2024-05-12"])
    for (const sort of ["taken", "taken-old"]) assert.equal(dayOf({ taken, created }, sort), "2024-05-12");
});

test("by time taken, a picture without a date stands under the day of its upload in UTC, as the server orders it", () => {
  assert.equal(dayOf({ created }, "taken"), "2026-11-25");
});

test("by upload, a picture stands under the day of its upload where the visitor is, whatever its date is", () => {
  assert.equal(dayOf({ taken: "2024-05-12", created }, "new"), "2026-11-24");
  assert.equal(dayOf({ created }, "old"), "2026-11-24");
});

test("the orders by name and size have no days", () => {
  for (const sort of ["name", "size"]) assert.deepEqual(daysOf([{ created }], sort), []);
});

test("days have all pictures, in order", () => {
  const images = ["2024-05-12T10:00", "2024-05-12T09:00", "2024-05-11T23:00", "1999-12-31"].map((taken) => ({ taken, created }));
  assert.deepEqual(daysOf(images, "taken"), [
    { day: "2024-05-12", first: 0, count: 2 },
    { day: "2024-05-11", first: 2, count: 1 },
    { day: "1999-12-31", first: 3, count: 1 },
  ]);
});

test("a day that is none is shown as it is", () => assert.equal(headingOf("55840-11-0", "taken"), "55840-11-0"));

test("headings name the day of the week; those of uploads say so", () => {
  assert.match(headingOf("2024-05-12", "taken"), /^Sunday.*2024$/);
  assert.match(headingOf("2024-05-12", "new"), /^Added on Sunday.*2024$/);
});
