// The page in the order in which photographs were taken, and what they know, on the real nginx and worker.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { add, details, item, launch, open, opened, own, picture, send, url, violations } from "./support.mjs";

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

// Scrolls down, as the list loads, so that an image's top is `below` pixels from the window's.
async function scrollTo(page, image, below) {
  await page.waitForFunction(([selector, wanted]) => {
    const top = document.querySelector(selector)?.getBoundingClientRect().top;
    scrollBy({ top: top === undefined ? 300 : top - wanted, behavior: "instant" });
    return top !== undefined && Math.abs(top - wanted) < 2;
  }, [item(image.id), below]);
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
  const page = await open(browser, { path: "/" });
  await page.locator("#gallery h2").first().waitFor();
  const today = new Date(images[0].created).toLocaleDateString("en-US", { dateStyle: "full", timeZone: "UTC" });
  assert.deepEqual(await page.locator("#gallery h2").allTextContents().then((all) => all.slice(0, 2)), [today, "Sunday, May 12, 2024"]);
  assert.equal(await page.locator("#gallery li").nth(1).getAttribute("data-id"), images[0].id);
  assert.deepEqual(await violations(page), []);
  page.quiet();
});

for (const [name, options] of [["a desktop", {}], ["a phone", { viewport: { width: 375, height: 700 }, isMobile: true }]])
  test(`on ${name}, the heading of a day stays at the top while its pictures pass, and the next one pushes it out`, async () => {
    const page = await open(browser, { path: "/", ...options });
    const of = (day) => images.filter((image) => image.name.startsWith(day));
    await scrollTo(page, of("2024-05-12")[20], 60);
    assert.deepEqual(await headingsAtTop(page), ["Sunday, May 12, 2024"]);
    await scrollTo(page, of("2023-12-25")[3], 60);
    assert.deepEqual(await headingsAtTop(page), ["Monday, December 25, 2023"]);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing overflows");
    page.quiet();
  });

test("days of one month with few pictures stand beside each other", async () => {
  const page = await open(browser, { path: "/" });
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
  await page.locator("#rail .year").first().waitFor();
  // By then, the message that the browser is offline has moved the page: root's browser has no network but the gallery's.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)).then(() => { window.shift = 0; }));
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
  const page = await open(browser, { path: "/?sort=new" });
  await page.locator("#gallery h2", { hasText: /^Added on / }).waitFor();
  await page.locator(item(images[0].id)).click();
  await opened(page);
  assert.match(await details(page, "facts").textContent(), /· Added /);
  page.quiet();
});

// ---- the panel with information ----

const info = (page) => page.locator(".pswp .info");
const plain = (text) => text.replaceAll("\u00a0", " ");

// The panel's terms and what it says to each.
async function facts(page) {
  const terms = await info(page).locator("dt").allTextContents();
  const values = await info(page).locator("dd").allInnerTexts();
  return Object.fromEntries(terms.map((term, i) => [term, plain(values[i])]));
}

// A photograph with metadata, as a camera writes it.
async function photograph(name) {
  const path = picture(name, "JPEG", { width: 400, height: 300 });
  execFileSync("exiftool", ["-q", "-overwrite_original", "-Make=Nikon", "-Model=P6000", "-FocalLength=6", "-FNumber=5.9",
    "-ExposureTime=1/75", "-ISO=64", "-LensModel=6-24mm f/2.7-5.9", "-DateTimeOriginal=2021:03:04 10:11:12",
    "-GPSLatitude=43.467448", "-GPSLatitudeRef=N", "-GPSLongitude=11.885126", "-GPSLongitudeRef=E",
    "-XMP-dc:Subject=Arezzo", "-XMP-dc:Subject=New York", "-XMP-dc:Description=The square", path]);
  const form = new FormData();
  form.append("file", new Blob([readFileSync(path)]), name);
  return (await (await send("/api/images", { method: "POST", body: form })).json()).images[0];
}

// Opens an image's panel by the key. Waits until it has all that this browser may know.
async function openInfo(page, image) {
  await page.locator(item(image.id)).click();
  await opened(page);
  const answered = page.waitForResponse((response) => response.url().endsWith(`/api/images/${image.id}`));
  await page.keyboard.press("i");
  await answered;
  await info(page).locator("dt", { hasText: "Added" }).waitFor();
}

test("the panel says what the photograph knows, and links to a map for those who may know the place", async () => {
  const image = await photograph("square.jpg");
  const page = await open(browser, { path: "/?q=square" });
  await openInfo(page, image);
  await info(page).getByText("Nikon P6000").waitFor();
  const told = await facts(page);
  assert.match(told.Taken, /^Thursday, March 4, 2021.* 10:11 AM$/);
  assert.equal(told.Camera, "Nikon P6000 · 6 mm · f/5.9 · 1/75 s · ISO 64");
  assert.equal(told.Lens, "6-24mm f/2.7-5.9");
  assert.equal(told.Description, "The square");
  assert.match(told.Size, /^400 × 300 pixels, /);
  assert.deepEqual([told.Type, told.Name, told.Place], ["JPEG", "square.jpg", undefined]);
  assert.equal(await info(page).getByRole("button", { name: "Edit" }).count(), 0, "nobody but the uploader edits");
  assert.deepEqual(await violations(page), []);

  await own(page, image);
  await page.reload();
  await page.locator(".pswp").waitFor();
  await opened(page);
  await page.keyboard.press("i");
  const link = info(page).getByRole("link", { name: /43\.46745° N, 11\.88513° E/ });
  await link.waitFor();
  assert.equal(await link.getAttribute("href"), "https://www.openstreetmap.org/?mlat=43.46745&mlon=11.88513#map=15/43.46745/11.88513");
  assert.equal(await link.getAttribute("rel"), "noreferrer noopener");
  assert.deepEqual(await violations(page), []);
  page.quiet(); // so nothing was requested from there
});

test("the focus moves into the panel; Escape closes first the form, then the panel, then the lightbox", async () => {
  const image = await photograph("escape.jpg");
  const page = await open(browser, { path: "/?q=escape" });
  await own(page, image);
  await openInfo(page, image);
  assert.equal(await page.locator(":focus").textContent(), "Information");
  assert.equal(await details(page, "info").getAttribute("aria-expanded"), "true");
  await info(page).getByRole("button", { name: "Edit" }).click();
  assert.equal(await page.locator(":focus").getAttribute("name"), "day");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(":focus").textContent(), "Edit");
  await page.keyboard.press("Escape");
  await info(page).waitFor({ state: "hidden" });
  assert.equal(await page.locator(":focus").textContent(), "Info");
  await page.keyboard.press("Escape");
  await page.locator(".pswp").waitFor({ state: "detached" });
  page.quiet();
});

test("time, description and tags are edited in the panel, and the picture moves to the day that it was given", async () => {
  const image = await photograph("edited.jpg");
  const page = await open(browser, { path: "/?q=edited&sort=taken" });
  await own(page, image);
  await openInfo(page, image);
  await info(page).getByRole("button", { name: "Edit" }).click();
  await info(page).getByLabel("Day taken").fill("1999-12-31");
  await info(page).getByLabel("Time").fill("");
  await info(page).getByLabel("Description").fill("The i in it does not close the panel");
  await info(page).getByLabel("Tags").fill("millennium, New York");
  assert.deepEqual(await violations(page), []);
  await info(page).getByRole("button", { name: "Save" }).click();
  await info(page).getByText("Friday, December 31, 1999").waitFor();
  assert.equal((await facts(page)).Description, "The i in it does not close the panel");
  assert.equal(await page.locator(":focus").textContent(), "Edit");
  const stored = await (await fetch(`${url}/api/images/${image.id}`)).json();
  assert.deepEqual([stored.taken_from, stored.tags], ["person", ["millennium", "New York"]]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.locator("#gallery h2", { hasText: "Friday, December 31, 1999" }).waitFor();
  page.quiet();
});

test("what the server refuses is said beside the form, which keeps what was typed", async () => {
  const image = await photograph("refused.jpg");
  const page = await open(browser, { path: "/?q=refused" });
  await own(page, image);
  await openInfo(page, image);
  await info(page).getByRole("button", { name: "Edit" }).click();
  await info(page).getByLabel("Day taken").fill("2999-01-01");
  await info(page).getByLabel("Description").fill("from the future");
  await page.keyboard.press("Tab");
  await info(page).getByRole("button", { name: "Save" }).click();
  await info(page).getByRole("alert").getByText("Not saved: taken is in the future").waitFor();
  assert.equal(await info(page).getByLabel("Description").inputValue(), "from the future");
  await info(page).getByLabel("Day taken").fill("");
  await info(page).getByRole("button", { name: "Save" }).click();
  await info(page).getByRole("alert").getByText("a time needs a day").waitFor();
  assert.deepEqual(await violations(page), []);
  await info(page).getByLabel("Time").fill("");
  await info(page).getByRole("button", { name: "Save" }).click();
  await info(page).getByText("from the future").waitFor();
  assert.equal((await facts(page)).Taken, undefined);
});

test("a tag shows what has it, in the same order, and Back returns to the listing from before", async () => {
  const image = await photograph("tagged.jpg");
  const page = await open(browser, { path: "/?q=tagged" });
  await openInfo(page, image);
  await info(page).getByRole("link", { name: "New York" }).click();
  await page.waitForURL(`${url}/?tag=New+York`);
  await page.locator(".pswp").waitFor({ state: "detached" });
  await page.locator("#tagged").getByText("Tagged New York").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.locator(item(image.id)).waitFor();
  await page.goBack();
  await page.waitForURL(`${url}/?q=tagged`);
  assert.equal(await page.locator("#find input").inputValue(), "tagged");
  page.quiet();
});

test("the open panel follows the image shown, and what belongs to another image is not shown late", async () => {
  const [second, first] = [await photograph("steps two.jpg"), await photograph("steps one.jpg")];
  const page = await open(browser, { path: "/?q=steps" });
  let release;
  await page.route(`**/api/images/${first.id}`, async (route) => {
    await new Promise((resolve) => { release = resolve; });
    await route.continue().catch(() => {});
  });
  await page.locator(item(first.id)).click();
  await opened(page);
  await details(page, "info").click();
  await page.keyboard.press("ArrowRight");
  await info(page).locator("dd", { hasText: "steps two.jpg" }).waitFor();
  await info(page).getByText("Nikon").waitFor();
  release();
  await page.waitForLoadState("networkidle");
  assert.equal((await facts(page)).Name, second.name);
  page.quiet();
});

test("on a phone, the panel lies below the image, and nothing overflows", async () => {
  const image = await photograph("phone.jpg");
  const page = await open(browser, { path: "/?q=phone", viewport: { width: 375, height: 700 }, isMobile: true, hasTouch: true });
  await own(page, image);
  await page.locator(item(image.id)).tap();
  await opened(page);
  await details(page, "info").tap();
  await info(page).getByText("Nikon").waitFor();
  await info(page).getByRole("button", { name: "Edit" }).tap();
  const [panel, shown] = [await info(page).boundingBox(), await page.locator(".pswp__item[aria-hidden=false] .pswp__img").last().boundingBox()];
  assert.ok(shown.y + shown.height <= panel.y + 1, JSON.stringify([shown, panel]));
  assert.ok(await info(page).evaluate((one) => one.scrollWidth <= one.clientWidth));
  assert.deepEqual(await violations(page), []);
});
