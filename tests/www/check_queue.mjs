import assert from "node:assert/strict";
import test from "node:test";
import { Busy, Interrupted } from "../../www/api.js";
import { Queue, pauseAfter } from "../../www/queue.js";

const noWait = () => Promise.resolve();

test("pauses double, and there is none after the sixth failure", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(pauseAfter), [1000, 2000, 4000, 8000, 16000, null]);
});

test("no more jobs run at a time than allowed, and all run in order", async () => {
  const queue = new Queue(3, noWait);
  const started = [];
  let running = 0;
  let most = 0;
  const results = Array.from({ length: 10 }, (_, i) =>
    queue.add({
      async run() {
        started.push(i);
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running -= 1;
        return i;
      },
    }));
  assert.equal(queue.size, 10);
  assert.deepEqual(await Promise.all(results), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(started, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(most, 3);
  assert.equal(queue.size, 0);
});

test("an interrupted job is tried again after growing pauses", async () => {
  const pauses = [];
  let runs = 0;
  const queue = new Queue(1, async (pause) => pauses.push(pause));
  const result = await queue.add({
    run: async () => {
      if (++runs < 4) throw new Interrupted("away");
      return "there";
    },
  });
  assert.equal(result, "there");
  assert.deepEqual(pauses, [1000, 2000, 4000]);
});

test("a job that is always interrupted fails in the end", async () => {
  let runs = 0;
  const queue = new Queue(1, noWait);
  await assert.rejects(queue.add({ run: async () => { runs += 1; throw new Interrupted("away"); } }), /away/);
  assert.equal(runs, 6);
});

test("a refused job is not tried again and does not stop the others", async () => {
  let runs = 0;
  const queue = new Queue(1, noWait);
  const refused = queue.add({ run: async () => { runs += 1; throw new Error("no"); } });
  const next = queue.add({ run: async () => "yes" });
  await assert.rejects(refused, /no/);
  assert.equal(await next, "yes");
  assert.equal(runs, 1);
});

test("a job ends if its wait rejects", async () => {
  const queue = new Queue(1, async () => { throw new Error("cancelled"); });
  await assert.rejects(queue.add({ run: async () => { throw new Interrupted("away"); } }), /cancelled/);
});

test("a busy server pauses all jobs for as long and as often as it says, and none fails", async () => {
  const pauses = [];
  const held = [];
  let release;
  const queue = new Queue(2, (pause) => { pauses.push(pause); return new Promise((resolve) => { release = resolve; }); },
    (pause, message) => held.push(message));
  let busy = 10;
  const ran = [];
  const job = (n) => ({ run: async () => { ran.push(n); if (busy-- > 0) throw new Busy("busy", 7000); return n; } });
  const results = [1, 2, 3, 4].map((n) => queue.add(job(n)));
  while (busy > 0) {
    await new Promise(setImmediate);
    assert.ok(queue.isHeld);
    assert.equal(queue.size, 4);
    const before = ran.length;
    await new Promise(setImmediate);
    assert.equal(ran.length, before);
    release();
    await new Promise(setImmediate);
  }
  release();
  assert.deepEqual(await Promise.all(results), [1, 2, 3, 4]);
  assert.ok(pauses.every((pause) => pause === 7000) && pauses.length <= 10, String(pauses));
  assert.equal(held.length, pauses.length);
});

test("a job that is cancelled while it waits leaves the queue at once", async () => {
  const queue = new Queue(1, noWait);
  let release;
  const first = queue.add({ run: () => new Promise((resolve) => { release = resolve; }) });
  const controller = new AbortController();
  const second = queue.add({ run: async () => assert.fail("it ran"), signal: controller.signal });
  const third = queue.add({ run: async () => 3 });
  assert.equal(queue.size, 3);
  controller.abort(new Error("cancelled"));
  await assert.rejects(second, /cancelled/);
  assert.equal(queue.size, 2);
  release(1);
  assert.equal(await first, 1);
  assert.equal(await third, 3);
});

test("a job that is cancelled during a busy server's pause leaves the queue at once", async () => {
  const controller = new AbortController();
  const queue = new Queue(1, () => new Promise(() => {}));
  const held = queue.add({ run: async () => { throw new Busy("busy", 1000); }, signal: controller.signal });
  await new Promise(setImmediate);
  controller.abort(new Error("cancelled"));
  await assert.rejects(held, /cancelled/);
  assert.equal(queue.size, 0);
});
