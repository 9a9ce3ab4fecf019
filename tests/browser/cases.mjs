// The page in Chromium, on the real nginx and worker.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { add, details, item, launch, open, opened, own, picture, send, uploaded, url, violations } from "./support.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const idOf = (link) => link.getAttribute("href").then((href) => href.replace("#image=", ""));

test("an empty gallery says how to add photographs", async () => {
  const page = await open(browser);
  await page.locator("#empty").waitFor();
  assert.equal(await page.locator("#total").textContent(), "0 images");
  assert.deepEqual(await violations(page), []);
  page.quiet();
});

test("a file chosen in the picker is uploaded, shown first in the grid, and still there after a reload", async () => {
  const page = await open(browser);
  await page.setInputFiles("#files", [picture("picked.png", "PNG", { width: 900, height: 600 })]);
  await uploaded(page, "picked.png").getByText("added").waitFor();
  await page.locator("#gallery img[alt='picked.png']").waitFor();
  assert.equal(await page.locator("#total").textContent(), "1 image");
  await page.reload();
  await page.locator("#gallery img[alt='picked.png']").waitFor();
  page.quiet();
});

test("an upload shows its progress and can be cancelled", async () => {
  const page = await open(browser);
  // The request is held back so that the row stays.
  let release;
  await page.route("**/api/images", async (route) => {
    if (route.request().method() === "POST") await new Promise((resolve) => { release = resolve; });
    await route.continue().catch(() => {});
  });
  await page.setInputFiles("#files", [picture("slow.png")]);
  const row = uploaded(page, "slow.png");
  await row.locator("progress").waitFor();
  assert.equal(await row.locator("progress").getAttribute("aria-label"), "Upload of slow.png");
  await row.locator("img").waitFor();
  assert.match(await page.locator("#uploads > p").textContent(), /1 image to go/);
  await row.getByRole("button", { name: "Cancel" }).click();
  await row.waitFor({ state: "detached" });
  release?.();
  page.quiet();
});

test("several files dropped anywhere on the page are uploaded", async () => {
  const page = await open(browser);
  const files = ["dropped1.png", "dropped2.png"].map((name) => [name, readFileSync(picture(name)).toString("base64")]);
  const transfer = await page.evaluateHandle(async (given) => {
    const made = new DataTransfer();
    for (const [name, data] of given)
      made.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name, { type: "image/png" }));
    return made;
  }, files);
  await page.dispatchEvent("main", "dragover", { dataTransfer: transfer });
  assert.ok(await page.locator("#drop").isVisible());
  await page.dispatchEvent("main", "drop", { dataTransfer: transfer });
  await page.locator("#gallery img[alt='dropped1.png']").waitFor();
  await page.locator("#gallery img[alt='dropped2.png']").waitFor();
  assert.ok(!(await page.locator("#drop").isVisible()));
  page.quiet();
});

test("videos beside photographs are left out, which one line says", async () => {
  const page = await open(browser);
  const videos = Array.from({ length: 12 }, (_, i) => ({
    name: `IMG_${i}.MOV`,
    mimeType: "video/quicktime",
    buffer: Buffer.from("no picture"),
  }));
  const photograph = { name: "beside.png", mimeType: "image/png", buffer: readFileSync(picture("beside.png")) };
  await page.setInputFiles("#files", [...videos, photograph]);
  await page.locator("#notices").getByText("12 videos were left out.").waitFor();
  await uploaded(page, "beside.png").getByText("added").waitFor();
  assert.equal(await page.locator("#uploads li.failed").count(), 0);
  assert.equal(await page.locator("#uploads li", { hasText: "MOV" }).count(), 0);
  page.quiet();
});

test("a pasted image is uploaded", async () => {
  const page = await open(browser);
  await page.evaluate((data) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], "pasted.png", { type: "image/png" }));
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
  }, readFileSync(picture("pasted.png")).toString("base64"));
  await page.locator("#gallery img[alt='pasted.png']").waitFor();
  page.quiet();
});

test("a refused file shows the server's reason; a file that the gallery has already says so", async () => {
  const page = await open(browser);
  await page.setInputFiles("#files", [{ name: "notes.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no picture") }]);
  await uploaded(page, "notes.jpg").getByText("the file is not a JPEG, PNG").waitFor();
  assert.deepEqual(await violations(page), []);
  await uploaded(page, "notes.jpg").getByRole("button", { name: "Dismiss" }).click();
  await uploaded(page, "notes.jpg").waitFor({ state: "detached" });
  const known = picture("known.png");
  await page.setInputFiles("#files", [known]);
  await uploaded(page, "known.png").getByText("added").waitFor();
  await uploaded(page, "known.png").waitFor({ state: "detached" });
  await page.setInputFiles("#files", [known]);
  await uploaded(page, "known.png").getByText("already in the gallery").waitFor();
  page.quiet();
});

test("an upload is tried again after a network failure, and leaving the page during it asks first", async () => {
  const page = await open(browser);
  let failures = 1;
  await page.route("**/api/images", (route) => {
    if (route.request().method() === "POST" && failures-- > 0) return route.abort("connectionreset");
    return route.continue();
  });
  await page.setInputFiles("#files", [picture("again.png")]);
  await uploaded(page, "again.png").getByText("trying again").waitFor();
  const asked = page.waitForEvent("dialog");
  await page.mouse.click(5, 700); // Chromium asks only if the visitor has touched the page
  const leaving = page.goto("about:blank").catch(() => {});
  const dialog = await asked;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
  await leaving;
  await page.locator("#gallery img[alt='again.png']").waitFor();
});

test("the keyboard opens the lightbox, steps through it and closes it; then the grid has the focus again", async () => {
  const [first, second] = [await add("key1.png", { width: 700, height: 500 }), await add("key2.png", { width: 700, height: 500 })];
  const page = await open(browser);
  await page.locator(item(second.id)).focus();
  await page.keyboard.press("Enter");
  await details(page, "name").getByText("key2.png").waitFor();
  await opened(page);
  assert.equal(new URL(page.url()).hash, `#image=${second.id}`);
  assert.match(await details(page, "facts").textContent(), /^700 × 500 · PNG/);
  await page.keyboard.press("ArrowRight");
  await details(page, "name").getByText("key1.png").waitFor();
  assert.equal(new URL(page.url()).hash, `#image=${first.id}`);
  assert.deepEqual(await violations(page), []);
  await page.keyboard.press("Escape");
  await page.locator(".pswp").waitFor({ state: "detached" });
  await page.waitForURL(`${url}/`);
  assert.equal(await idOf(page.locator(":focus")), first.id);
  page.quiet();
});

test("a link to an image opens it; back closes it and forward opens it again", async () => {
  const image = await add("deep.png");
  const page = await open(browser, { path: `/#image=${image.id}` });
  await details(page, "name").getByText("deep.png").waitFor();
  await opened(page);
  await page.keyboard.press("Escape");
  await page.locator(".pswp").waitFor({ state: "detached" });
  await page.locator(item(image.id)).click();
  await details(page, "name").getByText("deep.png").waitFor();
  await page.goBack();
  await page.locator(".pswp").waitFor({ state: "detached" });
  await page.goForward();
  await details(page, "name").getByText("deep.png").waitFor();
  page.quiet();
});

test("a link to a deleted image says that it does not exist any more", async () => {
  const page = await open(browser, { path: "/#image=00000000000000000000000000000000" });
  await page.locator("#notices").getByText("That image does not exist any more.").waitFor();
  assert.equal(new URL(page.url()).hash, "");
});

test("an image can be renamed in the lightbox, and a name with markup is shown as text everywhere", async () => {
  const evil = "<img src=x onerror=alert(1)>.jpg";
  const image = await add("plain.png");
  const page = await open(browser);
  page.on("dialog", () => assert.fail("a script of the name ran"));
  await own(page, image);
  await page.locator(item(image.id)).click();
  await opened(page);
  await details(page, "edit").click();
  await page.locator(".pswp input[name=name]").fill(evil);
  await page.keyboard.press("ArrowLeft"); // moves the cursor in the text, not to the next image
  await page.keyboard.press("Enter");
  await details(page, "name").getByText(evil).waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".pswp").waitFor({ state: "detached" });
  assert.equal(await page.locator(`${item(image.id)} .name`).textContent(), evil);
  assert.equal(await page.locator(`${item(image.id)} img`).getAttribute("alt"), evil);
  await page.reload();
  await page.locator(item(image.id)).waitFor();
  const plain = await open(browser, { path: "/api/images", javaScriptEnabled: false });
  assert.equal(await plain.locator("img[src='x']").count(), 0);
  assert.ok((await plain.locator("main").textContent()).includes(evil));
  page.quiet();
});

test("without a token, Rename and Delete are hidden", async () => {
  const image = await add("others.png");
  const page = await open(browser, { path: `/#image=${image.id}` });
  await details(page, "name").waitFor();
  assert.ok(!(await details(page, "edit").isVisible()));
  assert.ok(!(await details(page, "remove").isVisible()));
  assert.equal(await details(page, "download").getAttribute("href"), image.url);
});

/** Clicks Download; returns the bytes of the file that is saved, and its name. */
async function download(page) {
  const [saved] = await Promise.all([page.waitForEvent("download"), details(page, "download").click()]);
  return [readFileSync(await saved.path()), saved.suggestedFilename()];
}

test("who may change an image downloads its original, others a copy without its metadata", async () => {
  const whole = readFileSync(picture("kept.jpg", "JPEG", { width: 300, height: 200 }));
  const secret = Buffer.from("\xff\xfe\x00\x08secret", "latin1");
  const file = Buffer.concat([whole.subarray(0, 2), secret, whole.subarray(2)]);
  const form = new FormData();
  form.append("file", new Blob([file]), "kept.jpg");
  const image = (await (await send("/api/images", { method: "POST", body: form })).json()).images[0];
  const page = await open(browser, { path: `/#image=${image.id}` });
  const [copy, name] = await download(page);
  assert.equal(name, "kept.jpg");
  assert.deepEqual(copy, whole);
  await own(page, image);
  assert.deepEqual(await download(page), [file, "kept.jpg"]);
  page.quiet();
});

test("a download that fails says why", async () => {
  const image = await add("kept2.png");
  const page = await open(browser, { path: `/#image=${image.id}` });
  await own(page, { ...image, delete_token: "wrong" });
  await details(page, "download").click();
  await page.getByText(/The original could not be loaded: /).waitFor();
});

test("a deletion can be undone", async () => {
  const image = await add("undone.png");
  const page = await open(browser);
  await own(page, image);
  await page.locator(item(image.id)).click();
  await details(page, "remove").click();
  await page.locator(item(image.id)).waitFor({ state: "detached" });
  await page.locator("#notices").getByRole("button", { name: "Undo" }).click();
  await page.locator(item(image.id)).waitFor();
  assert.equal((await fetch(`${url}/api/images/${image.id}`)).status, 200);
  page.quiet();
});

test("an image is deleted for good after ten seconds, or when the page is closed", async () => {
  for (const leave of [false, true]) {
    const image = await add(`deleted-${leave}.png`);
    const page = await open(browser);
    await own(page, image);
    await page.locator(item(image.id)).click();
    const gone = page.waitForResponse((response) => response.request().method() === "DELETE").catch(() => null);
    await details(page, "remove").click();
    await page.locator("#notices").getByText("was deleted").waitFor();
    if (leave) await page.goto("about:blank");
    else assert.equal((await gone).status(), 204);
    let status;
    for (let i = 0; i < 2400 && status !== 404; i++) {
      status = (await fetch(`${url}/api/images/${image.id}`)).status;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    assert.equal(status, 404);
    await page.close();
  }
});

test("the address has the search and the order, and back returns to the earlier ones", async () => {
  await add("zebra.png");
  await add("aardvark.png");
  const page = await open(browser);
  await page.locator("#gallery li").first().waitFor();
  await page.fill("#find input", "zebra");
  await page.waitForURL(/\?q=zebra$/);
  await page.locator("#total").getByText("1 image", { exact: true }).waitFor();
  assert.equal(await page.locator("#gallery [data-id]").count(), 1);
  await page.fill("#find input", "no-such-thing");
  await page.locator("#nothing").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.fill("#find input", "");
  await page.selectOption("#find select", "name");
  await page.waitForURL(/\?sort=name$/);
  await page.locator("#gallery img").first().waitFor();
  assert.equal(await page.locator("#gallery img").first().getAttribute("alt"), "<img src=x onerror=alert(1)>.jpg");
  await page.goBack();
  await page.waitForURL((address) => !address.search.includes("sort"));
  page.quiet();
});

test("a server that does not answer is reported with a button to try again; being offline is reported, too", async () => {
  const page = await open(browser);
  await page.locator("#gallery li").first().waitFor();
  await page.route("**/api/images?*", (route) => route.abort());
  await page.selectOption("#find select", "old");
  await page.locator("#failed").getByText("The server cannot be reached.").waitFor();
  assert.deepEqual(await violations(page), []);
  await page.unroute("**/api/images?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator("#gallery li").first().waitFor();
  await page.context().setOffline(true);
  await page.locator("#offline").waitFor();
  await page.context().setOffline(false);
  await page.locator("#offline").waitFor({ state: "hidden" });
});

test("a thumbnail is served as WebP once the variant has been made", async () => {
  const { id } = await add("smaller.png", { width: 900, height: 600 });
  let type;
  for (let sight = 0; sight < 100 && type !== "image/webp"; sight++) {
    const context = await browser.newContext(); // with an empty cache
    const page = await context.newPage();
    const answer = page.waitForResponse((response) => /\/thumbs\/.*\.jpg$/.test(response.url()) && response.url().includes(id));
    await page.goto(url);
    type = (await (await answer).allHeaders())["content-type"];
    await page.waitForFunction((selector) => document.querySelector(selector)?.naturalWidth > 0, `${item(id)} img`);
    await context.close();
  }
  assert.equal(type, "image/webp");
});

test("without scripts, the form uploads, and the listing has thumbnails and links to its pages", async () => {
  const page = await open(browser, { javaScriptEnabled: false });
  await page.waitForURL(`${url}/api/images`);
  await page.setInputFiles("input[name=file]", [picture("plain-form.png")]);
  await page.locator("form[method=post] button").click();
  await page.waitForURL(`${url}/api/images`);
  await page.locator("img[alt='plain-form.png']").waitFor();
  await page.goto(`${url}/api/images?limit=5`);
  const shown = await page.locator("main img").count();
  assert.equal(shown, 5);
  await page.getByRole("link", { name: "Next page" }).click();
  await page.waitForURL(/cursor=/);
  assert.ok((await page.locator("main img").count()) > 0);
});

test("without scripts, axe finds no violation", async () => {
  const page = await open(browser, { path: "/api/images" }); // axe itself is a script
  assert.deepEqual(await violations(page), []);
});

for (const [name, options] of [
  ["a phone", { viewport: { width: 375, height: 700 }, isMobile: true, hasTouch: true }],
  ["a dark page", { colorScheme: "dark" }],
  ["a right-to-left page", { rtl: true }],
]) {
  test(`on ${name}, nothing overflows and axe finds nothing`, async () => {
    const { rtl, ...context } = options;
    const page = await open(browser, context);
    if (rtl) await page.evaluate(() => { document.documentElement.dir = "rtl"; dispatchEvent(new Event("resize")); });
    await page.locator("#gallery li").first().waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    assert.deepEqual(await violations(page), []);
    await page.locator("#gallery a").first().click();
    await details(page, "name").waitFor();
    assert.ok(await page.locator(".pswp .details").evaluate((panel) => panel.getBoundingClientRect().right <= innerWidth + 1));
    page.quiet();
  });
}

test("scrolling shows all of 500 images and never has more than 150 elements", async () => {
  // The gallery takes equal files for one image, so each picture has a comment of its own.
  const shapes = [30, 35, 40, 45, 50, 55, 60].map((width) => readFileSync(picture("many.jpg", "JPEG", { width, height: 30 })));
  const commented = (jpeg, comment) =>
    new Blob([jpeg.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, comment.length + 2]), comment, jpeg.subarray(2)]);
  for (let i = 0; i < 10; i++) {
    const body = new FormData();
    for (let j = 0; j < 50; j++) {
      const name = `many ${String(i * 50 + j).padStart(3, "0")}.jpg`;
      body.append("file", commented(shapes[j % 7], name), name);
    }
    assert.equal((await send("/api/images", { method: "POST", body })).status, 201);
  }
  const page = await open(browser, { path: "/?q=many&sort=old" });
  await page.locator("#total").getByText("500 images").waitFor();
  const seen = new Set();
  let most = 0;
  for (let i = 0; i < 400 && !seen.has("many 499.jpg"); i++) {
    const names = await page.locator("#gallery img").evaluateAll((all) => all.map((one) => one.alt));
    most = Math.max(most, names.length);
    names.forEach((name) => seen.add(name));
    await page.mouse.wheel(0, 500);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  assert.equal(seen.size, 500);
  assert.ok(most <= 150, `${most} elements at once`);
  page.quiet();
});
