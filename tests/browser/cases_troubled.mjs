// The page in Chromium while other tabs change the gallery, the server fails or is busy, the network is down, or storage
// is blocked.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { add, details, item, launch, open, opened, own, picture, send, uploaded, url, violations } from "./support.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const notices = (page) => page.locator("#notices");
const exists = async ({ id }) => (await fetch(`${url}/api/images/${id}`)).status === 200;
const bytesOf = (path) => ({ name: path.split("/").at(-1), mimeType: "image/png", buffer: readFileSync(path) });

// Has an image's thumbnails up to that size and its copy made, one after the other: a slow machine may answer 503 if the
// page asks for all of them at once.
async function make(image, largest) {
  for (const [size, thumb] of Object.entries(image.thumbs))
    if (size <= largest) assert.equal((await send(thumb)).status, 200);
  assert.equal((await send(image.url)).status, 200);
}

async function becomes(wanted, ask) {
  for (let i = 0; i < 2400; i++) {
    if ((await ask()) === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.equal(await ask(), wanted);
}

// Three images, newest first, of which the page may change each; the middle one is open.
async function openMiddle(options) {
  const images = [];
  for (const name of ["third.png", "second.png", "first.png"]) images.unshift(await add(name, { width: 300, height: 200 }));
  const page = await open(browser, options);
  for (const image of images) await own(page, image);
  await page.locator(item(images[1].id)).click();
  await opened(page);
  return { page, images };
}

test("Delete and Rename act on the image shown when uploads arrive behind the lightbox", async () => {
  const { page, images: [first, second, third] } = await openMiddle();
  await page.setInputFiles("#files", [bytesOf(picture("behind1.png")), bytesOf(picture("behind2.png"))]);
  await page.locator("#gallery img[alt='behind1.png']").waitFor({ state: "attached" });
  await page.locator("#gallery img[alt='behind2.png']").waitFor({ state: "attached" });
  assert.equal(await details(page, "name").textContent(), "second.png");
  await details(page, "edit").click();
  await page.locator(".pswp input[name=name]").fill("renamed.png");
  await page.keyboard.press("Enter");
  await details(page, "name").getByText("renamed.png").waitFor();
  assert.equal(await page.locator(".pswp__item[aria-hidden=false] img.pswp__img:not(.pswp__img--placeholder)").getAttribute("alt"), "renamed.png");
  await details(page, "remove").click();
  await page.locator(item(second.id)).waitFor({ state: "detached" });
  await page.locator(".pswp").waitFor({ state: "detached" });
  assert.deepEqual([await page.locator(item(first.id)).count(), await page.locator(item(third.id)).count()], [1, 1]);
  await page.goto("about:blank"); // which sends it
  await becomes(false, () => exists(second));
  assert.deepEqual([await exists(first), await exists(third)], [true, true]);
});

test("after an undo, an open lightbox shows the same image and steps through the new list", async () => {
  const { page, images: [first, second, third] } = await openMiddle();
  await page.keyboard.press("ArrowLeft");
  await details(page, "name").getByText("first.png").waitFor();
  await details(page, "remove").click();
  await page.locator(".pswp").waitFor({ state: "detached" });
  await page.locator(item(third.id)).click();
  await opened(page);
  await notices(page).getByRole("button", { name: "Undo" }).click();
  await page.locator(item(first.id)).waitFor({ state: "attached" });
  assert.equal(await details(page, "name").textContent(), "third.png");
  await page.locator(".pswp__button--arrow--prev").click();
  await details(page, "name").getByText("second.png").waitFor();
  await page.locator(".pswp__button--arrow--prev").click();
  await details(page, "name").getByText("first.png").waitFor();
  assert.equal(await details(page, "download").getAttribute("href"), first.url);
  assert.equal(new URL(page.url()).hash, `#image=${first.id}`);
  assert.ok(second);
  page.quiet();
});

test("an image deleted in another tab disappears from the grid, and the lightbox shows the next one", async () => {
  const { page, images: [first, second, third] } = await openMiddle();
  const other = await page.context().newPage();
  await other.goto(`${url}/#image=${second.id}`);
  await details(other, "remove").click();
  await details(page, "name").getByText("third.png").waitFor();
  await notices(page).getByText("That image was deleted.").waitFor();
  assert.equal(await page.locator(item(second.id)).count(), 0);
  assert.equal(await details(page, "download").getAttribute("href"), third.url);
  await notices(other).getByRole("button", { name: "Undo" }).click();
  await page.locator(item(second.id)).waitFor({ state: "attached" });
  await page.keyboard.press("Escape");
  await page.locator(".pswp").waitFor({ state: "detached" });
  assert.equal(await page.locator(":focus").getAttribute("href"), `#image=${third.id}`);
  assert.ok(first);
});

test("renaming an image that another visitor has deleted removes it from the page", async () => {
  const { page, images: [, second] } = await openMiddle();
  await fetch(`${url}/api/images/${second.id}`, { method: "DELETE", headers: { Authorization: `Bearer ${second.delete_token}` } });
  await details(page, "edit").click();
  await page.locator(".pswp input[name=name]").fill("x.png");
  await page.keyboard.press("Enter");
  await details(page, "name").getByText("third.png").waitFor();
  assert.equal(await page.locator(item(second.id)).count(), 0);
});

test("a rename that is answered late changes its own image, not the one that is shown by then", async () => {
  const { page, images: [, second, third] } = await openMiddle();
  let release;
  await page.route(`**/api/images/${second.id}`, async (route) => {
    await new Promise((resolve) => { release = resolve; });
    await route.continue();
  });
  await details(page, "edit").click();
  await page.locator(".pswp input[name=name]").fill("late.png");
  await page.keyboard.press("Enter");
  await page.locator(".pswp__button--arrow--next").click();
  await details(page, "name").getByText("third.png").waitFor();
  release();
  await page.locator(`#gallery img[alt='late.png']`).waitFor({ state: "attached" });
  assert.equal(await details(page, "name").textContent(), "third.png");
  assert.equal((await (await fetch(`${url}/api/images/${third.id}`)).json()).name, "third.png");
});

test("a swipe shows the intended image even if the list changes during it", async () => {
  const { page, images: [, , third] } = await openMiddle();
  // The swipe is under way when another tab deletes the first image.
  await page.mouse.move(1150, 300); // over more than half of the window, as a slow machine may not recognise a shorter swipe
  await page.mouse.down();
  await page.mouse.move(600, 300, { steps: 5 });
  await page.evaluate(() => {
    const [first] = document.querySelectorAll("#gallery [data-id]");
    dispatchEvent(new StorageEvent("storage", { key: `vitrine.leaving.${first.dataset.id}`, newValue: "gone" }));
  });
  await page.mouse.move(300, 300, { steps: 3 });
  await page.mouse.up();
  await details(page, "name").getByText("third.png").waitFor();
  assert.equal(await details(page, "download").getAttribute("href"), third.url);
  await page.keyboard.press("ArrowLeft");
  await details(page, "name").getByText("second.png").waitFor();
});

test("undo after another search shows the image only in listings that contain it", async () => {
  const image = await add("wanderer.png");
  await add("settler.png");
  const page = await open(browser);
  await own(page, image);
  await page.locator(item(image.id)).click();
  await details(page, "remove").click();
  await page.locator(".pswp").waitFor({ state: "detached" });
  await page.fill("#find input", "settler");
  await page.locator("#total").getByText("1 image", { exact: true }).waitFor();
  await notices(page).getByRole("button", { name: "Undo" }).click();
  await notices(page).getByRole("button", { name: "Undo" }).waitFor({ state: "detached" });
  assert.equal(await page.locator("#total").textContent(), "1 image");
  assert.equal(await page.locator(item(image.id)).count(), 0);
  await page.fill("#find input", "");
  await page.locator(item(image.id)).waitFor();
});

test("after a reload, an image whose deletion did not reach the server stays hidden, and the deletion is sent again", async () => {
  const image = await add("ghost.png");
  await add("living.png");
  const page = await open(browser);
  await own(page, image);
  await page.context().route(`**/api/images/${image.id}`, (route) => (route.request().method() === "DELETE" ? route.abort() : route.continue()));
  // A closed page leaves this. The test closes none, as the last requests of a closed page do not always pass the route.
  await page.evaluate((id) => localStorage.setItem(`vitrine.leaving.${id}`, "0"), image.id);
  await page.reload();
  await page.locator("#gallery li").first().waitFor();
  assert.equal(await page.locator(item(image.id)).count(), 0);
  await notices(page).getByText("will be deleted as soon as the server answers").waitFor();
  assert.ok(await exists(image));
  await page.context().unroute(`**/api/images/${image.id}`);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await becomes(false, () => exists(image));
});

test("with site data blocked, everything works, and a notice says what is lost when the page is closed", async () => {
  const page = await open(browser, {
    init: () => Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } }),
  });
  await page.setInputFiles("#files", [bytesOf(picture("unkept.png"))]);
  await page.locator("#gallery img[alt='unkept.png']").waitFor();
  await notices(page).getByText("does not let the page store data").waitFor();
  await page.locator("#gallery a", { has: page.locator("img[alt='unkept.png']") }).click();
  await opened(page); // otherwise it takes the focus from the field
  await details(page, "edit").click();
  await page.locator(".pswp input[name=name]").fill("mine all the same.png");
  await page.keyboard.press("Enter");
  await details(page, "name").getByText("mine all the same.png").waitFor();
  await details(page, "remove").click();
  await page.locator("#gallery img[alt='mine all the same.png']").waitFor({ state: "detached" });
  page.quiet();
});

test("uploads work with the storage full", async () => {
  const page = await open(browser, {
    init: () => { Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); }; },
  });
  await page.setInputFiles("#files", [bytesOf(picture("full.png"))]);
  await uploaded(page, "full.png").getByText("added").waitFor();
  await page.locator("#gallery img[alt='full.png']").waitFor();
  page.quiet();
});

test("if no module for uploads and the lightbox loads, both say so; files are kept and uploaded when the network is back", async () => {
  const context = { init: () => { window.requestIdleCallback = () => {}; } }; // so that nothing is loaded in advance
  const page = await open(browser, context);
  await page.locator("#gallery li").first().waitFor();
  for (const part of ["**/upload_list.js*", "**/upload_request.js*", "**/queue.js*", "**/lightbox.js*", "**/photoswipe/**"]) await page.route(part, (route) => route.abort());
  await page.setInputFiles("#files", [bytesOf(picture("kept.png"))]);
  await notices(page).getByText("The upload has not started").waitFor();
  await page.locator("#gallery a").first().click();
  await notices(page).getByText("The image cannot be opened").waitFor();
  assert.equal(new URL(page.url()).hash, "");
  await page.unrouteAll();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.locator("#gallery img[alt='kept.png']").waitFor();
  await page.locator("#gallery a").first().click();
  await details(page, "name").waitFor();
});

for (const part of ["upload_list.js", "queue.js", "upload_request.js", "uploads.css"]) {
  test(`an upload starts when the network is back if ${part} did not load before`, async () => {
    const page = await open(browser, { init: () => { window.requestIdleCallback = () => {}; } });
    await page.route(`**/${part}*`, (route) => route.abort());
    await page.setInputFiles("#files", [bytesOf(picture(`without-${part}.png`))]);
    await notices(page).getByText("a part of the page did not load").waitFor();
    await page.unrouteAll();
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await page.locator(`#gallery img[alt='without-${part}.png']`).waitFor();
  });
}

for (const part of ["lightbox.js", "details.js", "info.js", "facts.js", "make.js", "photograph.js", "motion.js", "sequence.js", "slides.js",
  "photoswipe.js", "photoswipe.esm.min.js", "photoswipe.css", "lightbox.css"]) {
  test(`the next click opens an image if ${part} did not load before`, async () => {
    const page = await open(browser, { init: () => { window.requestIdleCallback = () => {}; } });
    await page.route(`**/${part}*`, (route) => route.abort());
    await page.locator("#gallery a").first().click();
    await notices(page).getByText("a part of the page did not load").waitFor();
    await page.unrouteAll();
    await page.locator("#gallery a").first().click();
    await details(page, "name").waitFor();
  });
}

test("if the server does not say who may upload, files are kept and nothing is sent until it does", async () => {
  const page = await open(browser);
  let posts = 0;
  page.on("request", (request) => { posts += request.method() === "POST" ? 1 : 0; });
  for (const fail of [(route) => route.abort(), (route) => route.fulfill({ status: 503, json: { title: "Busy" } })]) {
    posts = 0;
    await page.route("**/api/session", fail);
    await page.reload();
    const name = `unknown${posts}-${fail.toString().length}.png`;
    await page.setInputFiles("#files", [bytesOf(picture(name))]);
    await notices(page).getByText("The upload will start later by itself").waitFor();
    assert.equal(posts, 0);
    await page.unrouteAll();
    await page.locator(`#gallery img[alt='${name}']`).waitFor();
    assert.equal(posts, 1);
  }
});

test("a failing server gets few requests for thumbnails, tiles without one are empty, and all load later", async () => {
  const form = new FormData();
  for (let i = 0; i < 60; i++)
    form.append("file", new Blob([readFileSync(picture("tile.png", "PNG", { width: 40, height: 30 }))]), `tile ${i}.png`);
  assert.equal((await send("/api/images", { method: "POST", body: form })).status, 201);
  const page = await open(browser, { init: () => { window.requestIdleCallback = () => {}; }, path: "/?q=none-at-all", viewport: { width: 1280, height: 500 } });
  let requests = 0;
  await page.route("**/thumbs/**", (route) => {
    requests += 1;
    return route.fulfill({ status: 503 });
  });
  await page.fill("#find input", "tile");
  await page.locator("#total").getByText("60 images").waitFor();
  await page.locator("#gallery img.broken").first().waitFor({ state: "attached" });
  for (let i = 0; i < 30; i++) {
    await page.mouse.wheel(0, i < 15 ? 100 : -100);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  assert.ok(requests < 60, `${requests} requests`);
  assert.equal(await page.locator("#gallery img.broken").first().evaluate((image) => getComputedStyle(image).opacity), "0");
  await page.unroute("**/thumbs/**");
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.waitForFunction(() => [...document.querySelectorAll("#gallery img")].every((image) => image.naturalWidth > 0));
  assert.equal(await page.locator("#gallery img.broken").count(), 0);
});

test("scrolling changes no attribute of a picture that keeps its place", async () => {
  const page = await open(browser, { path: "/?q=tile" });
  await page.locator("#gallery li").first().waitFor();
  const changes = await page.evaluate(async () => {
    let count = 0;
    const observer = new MutationObserver((records) => { count += records.length; });
    observer.observe(document.querySelector("#gallery"), { attributes: true, subtree: true, attributeFilter: ["sizes", "src", "srcset", "style"] });
    for (let i = 0; i < 5; i++) {
      dispatchEvent(new Event("scroll"));
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
    }
    return count;
  });
  assert.equal(changes, 0);
});

for (const [status, retryAfter] of [[429, () => "1"], [503, () => new Date(Date.now() + 2000).toUTCString()]]) {
  test(`${status} pauses all uploads for as long as it says, and none of them fails`, async () => {
    const page = await open(browser);
    let refusals = 8; // more than the attempts after network failures
    let asked = 0;
    await page.route("**/api/images", (route) => {
      if (route.request().method() !== "POST") return route.continue();
      asked += 1;
      if (refusals-- <= 0) return route.continue();
      return route.fulfill({ status, headers: { "Retry-After": retryAfter() }, json: { title: "Too many uploads" } });
    });
    const names = [1, 2, 3, 4].map((n) => `held${status}-${n}.png`);
    await page.setInputFiles("#files", names.map((name) => bytesOf(picture(name))));
    await page.locator("#uploads > p").getByText(/4 images to go, the server is busy, continuing in \d s/).waitFor();
    assert.ok(asked <= 3, `${asked} requests`);
    assert.equal(await page.locator("#uploads .failed").count(), 0);
    await uploaded(page, names[3]).getByRole("button", { name: "Cancel" }).click();
    await uploaded(page, names[3]).waitFor({ state: "detached" });
    for (const name of names.slice(0, 3)) await page.locator(`#gallery img[alt='${name}']`).waitFor();
    assert.doesNotMatch(await page.locator("#uploads > p").textContent(), /failed/);
  });
}

test("an upload that fails and is tried again is counted once", async () => {
  const page = await open(browser);
  let refusals = 1;
  await page.route("**/api/images", (route) => {
    if (route.request().method() === "POST" && refusals-- > 0) return route.fulfill({ status: 507, json: { title: "The disk is full" } });
    return route.continue();
  });
  await page.setInputFiles("#files", [bytesOf(picture("twice.png"))]);
  await uploaded(page, "twice.png").getByText("The disk is full").waitFor();
  assert.equal(await page.locator("#uploads > p").textContent(), "1 failed");
  await uploaded(page, "twice.png").getByRole("button", { name: "Try again" }).click();
  await uploaded(page, "twice.png").getByText("added").waitFor();
  assert.equal(await page.locator("#uploads > p").textContent(), "1 added");
});

test("the lightbox shows thumbnails and loads an original only if the visitor zooms in", async () => {
  const images = [];
  for (let i = 0; i < 3; i++) images.push(await add(`large${i}.jpg`, { coder: "JPEG", width: 2600, height: 1700 }));
  for (const image of images) await make(image, 2048);
  const page = await open(browser, { deviceScaleFactor: 2 });
  const originals = [];
  page.on("request", (request) => request.url().includes("/copies/") && originals.push(request.url()));
  await page.locator(item(images[2].id)).click();
  await opened(page);
  for (const name of ["large1.jpg", "large0.jpg"]) {
    await page.keyboard.press("ArrowRight");
    await details(page, "name").getByText(name).waitFor();
  }
  const shown = page.locator(".pswp__item[aria-hidden=false] img.pswp__img:not(.pswp__img--placeholder)");
  await becomes(images[0].thumbs[2048], () => shown.evaluate((image) => image.currentSrc.replace(location.origin, "")));
  assert.deepEqual(originals, []);
  await page.keyboard.press("z");
  await becomes(images[0].url, () => shown.evaluate((image) => image.currentSrc.replace(location.origin, "")));
  assert.deepEqual(originals.map((address) => new URL(address).pathname), [images[0].url]);
  page.quiet();
});

test("zooming into a TIFF shows all of its pixels", async () => {
  const image = await add("scan.tiff", { coder: "TIFF", width: 2600, height: 1700 });
  await make(image, 2048); // a slide that has got 503 cannot be zoomed into
  const page = await open(browser, { deviceScaleFactor: 2 });
  await page.locator(item(image.id)).click();
  await opened(page);
  const shown = page.locator(".pswp__item[aria-hidden=false] img.pswp__img:not(.pswp__img--placeholder)");
  await becomes(image.thumbs[2048], () => shown.evaluate(({ currentSrc }) => currentSrc.replace(location.origin, "")));
  await page.keyboard.press("z");
  await becomes(image.thumbs[8192], () => shown.evaluate(({ currentSrc }) => currentSrc.replace(location.origin, "")));
  const full = await (await send(image.thumbs[8192])).arrayBuffer();
  assert.equal(await page.evaluate(async (bytes) => {
    return (await createImageBitmap(new Blob([Uint8Array.from(bytes)]))).width;
  }, [...new Uint8Array(full)]), 2600);
});

test("the full-size thumbnail of a TIFF is requested again if the server is busy, not if it refuses or sends no picture", async () => {
  const page = await open(browser, { deviceScaleFactor: 2 });
  const tryWith = async (name, answer) => {
    const image = await add(name, { coder: "TIFF", width: 2600, height: 1700 });
    await make(image, 2048);
    let asked = 0;
    await page.route(`**${image.thumbs[8192]}`, (route) => {
      asked += 1;
      return answer(route, asked);
    });
    await page.goto(`${url}/#image=${image.id}`);
    await page.reload();
    await opened(page);
    await page.keyboard.press("z");
    return { image, asked: () => asked };
  };
  // After each failure, the page requests the URL once more to learn the reason. The second time, the server has made it
  // between the failure and that question.
  const busy = await tryWith("busy.tiff", (route, n) =>
    n <= 3 ? route.fulfill({ status: 503, headers: { "Retry-After": "1" }, json: { title: "Busy" } }) : route.continue());
  const shown = page.locator(".pswp__item[aria-hidden=false] img.pswp__img:not(.pswp__img--placeholder)");
  await becomes(busy.image.thumbs[8192], () => shown.evaluate(({ currentSrc }) => currentSrc.replace(location.origin, "")));
  const refused = await tryWith("refused.tiff", (route) => route.fulfill({ status: 422, json: { title: "Too large" } }));
  await becomes(2, async () => refused.asked());
  await page.waitForTimeout(2500); // longer than the first pause: there must be no further request
  assert.equal(refused.asked(), 2);
  assert.equal(await shown.evaluate(({ currentSrc }) => currentSrc.replace(location.origin, "")), refused.image.thumbs[2048]);
  const broken = await tryWith("broken.tiff", (route) => route.fulfill({ contentType: "image/jpeg", body: "no picture" }));
  await becomes(4, async () => broken.asked());
  await page.waitForTimeout(4500); // longer than the second pause
  assert.equal(broken.asked(), 4);
  assert.equal(await shown.evaluate(({ currentSrc }) => currentSrc.replace(location.origin, "")), broken.image.thumbs[2048]);
});

test("a slide whose thumbnail could not be made is requested again", async () => {
  const image = await add("later.png", { width: 1500, height: 1000 });
  const page = await open(browser);
  let isBusy = true;
  await page.route(/\/thumbs\/(1280|2048)\//, (route) => (isBusy ? route.fulfill({ status: 503 }) : route.continue()));
  await page.locator(item(image.id)).click();
  const current = ".pswp__item[aria-hidden=false]";
  await page.locator(`${current} .pswp__error-msg`).waitFor();
  isBusy = false;
  const shown = page.locator(`${current} img.pswp__img:not(.pswp__img--placeholder)`);
  await becomes(true, async () => await shown.count() === 1 && shown.evaluate((img) => img.complete && img.naturalWidth > 640));
  assert.equal(await page.locator(`${current} .pswp__error-msg`).count(), 0);
});

test("an animated WebP moves in the lightbox; a still one stays a thumbnail", async () => {
  const moving = await add("moving.webp", { coder: "WEBP", frames: 3, width: 60, height: 40 });
  const still = await add("still.webp", { coder: "WEBP", width: 60, height: 40 });
  const page = await open(browser);
  const shown = page.locator(".pswp__item[aria-hidden=false] img.pswp__img:not(.pswp__img--placeholder)");
  await page.locator(item(still.id)).click();
  await opened(page);
  await page.keyboard.press("ArrowRight");
  await becomes(moving.url, () => shown.getAttribute("src"));
  await page.keyboard.press("ArrowLeft");
  await details(page, "name").getByText("still.webp").waitFor();
  assert.match(await shown.getAttribute("src"), /^\/thumbs\//);
});

// Two frames of 32 by 24 pixels, red and blue, by ffmpeg with libaom: nothing else here writes image sequences.
const MOVING_AVIF = [
  "AAAALGZ0eXBhdmlzAAAAAGF2aXNhdmlmbXNmMWlzbzhtaWYxbWlhZk1BMUIAAAD5bWV0YQAAAAAAAAAvaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAA",
  "AFBpY3R1cmVIYW5kbGVyAAAAAA5waXRtAAAAAAABAAAAHmlsb2MAAAAARAAAAQABAAAAAQAAA7gAAAAhAAAAKGlpbmYAAAAAAAEAAAAaaW5mZQIAAAAA",
  "AQAAYXYwMUNvbG9yAAAAAGppcHJwAAAAS2lwY28AAAAUaXNwZQAAAAAAAAAgAAAAGAAAABBwaXhpAAAAAAMICAgAAAAMYXYxQ4EADAAAAAATY29scm5j",
  "bHgAAgACAAIAAAAAF2lwbWEAAAAAAAAAAQABBAECgwQAAAKLbW9vdgAAAGxtdmhkAAAAAAAAAAAAAAAAAAAoAAAAAAAAAQAAAQAAAAAAAAAAAAAAAAEA",
  "AAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgAAAhd0cmFrAAAAXHRraGQAAAADAAAAAAAA",
  "AAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAABAAAAAACAAAAAYAAAAAAGzbWRpYQAAACBt",
  "ZGhkAAAAAAAAAAAAAAAAAAAoAAAAEABVxAAAAAAAL2hkbHIAAAAAAAAAAHBpY3QAAAAAAAAAAAAAAABQaWN0dXJlSGFuZGxlcgAAAAFcbWluZgAAABR2",
  "bWhkAAAAAQAAAAAAAAAAAAAAJGRpbmYAAAAcZHJlZgAAAAAAAAABAAAADHVybCAAAAABAAABHHN0YmwAAACcc3RzZAAAAAAAAAABAAAAjGF2MDEAAAAA",
  "AAAAAQAAAAAAAAAAAAAAAAAAAAAAIAAYAEgAAABIAAAAAAAAAAEYTGF2YzU5LjM3LjEwMCBsaWJhb20tYXYxAAAAAAAAAAAY//8AAAAMYXYxQ4EADAAA",
  "AAAKZmllbAEAAAAAEHBhc3AAAAABAAAAAQAAABBjY3N0AAAAAHwAAAAAAAAYc3R0cwAAAAAAAAABAAAAAgAACAAAAAAUc3RzcwAAAAAAAAABAAAAAQAA",
  "ABxzdHNjAAAAAAAAAAEAAAABAAAAAgAAAAEAAAAcc3RzegAAAAAAAAAAAAAAAgAAACEAAAAbAAAAFHN0Y28AAAAAAAAAAQAAA7gAAABEbWRhdAoKAAAA",
  "AifubXyAIDITEAC5gAACQAAAAS2W+shwW5a06TIZMAPAgAAABuQAAALAACAAHS3nWZphepqoxA==",
].join("");

test("an image sequence (AVIF) moves in the lightbox", async () => {
  const form = new FormData();
  form.append("file", new Blob([Buffer.from(MOVING_AVIF, "base64")]), "moving.avif");
  const answer = await send("/api/images", { method: "POST", body: form });
  const [image] = (await answer.json()).images;
  assert.deepEqual([answer.status, image.width, image.height], [201, 32, 24]);
  const page = await open(browser);
  await page.locator(item(image.id)).click();
  await opened(page);
  const shown = page.locator(".pswp__item[aria-hidden=false] img.pswp__img:not(.pswp__img--placeholder)");
  await becomes(image.url, () => shown.getAttribute("src"));
});

test("a download has an extension of its verified type", async () => {
  const image = await add("holiday.png", { shown: "holiday.hta" });
  const page = await open(browser, { path: `/#image=${image.id}` });
  await details(page, "name").getByText("holiday.hta").waitFor();
  assert.equal(await details(page, "download").getAttribute("download"), "holiday.hta.png");
});

// A server that requires a token for uploads. Everything except its answers about tokens is real.
async function openWithToken() {
  const page = await open(browser, { path: "/?q=tile" });
  const sent = [];
  const isRight = (request) => request.headers().authorization === "Bearer the-right-token-1";
  await page.route("**/api/session", (route) => {
    const has = "authorization" in route.request().headers();
    if (has && !isRight(route.request())) return route.fulfill({ status: 403, json: { title: "The token is wrong" } });
    return route.fulfill({ json: { operator: has, upload: has } });
  });
  await page.route("**/api/images", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    sent.push(isRight(route.request()));
    if (!isRight(route.request())) return route.fulfill({ status: 401, json: { title: "A token is needed" } });
    const headers = { ...route.request().headers() };
    delete headers.authorization;
    return route.continue({ headers });
  });
  await page.goto(`${url}/`);
  await page.locator("#sign-in").waitFor();
  return { page, sent };
}

test("if uploads need a token, files are kept and nothing is sent until the visitor signs in; a wrong token is reported", async () => {
  const { page, sent } = await openWithToken();
  assert.ok(!(await page.locator("#pickers").isVisible()));
  await page.evaluate((data) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], "patient.png", { type: "image/png" }));
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
  }, readFileSync(picture("patient.png")).toString("base64"));
  const field = page.locator("#operator input[name=token]");
  await notices(page).getByText("Your files will be uploaded once you have signed in").waitFor();
  assert.ok(await field.evaluate((input) => input === document.activeElement));
  await field.fill("a-wrong-token");
  await page.keyboard.press("Enter");
  await page.locator("#operator").getByText("That token is not right.").waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem("vitrine.operator")), null);
  assert.deepEqual(await violations(page), []);
  await field.fill("the-right-token-1");
  await page.keyboard.press("Enter");
  await page.locator("#gallery img[alt='patient.png']").waitFor();
  assert.deepEqual(sent, [true]);
  await page.locator("#operator summary").getByText("Operator: signed in").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.reload();
  await page.locator("#operator summary").getByText("Operator: signed in").click();
  assert.ok(await page.locator("#pickers").isVisible());
  await page.locator("#operator").getByRole("button", { name: "Sign out" }).click();
  await page.locator("#sign-in").waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem("vitrine.operator")), null);
});

test("a token that the operator has changed is forgotten, and the page asks for the new one", async () => {
  const { page } = await openWithToken();
  await page.evaluate(() => localStorage.setItem("vitrine.operator", "an-old-token"));
  await page.reload();
  await page.locator("#sign-in").click();
  assert.equal(await page.evaluate(() => localStorage.getItem("vitrine.operator")), null);
  assert.ok(await page.locator("#operator input[name=token]").isVisible());
});
