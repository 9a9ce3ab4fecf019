// Polyglots in Chromium: pictures that are also scripts or pages. Other servers' headers let them run; the gallery's do
// not. Pages of another site cannot change the gallery.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, picture, send, url } from "./support.mjs";

const RUN = "document.title = 'it ran'";

/** A GIF whose width reads "/*" and that ends with the end of this comment and a script. */
function gifAndScript() {
  const gif = readFileSync(picture("script.gif", "GIF", { width: 0x2a2f, height: 2 }));
  return Buffer.concat([gif, Buffer.from(`*/=1;${RUN}`)]);
}

/** A JPEG with a page in a comment after its first marker. */
function jpegAndPage() {
  const jpeg = readFileSync(picture("page.jpg", "JPEG", { width: 400, height: 300 }));
  const page = Buffer.from(`<!doctype html><script>${RUN}</script><!--`);
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, page.length + 2]), page, jpeg.subarray(2)]);
}

/** Uploads a polyglot under the name of what it hides. Returns the original's URL. */
async function upload(bytes, name) {
  const form = new FormData();
  form.append("file", new Blob([bytes]), name);
  const answer = await send("/api/images", { method: "POST", body: form });
  assert.equal(answer.status, 201);
  return url + (await answer.json()).images[0].url;
}

// Another site on this machine. If it were on another machine, Chromium might block requests to this one for that reason.
const elsewhere = url.replace("127.0.0.1", "localhost");

/** Opens a page of another site that has these files. */
async function visit(browser, files) {
  const page = await (await browser.newContext()).newPage();
  for (const [path, file] of Object.entries(files)) await page.route(elsewhere + path, (route) => route.fulfill(file));
  await page.goto(`${elsewhere}/`);
  return page;
}

/** Adds an element to the page. Resolves to "load" or "error". */
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

test("polyglots run if the server does not declare their type", async () => {
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

test("the original of a JPEG with a page in it is shown as a picture, and no script runs", async () => {
  const original = await upload(jpegAndPage(), "page.html");
  const page = await (await browser.newContext()).newPage();
  await page.goto(original);
  assert.equal(await page.evaluate(() => document.contentType), "image/jpeg");
  assert.equal(await page.evaluate(() => document.images[0].naturalWidth), 400);
  assert.notEqual(await page.title(), "it ran");
  assert.equal(await page.evaluate(() => document.scripts.length), 0);
});

for (const [what, make, name] of [["a GIF", gifAndScript, "script.js"], ["a JPEG", jpegAndPage, "page.js"]]) {
  test(`the original of ${what} with a script does not run as a script, neither here nor on another site`, async () => {
    const original = await upload(make(), name);
    const here = await (await browser.newContext()).newPage();
    await here.goto(`${url}/`);
    assert.equal(await put(here, "img", original), "load");
    assert.equal(await put(here, "script", original), "error");
    assert.notEqual(await here.title(), "it ran");
    const there = await visit(browser, { "/": { contentType: "text/html", body: "<body>" } });
    assert.equal(await put(there, "script", original), "error");
    assert.equal(await put(there, "img", original), "error"); // because of its Cross-Origin-Resource-Policy
    assert.notEqual(await there.title(), "it ran");
  });
}

test("the gallery refuses an upload that Chromium sends from a page of another site", async (t) => {
  const count = async () => (await (await fetch(`${url}/api/stats`)).json()).images;
  const post = (page, to) => page.evaluate(async ([address, data]) => {
    const form = new FormData();
    form.append("file", new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))]), "posted.png");
    await fetch(address, { method: "POST", mode: "no-cors", body: form }).catch(() => {}); // the page cannot read the answer
  }, [to, readFileSync(picture("posted.png")).toString("base64")]);
  const sites = [];
  const server = createServer((request, answer) => {
    if (request.method === "POST") sites.push(request.headers["sec-fetch-site"]);
    request.resume().on("end", () => answer.end("<!doctype html><body>"));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address();
  const stored = await count();
  const page = await (await browser.newContext()).newPage();
  for (const host of ["localhost", "127.0.0.1"]) {
    await page.goto(`http://${host}:${port}/`);
    await post(page, `http://127.0.0.1:${port}/`);
    await post(page, `${url}/api/images`);
  }
  assert.deepEqual(sites, ["cross-site", "same-origin"]);
  assert.equal(await count(), stored);
  await page.goto(url);
  await post(page, `${url}/api/images`);
  assert.equal(await count(), stored + 1);
});
