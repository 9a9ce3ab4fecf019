import assert from "node:assert/strict";
import test from "node:test";
import { Mender } from "../../www/mender.js";
import { Clock } from "./clock.mjs";

function setUp() {
  const clock = new Clock();
  const mender = new Mender(clock);
  const self = { clock, mender, requests: [], isDown: true };
  self.ask = (key) =>
    mender.ask(key, () => {
      self.requests.push(key);
      if (self.isDown) mender.failed(key);
      else mender.loaded(key);
    });
  return self;
}

test("a picture that fails is requested again after 2, 4 and 8 seconds, and not after it has loaded", async () => {
  const self = setUp();
  self.ask("a");
  for (const [pause, count] of [[1999, 1], [1, 2], [3999, 2], [1, 3]]) {
    await self.clock.pass(pause);
    assert.equal(self.requests.length, count);
  }
  self.isDown = false;
  await self.clock.pass(60_000);
  assert.equal(self.requests.length, 4);
});

test("a picture that something else loads is requested again after it has failed", async () => {
  const self = setUp();
  const load = () => {
    self.requests.push("a");
    self.mender.failed("a", load);
  };
  self.mender.failed("a", load);
  assert.deepEqual(self.requests, []);
  await self.clock.pass(2000);
  assert.deepEqual(self.requests, ["a"]);
  await self.clock.pass(4000);
  assert.deepEqual(self.requests, ["a", "a"]);
  self.mender.loaded("a");
  await self.clock.pass(60_000);
  assert.equal(self.requests.length, 2);
});

test("a failing server gets one request at a time, however many pictures wait", async () => {
  const self = setUp();
  for (let i = 0; i < 500; i++) self.ask(`p${i}`);
  assert.equal(self.requests.length, 3);
  await self.clock.pass(60_000);
  assert.ok(self.requests.length < 10, `${self.requests.length} requests`);
  self.isDown = false;
  await self.clock.pass(120_000);
  assert.equal(new Set(self.requests).size, 500);
});

test("pictures that never load do not delay the others", async () => {
  const self = setUp();
  for (let i = 0; i < 5; i++) self.ask(`lost${i}`);
  self.isDown = false;
  self.mender.ask("lost", () => { self.requests.push("lost"); self.mender.failed("lost"); });
  self.ask("good");
  await self.clock.pass(5000);
  assert.ok(self.requests.includes("good"));
  const before = self.requests.filter((key) => key === "lost").length;
  await self.clock.pass(600_000);
  assert.ok(self.requests.filter((key) => key === "lost").length - before < 20);
});

test("when the network is back, all failed pictures are requested", async () => {
  const self = setUp();
  for (let i = 0; i < 3; i++) self.ask(`p${i}`);
  self.isDown = false;
  self.requests.length = 0;
  self.mender.hurry();
  await self.clock.pass(0);
  assert.deepEqual(self.requests, ["p0", "p1", "p2"]);
});

test("a forgotten picture is not requested", async () => {
  const self = setUp();
  self.ask("a");
  self.mender.forget("a");
  await self.clock.pass(600_000);
  assert.equal(self.requests.length, 1);
});
