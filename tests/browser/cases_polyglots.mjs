// Pictures that are scripts or pages, too, in Chromium: run from where it is they would do harm, and from
// the gallery they do nothing.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, picture, url } from "./support.mjs";

const RUN = "document.title = 'it ran'";

/** "GIF89a/*", a width that reads so, and the end of the comment behind the GIF. */
function gifAndScript() {
  const gif = readFileSync(picture("script.gif", "GIF", { width: 0x2a2f, height: 2 }));
  return Buffer.concat([gif, Buffer.from(`*/=1;${RUN}`)]);
}

/** A page in a comment behind the JPEG's first marker. */
function jpegAndPage() {
  const jpeg = readFileSync(picture("page.jpg", "JPEG", { width: 400, height: 300 }));
  const page = Buffer.from(`<!doctype html><script>${RUN}</script><!--`);
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, page.length + 2]), page, jpeg.subarray(2)]);
}

/** Uploads it under a name that promises what it hides; gives the original's URL. */
async function upload(bytes, name) {
  const form = new FormData();
  form.append("file", new Blob([bytes]), name);
  const answer = await fetch(`${url}/api/images`, { method: "POST", body: form });
  assert.equal(answer.status, 201);
  return url + (await answer.json()).images[0].url;
}

// Another site on this machine: of one elsewhere, Chromium might refuse what is here for that alone.
const elsewhere = url.replace("127.0.0.1", "localhost");

/** A page on another site, with what it asks for itself. */
async function visit(browser, files) {
  const page = await (await browser.newContext()).newPage();
  for (const [path, file] of Object.entries(files)) await page.route(elsewhere + path, (route) => route.fulfill(file));
  await page.goto(`${elsewhere}/`);
  return page;
}

/** Puts an element into the page; gives "load" or "error", whichever comes of it. */
const put = (page, tag, src) => page.evaluate(([name, from]) => new Promise((resolve) => {
  const element = Object.assign(document.createElement(name), { src: from });
  element.onload = element.onerror = (event) => resolve(event.type);
  document.body.append(element);
}), [tag, src]);

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test("polyglots run where nobody says what they are", async () => {
  const page = await visit(browser, {
    "/": { contentType: "text/html", body: "<body>" },
    "/script": { contentType: "text/javascript; charset=latin1", body: gifAndScript() },
    "/page": { contentType: "text/html", body: jpegAndPage() },
  });
  assert.equal(await put(page, "script", `${elsewhere}/script`), "load");
  assert.equal(await page.title(), "it ran");
  await page.goto(`${elsewhere}/page`);
  assert.equal(await page.title(), "it ran");
});

test("the original of a page in a JPEG is shown as a picture, and runs nothing", async () => {
  const original = await upload(jpegAndPage(), "page.html");
  const page = await (await browser.newContext()).newPage();
  await page.goto(original);
  assert.equal(await page.evaluate(() => document.contentType), "image/jpeg");
  assert.equal(await page.evaluate(() => document.images[0].naturalWidth), 400);
  assert.notEqual(await page.title(), "it ran");
  assert.equal(await page.evaluate(() => document.scripts.length), 0);
});

for (const [what, make, name] of [["a GIF", gifAndScript, "script.js"], ["a JPEG", jpegAndPage, "page.js"]]) {
  test(`the original of ${what} with a script is no script, neither here nor on another site`, async () => {
    const original = await upload(make(), name);
    const here = await (await browser.newContext()).newPage();
    await here.goto(`${url}/`);
    assert.equal(await put(here, "img", original), "load");
    assert.equal(await put(here, "script", original), "error");
    assert.notEqual(await here.title(), "it ran");
    const there = await visit(browser, { "/": { contentType: "text/html", body: "<body>" } });
    assert.equal(await put(there, "script", original), "error");
    assert.equal(await put(there, "img", original), "error"); // by its Cross-Origin-Resource-Policy
    assert.notEqual(await there.title(), "it ran");
  });
}
