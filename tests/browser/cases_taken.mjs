// The page in the order in which photographs were taken, and what they know, on the real nginx and worker.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { add, details, item, launch, open, opened, url, violations } from "./support.mjs";

let browser;
/** @type {object[]} with delete_token; by `taken`, the newest first, and the last one without it */
const images = [];

// Days with many pictures and with few, over three years.
const DAYS = { "2024-05-12": 30, "2024-05-11": 1, "2024-05-10": 1, "2024-04-02": 9, "2023-12-25": 12, "2022-07-01": 20 };

async function change(image, body) {
  const headers = { Authorization: `Bearer ${image.delete_token}`, "Content-Type": "application/json" };
  const answer = await fetch(`${url}/api/images/${image.id}`, { method: "PATCH", headers, body: JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
}

before(async () => {
  for (const [day, count] of Object.entries(DAYS))
    for (let i = 0; i < count; i++) {
      const image = await add(`${day} ${i}.png`, { width: 90 + (i % 4) * 30, height: 100 });
      await change(image, { taken: `${day}T20:${String(59 - i).padStart(2, "0")}` });
      images.push(image);
    }
  const undated = await add("undated.png", { width: 120, height: 100 });
  images.unshift(undated);
  browser = await launch();
});
after(() => browser?.close());

// Scrolls so that an image's top is `below` pixels from the window's.
async function scrollTo(page, image, below) {
  for (let i = 0; i < 400; i++) {
    const box = await page.locator(item(image.id)).boundingBox({ timeout: 50 }).catch(() => null);
    await page.evaluate((by) => scrollBy(0, by), box ? box.y - below : 600);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    if (box && Math.abs(box.y - below) < 2) return;
  }
  assert.fail(`${image.name} cannot be scrolled to`);
}

// The texts of the headings that are seen where the grid begins to be seen, below the page's head.
function headingsAtTop(page) {
  return page.evaluate(() => {
    const head = document.querySelector("header").getBoundingClientRect().bottom;
    return [...document.querySelectorAll("#gallery h2")]
      .filter((one) => Math.abs(one.getBoundingClientRect().top - Math.max(head, 0)) < 3)
      .map((one) => one.textContent);
  });
}

test("in the order by time taken, each day has a heading, and a picture without a date stands by its upload", async () => {
  const page = await open(browser, { path: "/?sort=taken" });
  await page.locator("#gallery h2").first().waitFor();
  const today = new Date(images[0].created).toLocaleDateString("en-US", { dateStyle: "full", timeZone: "UTC" });
  assert.deepEqual(await page.locator("#gallery h2").allTextContents().then((all) => all.slice(0, 2)), [today, "Sunday, May 12, 2024"]);
  assert.equal(await page.locator("#gallery li").nth(1).getAttribute("data-id"), images[0].id);
  assert.deepEqual(await violations(page), []);
  page.quiet();
});

for (const [name, options] of [["a desktop", {}], ["a phone", { viewport: { width: 375, height: 700 }, isMobile: true }]])
  test(`on ${name}, the heading of a day stays at the top while its pictures pass, and the next one pushes it out`, async () => {
    const page = await open(browser, { path: "/?sort=taken", ...options });
    const of = (day) => images.filter((image) => image.name.startsWith(day));
    await scrollTo(page, of("2024-05-12")[20], 60);
    assert.deepEqual(await headingsAtTop(page), ["Sunday, May 12, 2024"]);
    await scrollTo(page, of("2023-12-25")[3], 60);
    assert.deepEqual(await headingsAtTop(page), ["Monday, December 25, 2023"]);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing overflows");
    page.quiet();
  });

test("days of one month with few pictures stand beside each other", async () => {
  const page = await open(browser, { path: "/?sort=taken" });
  const [eleventh, tenth] = ["2024-05-11 0.png", "2024-05-10 0.png"].map((name) => images.find((image) => image.name === name));
  await scrollTo(page, eleventh, 300);
  const [first, second] = [await page.locator(item(eleventh.id)).boundingBox(), await page.locator(item(tenth.id)).boundingBox()];
  assert.ok(Math.abs(first.y - second.y) < 1 && second.x > first.x + first.width);
});

test("scrolling through days moves nothing that is shown, and the elements stay few", async () => {
  const page = await open(browser, {
    path: "/?sort=taken",
    init: () => {
      window.shift = 0;
      new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => { window.shift += value; }))
        .observe({ type: "layout-shift", buffered: true });
    },
  });
  await page.locator("#gallery h2").first().waitFor();
  let most = 0;
  const seen = new Set();
  for (let i = 0; i < 400 && seen.size < images.length; i++) {
    const shown = await page.locator("#gallery li").evaluateAll((all) => all.map((one) => one.dataset.id ?? ""));
    most = Math.max(most, shown.length);
    shown.filter((id) => id).forEach((id) => seen.add(id));
    await page.mouse.wheel(0, 300);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  assert.equal(seen.size, images.length);
  assert.ok(most <= 75, `${most} elements at once`);
  assert.ok((await page.evaluate(() => window.shift)) < 0.001, `a shift of ${await page.evaluate(() => window.shift)}`);
});

test("in the order by upload, days say Added, and so does an image without a date", async () => {
  const page = await open(browser);
  await page.locator("#gallery h2", { hasText: /^Added on / }).waitFor();
  await page.locator(item(images[0].id)).click();
  await opened(page);
  assert.match(await details(page, "facts").textContent(), /· Added /);
  page.quiet();
});
