// What the browser tests share: Chromium, pages, pictures.
//
//   VITRINE_TEST_URL     the gallery
//   VITRINE_TEST_BUILD   the folder tests/ of the build: tools/make_picture
//   VITRINE_TEST_WORK    a folder for pictures

import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const url = process.env.VITRINE_TEST_URL;
const work = process.env.VITRINE_TEST_WORK;

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Chromium must not contact other machines.
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/**
 * Opens a page in a context of its own, so without the tokens of other tests; init runs in it first. quiet() throws if
 * the page has logged an error or sent a request to another host.
 */
export async function open(browser, { path = "/", init, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  if (init) await context.addInitScript(init);
  const page = await context.newPage();
  page.setDefaultTimeout(60000); // CI runs a virtual machine beside the browser
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // Chromium logs refused uploads, too, which some tests want, and thumbnails for which a loaded machine was too busy: the
    // page asks for these again.
    if (message.type() === "error" && !/status of (4\d\d|503)/.test(message.text())) complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin)
      complaints.push(`a request to ${request.url()}`);
  });
  page.quiet = () => {
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
  };
  await page.goto(url + path);
  return page;
}

let serial = randomInt(2 ** 15); // pictures differ in its lowest 16 bits

/** Makes a picture that differs from all others. Returns its path. */
export function picture(name, coder = "PNG", options = {}) {
  const path = join(work, name);
  const words = Object.entries({ seed: serial++, ...options }).map(([key, value]) => `${key}=${value}`);
  execFileSync(join(process.env.VITRINE_TEST_BUILD, "tools/make_picture"), [coder, path, ...words]);
  return path;
}

/**
 * Sends a request without the page, and once more whenever the gallery is busy, as it says, for a minute at most: browsers
 * and other tests use the processors, too.
 */
export async function send(address, options) {
  for (let left = 60; ; left--) {
    const answer = await fetch(new URL(address, url), options);
    if (answer.status !== 503 || left === 0) return answer;
    await answer.arrayBuffer();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Uploads a picture without the page. Returns the API's answer for it. */
export async function add(name, options = {}) {
  const form = new FormData();
  const { coder = "PNG", shown = name, ...picturing } = options;
  form.append("file", new Blob([readFileSync(picture(name, coder, picturing))]), shown);
  const answer = await send("/api/images", { method: "POST", body: form });
  return (await answer.json()).images[0];
}

export const uploaded = (page, name) => page.locator("#uploads li", { hasText: name });
export const details = (page, part) => page.locator(`.pswp [data-part=${part}]`);
// PhotoSwipe handles keys once it has opened and has the focus.
export const opened = (page) => page.waitForFunction(() => document.activeElement.closest(".pswp"));

export const item = (id) => `#gallery li[data-id="${id}"] a`;

/** Gives the page an image's token, as if it had uploaded the image. */
export function own(page, { id, delete_token: token }) {
  return page.evaluate(([key, value]) => localStorage.setItem(key, value), [`vitrine.token.${id}`, token]);
}

/** Returns what axe finds on the page in its current state. */
export async function violations(page) {
  await page.evaluate(readFileSync(axe, "utf8")); // not as a script element, which the page's policy forbids
  const { violations: found } = await page.evaluate(() => window.axe.run());
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
