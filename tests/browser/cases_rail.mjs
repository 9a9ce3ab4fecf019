// The date rail: jumps in time, the address, and what comes before a place, on the real nginx and worker.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { details, item, launch, open, opened, picture, send, url, violations } from "./support.mjs";

let browser;
/** @type {object[]} by `taken`, the newest first */
const images = [];

// More than three pages of a listing, and three days in each month.
const MONTHS = { "2024-05": 60, "2024-04": 6, "2023-12": 40, "2023-01": 3, "2021-07": 50, "2019-02": 4 };

// Uploads equal pictures, which a comment makes different.
async function upload(names) {
  const shapes = [30, 40, 50].map((width) => readFileSync(picture("rail.jpg", "JPEG", { width, height: 30 })));
  const body = new FormData();
  names.forEach((name, i) => {
    const jpeg = shapes[i % shapes.length];
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, name.length + 2]), Buffer.from(name)]);
    body.append("file", new Blob([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]), name);
  });
  const answer = await send("/api/images", { method: "POST", body });
  assert.equal(answer.status, 201);
  return (await answer.json()).images;
}

before(async () => {
  for (const [month, count] of Object.entries(MONTHS)) {
    const names = Array.from({ length: count }, (_, i) => `${month} ${i}.jpg`);
    for (const [i, image] of (await upload(names)).entries()) {
      const taken = `${month}-${String(27 - (i % 3)).padStart(2, "0")}T${String(20 - Math.floor(i / 3)).padStart(2, "0")}:00`;
      const headers = { Authorization: `Bearer ${image.delete_token}`, "Content-Type": "application/json" };
      const answer = await fetch(`${url}/api/images/${image.id}`, { method: "PATCH", headers, body: JSON.stringify({ taken }) });
      assert.equal(answer.status, 200);
      images.push(await answer.json());
    }
  }
  images.sort((a, b) => (a.taken < b.taken ? 1 : -1));
  browser = await launch();
});
after(() => browser?.close());

const rail = (page) => page.getByRole("slider", { name: "Date" });
const total = Object.values(MONTHS).reduce((sum, count) => sum + count);
const firstOf = (month) => images.find(({ taken }) => taken.startsWith(month));

async function openRail(options) {
  const page = await open(browser, { path: "/", ...options });
  page.asked = [];
  page.on("request", (request) => {
    if (request.url().includes("/api/images?")) page.asked.push(new URL(request.url()).search);
  });
  await rail(page).waitFor();
  await page.waitForLoadState("networkidle");
  page.asked.length = 0;
  return page;
}

// Where on the rail a month begins.
async function pointOf(page, month) {
  const box = await rail(page).boundingBox();
  const order = Object.entries(MONTHS);
  const share = (entries) => entries.reduce((sum, [, count]) => sum + Math.sqrt(count), 0);
  const start = share(order.slice(0, order.findIndex(([name]) => name === month))) / share(order);
  return { x: box.x + box.width / 2, y: box.y + box.height * start + 3 };
}

// The name of the image at the top left of what is seen of the grid.
function topImage(page) {
  return page.evaluate(() => {
    const under = (one) => one.getBoundingClientRect().bottom;
    const sticky = getComputedStyle(document.querySelector("header")).position === "sticky";
    const head = (sticky ? under(document.querySelector("header")) : 0) + 44;
    const seen = [...document.querySelectorAll("#gallery [data-id]")].filter((one) => under(one) > head);
    return seen.map((one) => one.querySelector("img").alt)[0];
  });
}

const address = (page) => new URL(page.url()).search;

test("a click on the rail shows that month, by one request, and the total stays that of the gallery", async () => {
  const page = await openRail();
  const { x, y } = await pointOf(page, "2021-07");
  await page.mouse.move(x, y);
  assert.equal(await page.locator("#rail .bubble").textContent(), "July 2021");
  await page.mouse.down();
  await page.mouse.up();
  await page.locator(item(firstOf("2021-07").id)).waitFor();
  await page.waitForLoadState("networkidle");
  assert.deepEqual(page.asked, ["?taken=..2021-07"]);
  assert.equal(await topImage(page), firstOf("2021-07").name);
  assert.equal(await page.locator("#total").textContent(), `${total} images`);
  assert.equal(await rail(page).getAttribute("aria-valuetext"), "July 2021, 50 images");
  assert.deepEqual(await violations(page), []);
  page.quiet();
});

test("while the mark is dragged, the rail names the months and nothing is loaded; then one request is sent", async () => {
  const page = await openRail();
  const [from, to] = [await pointOf(page, "2024-05"), await pointOf(page, "2019-02")];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  for (let step = 1; step <= 20; step++) await page.mouse.move(from.x, from.y + ((to.y - from.y) * step) / 20);
  assert.equal(await page.locator("#rail .bubble").textContent(), "February 2019");
  assert.deepEqual(page.asked, []);
  await page.mouse.up();
  await page.locator(item(firstOf("2019-02").id)).waitFor();
  assert.deepEqual(page.asked, ["?taken=..2019-02"]);
});

test("keys move the rail by months and years, and load once when they rest", async () => {
  const page = await openRail();
  await rail(page).focus();
  for (const key of ["ArrowDown", "ArrowDown", "PageDown", "ArrowUp"]) await page.keyboard.press(key);
  assert.equal(await rail(page).getAttribute("aria-valuetext"), "January 2023, 3 images");
  await page.locator(item(firstOf("2023-01").id)).waitFor();
  await page.waitForLoadState("networkidle");
  assert.equal(page.asked.filter((search) => !search.includes("cursor")).join(), "?taken=..2023-01");
  assert.ok(await rail(page).evaluate((one) => one === document.activeElement));
  await page.keyboard.press("Home");
  await page.locator(item(images[0].id)).waitFor();
  assert.equal(await topImage(page), images[0].name);
});

test("scrolling up after a jump shows the newer images, and what is seen does not move", async () => {
  const page = await openRail();
  const { x, y } = await pointOf(page, "2021-07");
  await page.mouse.click(x, y);
  await page.locator(item(firstOf("2021-07").id)).waitFor();
  const place = () => page.locator(item(firstOf("2021-07").id)).evaluate((one) => one.getBoundingClientRect().top);
  const was = await place();
  await page.mouse.move(400, 400);
  await page.mouse.wheel(0, -60);
  await page.waitForFunction(([selector, top]) => document.querySelector(selector).getBoundingClientRect().top === top + 60,
    [item(firstOf("2021-07").id), was]);
  const newer = images[images.indexOf(firstOf("2021-07")) - 1];
  await page.locator(item(newer.id)).waitFor();
  assert.ok(Math.abs((await place()) - (was + 60)) < 1, `${await place()} is not ${was + 60}`);
  // All of them are there up to the newest, each once.
  const seen = new Set();
  for (let i = 0; i < 400 && !seen.has(images[0].id); i++) {
    const ids = await page.locator("#gallery [data-id]").evaluateAll((all) => all.map((one) => one.dataset.id));
    assert.equal(new Set(ids).size, ids.length);
    ids.forEach((id) => seen.add(id));
    await page.mouse.wheel(0, -300);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }
  const wanted = images.slice(0, images.indexOf(newer) + 1).map(({ id }) => id);
  assert.deepEqual(wanted.filter((id) => !seen.has(id)), []);
  await page.locator("#before").waitFor({ state: "hidden" });
  page.quiet();
});

test("the address follows the scrolling, a reload shows the same day, and Back returns to where the jump began", async () => {
  const page = await openRail();
  const { x, y } = await pointOf(page, "2023-12");
  await page.mouse.click(x, y);
  await page.locator(item(firstOf("2023-12").id)).waitFor();
  await page.mouse.move(400, 400);
  const later = images.find(({ taken }) => taken.startsWith("2023-12-26"));
  await page.waitForFunction((selector) => {
    const top = document.querySelector(selector)?.getBoundingClientRect().top;
    scrollBy({ top: top === undefined ? 100 : top - 120, behavior: "instant" });
    return top !== undefined && Math.abs(top - 120) < 2;
  }, item(later.id));
  await page.waitForURL(`${url}/?taken=..2023-12-26`);
  assert.equal(await rail(page).getAttribute("aria-valuetext"), "December 2023, 40 images");
  await page.reload();
  await page.locator(item(later.id)).waitFor();
  await page.waitForLoadState("networkidle");
  assert.equal(await topImage(page), later.name);
  await page.goBack();
  await page.locator(item(images[0].id)).waitFor();
  assert.equal(address(page), "");
  assert.equal(await topImage(page), images[0].name);
  await page.goForward();
  await page.locator(item(later.id)).waitFor();
  page.quiet();
});

test("an image that was opened after a jump is closed by Back, and the list stays", async () => {
  const page = await openRail({ path: "/?taken=..2021-07" });
  await page.locator(item(firstOf("2021-07").id)).click();
  await opened(page);
  await page.keyboard.press("ArrowRight");
  await details(page, "name").getByText(images[images.indexOf(firstOf("2021-07")) + 1].name).waitFor();
  await page.goBack();
  await page.locator(".pswp").waitFor({ state: "detached" });
  assert.match(address(page), /^\?taken=\.\.2021-07/);
  await page.locator(item(firstOf("2021-07").id)).waitFor();
  assert.deepEqual(page.asked.filter((search) => search.startsWith("?taken=")), []);
});

test("from the oldest on, the rail begins with the oldest month", async () => {
  const page = await openRail({ path: "/?sort=taken-old" });
  assert.equal(await rail(page).getAttribute("aria-valuetext"), "February 2019, 4 images");
  await rail(page).focus();
  await page.keyboard.press("End");
  const wanted = images.findLast(({ taken }) => taken.startsWith("2024-05"));
  await page.locator(item(wanted.id)).waitFor();
  assert.equal(await topImage(page), wanted.name);
  await page.waitForURL(/taken=2024-05/);
});

test("other orders and searches have no rail, and without months the list is shown without one", async () => {
  const page = await openRail();
  await page.fill("#find input", "2021");
  await rail(page).waitFor({ state: "hidden" });
  await page.fill("#find input", "");
  await rail(page).waitFor();
  await page.selectOption("#find select", "name");
  await rail(page).waitFor({ state: "hidden" });
  const troubled = await open(browser);
  await troubled.route("**/api/timeline", (route) => route.abort());
  await troubled.goto(`${url}/?sort=taken`);
  await troubled.locator(item(images[0].id)).waitFor();
  await troubled.waitForLoadState("networkidle");
  assert.ok(!(await troubled.locator("#rail").isVisible()));
});

test("on a phone, the mark is dragged by a finger, and the pictures below the rail can be touched", async () => {
  const page = await openRail({ viewport: { width: 375, height: 700 }, isMobile: true, hasTouch: true });
  const mark = await page.locator("#rail .mark").boundingBox();
  const box = await rail(page).boundingBox();
  assert.ok(mark.width >= 24 && mark.height >= 40 && mark.x + mark.width <= 375);
  const session = await page.context().newCDPSession(page);
  const [x, y] = [mark.x + mark.width / 2, mark.y + mark.height / 2];
  const touch = (type, top) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: type === "touchEnd" ? [] : [{ x, y: top }] });
  await touch("touchStart", y);
  for (let step = 1; step <= 10; step++) await touch("touchMove", y + (box.height * step) / 10);
  await page.locator("#rail .bubble").getByText("February 2019").waitFor();
  await touch("touchEnd");
  await page.locator(item(firstOf("2019-02").id)).waitFor();
  assert.deepEqual(page.asked, ["?taken=..2019-02"]);
  const below = await page.evaluate(([left, top]) => document.elementFromPoint(left, top)?.id, [box.x + 5, box.y + 5]);
  assert.notEqual(below, "rail");
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  assert.deepEqual(await violations(page), []);
});
