import assert from "node:assert/strict";
import test from "node:test";
import { Busy, Interrupted, Refused } from "../../www/api.js";
import { Removals } from "../../www/removals.js";
import { Keeper } from "../../www/storage.js";
import { Clock } from "./clock.mjs";

// A page, which writes what it does to `log`. answer is the server's answer: an error, or null.
function page({ keeper = new Keeper(() => { throw new Error("none"); }), clock = new Clock() } = {}) {
  const self = { log: [], answer: null, keeper, clock };
  const note = (what) => (id) => self.log.push(`${what} ${id}`);
  self.removals = new Removals({
    keeper,
    clock,
    remove: async (id, keepalive) => {
      self.log.push(`DELETE ${id}${keepalive ? " keepalive" : ""}`);
      if (self.answer) throw self.answer;
    },
    onHide: note("hide"),
    onReveal: note("reveal"),
    onGone: note("gone"),
    onDelayed: note("delayed"),
    onRefused: note("refused"),
  });
  self.take = () => self.log.splice(0);
  return self;
}

test("a deletion hides the image at once and is sent after its time", async () => {
  const { removals, clock, take } = page();
  removals.begin("a", 10_000);
  assert.deepEqual(take(), ["hide a"]);
  await clock.pass(9999);
  assert.deepEqual(take(), []);
  await clock.pass(1);
  assert.deepEqual(take(), ["DELETE a", "gone a"]);
  await clock.pass(100_000);
  assert.deepEqual(take(), []);
});

test("a deletion that is undone is not sent", async () => {
  const { removals, clock, take } = page();
  removals.begin("a", 10_000);
  assert.equal(removals.undo("a"), true);
  assert.equal(removals.undo("a"), false);
  await clock.pass(100_000);
  assert.deepEqual(take(), ["hide a", "reveal a"]);
});

test("an image is shown again if the server refuses to delete it", async () => {
  const self = page();
  self.answer = new Refused(403, { detail: "no" });
  self.removals.begin("a", 10);
  await self.clock.pass(10);
  assert.deepEqual(self.take(), ["hide a", "DELETE a", "reveal a", "refused a"]);
  assert.deepEqual(self.keeper.keys(""), []);
});

test("an interrupted deletion is sent again, and reported once", async () => {
  const self = page();
  self.answer = new Interrupted("away");
  self.removals.begin("a", 10);
  await self.clock.pass(10);
  assert.deepEqual(self.take(), ["hide a", "DELETE a", "delayed a"]);
  await self.clock.pass(10_000);
  assert.deepEqual(self.take(), ["DELETE a"]);
  self.answer = null;
  self.removals.retry();
  await self.clock.pass(0);
  assert.deepEqual(self.take(), ["DELETE a", "gone a"]);
});

test("a deletion is sent again when a busy server has asked for it", async () => {
  const self = page();
  self.answer = new Busy("busy", 60_000);
  self.removals.begin("a", 10);
  await self.clock.pass(10);
  self.take();
  self.answer = null;
  await self.clock.pass(59_999);
  assert.deepEqual(self.take(), []);
  await self.clock.pass(1);
  assert.deepEqual(self.take(), ["DELETE a", "gone a"]);
});

test("a closed page sends its deletions; the next page hides and sends those that did not get through", async () => {
  const first = page();
  first.answer = new Promise(() => {}); // no answer, as the page is closed
  first.removals.remove = async (id, keepalive) => { first.log.push(`DELETE ${id} ${keepalive}`); await first.answer; };
  first.removals.begin("a", 10_000);
  first.removals.flush();
  assert.deepEqual(first.take(), ["hide a", "DELETE a true"]);
  const second = page(first);
  second.removals.resume();
  assert.deepEqual(second.take(), ["hide a"]);
  await second.clock.pass(0);
  assert.deepEqual(second.take(), ["DELETE a", "gone a"]);
  assert.deepEqual(second.keeper.keys(""), []);
});

test("an image deleted in another tab is hidden, and that tab sends the deletion", async () => {
  const first = page();
  const second = page(first);
  first.removals.begin("a", 10_000);
  second.removals.resume();
  assert.deepEqual(second.take(), ["hide a"]);
  await first.clock.pass(5000);
  first.removals.undo("a");
  second.removals.heard("vitrine.leaving.a", null);
  assert.deepEqual(second.take(), ["reveal a"]);
  first.removals.begin("b", 10_000);
  second.removals.heard("vitrine.leaving.b", first.keeper.read("vitrine.leaving.b"));
  await first.clock.pass(10_000);
  second.removals.heard("vitrine.leaving.b", "gone");
  second.removals.heard("vitrine.leaving.b", null);
  await first.clock.pass(100_000);
  assert.deepEqual(second.take(), ["hide b", "gone b"]);
  second.removals.heard("something.else", "x");
  second.removals.heard(null, null);
  assert.deepEqual(second.take(), []);
});
