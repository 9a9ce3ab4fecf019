// Measures the page: see bench/page.
import { readFileSync } from "node:fs";
import { launch, picture, url } from "./support.mjs";

const LOADS = 15;
const PICTURES = 2000;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const kilobytes = (value) => `${(value / 1000).toFixed(1)} kB`;

// 2,000 pictures in forms of 100.
for (let i = 0; i < PICTURES; i += 100) {
  const body = new FormData();
  for (let j = 0; j < 100; j++) {
    const path = picture("one.png", "PNG", { width: 120 + (j % 9) * 20, height: 160 });
    body.append("file", new Blob([readFileSync(path)]), `picture ${i + j}.png`);
  }
  const answer = await fetch(`${url}/api/images`, { method: "POST", body });
  if (answer.status !== 201) throw new Error(`an upload was answered with ${answer.status}`);
}

const browser = await launch();

async function newPage() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await page.addInitScript(() => {
    window.measured = { shift: 0, shifts: [], listing: null };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        window.measured.shift += entry.value;
        for (const { node, previousRect, currentRect } of entry.sources)
          window.measured.shifts.push(`${node?.nodeName}#${node?.id} ${JSON.stringify(previousRect)} ${JSON.stringify(currentRect)}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
    // When the next frame begins, the frame with the first pictures in the grid has been painted.
    new MutationObserver((records, observer) => {
      if (!document.querySelector("#gallery [data-id]")) return;
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => {
        window.measured.listing = performance.now();
      }));
    }).observe(document, { childList: true, subtree: true });
  });
  return { context, page, session };
}

const listings = [];
for (let i = 0; i < LOADS; i++) {
  const { context, page } = await newPage();
  await page.goto(url);
  await page.waitForFunction(() => window.measured.listing !== null);
  listings.push(await page.evaluate(() => window.measured.listing));
  await context.close();
}

const { page, session } = await newPage();
await page.goto(url, { waitUntil: "networkidle" });
const weight = await weigh();
await page.locator("#gallery a").first().click();
await page.waitForFunction(() => document.activeElement.closest(".pswp"));
await page.waitForLoadState("networkidle");
const weightOpen = await weigh();
await page.keyboard.press("Escape");
await page.locator(".pswp").waitFor({ state: "detached" });

// Bytes of the compressed bodies of the page, its style sheet and its scripts.
function weigh() {
  return page.evaluate(() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter(({ initiatorType, name }) => initiatorType !== "img" && !name.includes("/api/"))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0));
}

async function heap() {
  await session.send("HeapProfiler.collectGarbage");
  await session.send("Performance.enable");
  const { metrics } = await session.send("Performance.getMetrics");
  const value = (name) => metrics.find((metric) => metric.name === name).value;
  return { bytes: value("JSHeapUsedSize"), nodes: value("Nodes") };
}

const before = await heap();
let most = 0;
let last = 0;
while (last < PICTURES) {
  await page.mouse.wheel(0, 600);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  const seen = await page.evaluate(() => {
    const items = [...document.querySelectorAll("#gallery [data-id]")];
    return [items.length, Math.max(...items.map((item) => Number(item.ariaPosInSet)))];
  });
  most = Math.max(most, seen[0]);
  last = Math.max(last, seen[1]);
}
const after = await heap();
const { shift, shifts } = await page.evaluate(() => window.measured);
await browser.close();

for (const one of shifts) console.error(`moved: ${one}`);
console.log(`| what | figure |
|---|---|
| weight before images and listing, compressed | ${kilobytes(weight)} |
| the same once the lightbox is open | ${kilobytes(weightOpen)} |
| first listing painted, median of ${LOADS} first visits (least, most) | ${median(listings).toFixed(0)} ms (${Math.min(...listings).toFixed(0)}, ${Math.max(...listings).toFixed(0)}) |
| cumulative layout shift, loading, lightbox and scrolling | ${shift.toFixed(4)} |
| image elements at once, at most, while scrolling through ${PICTURES} images | ${most} |
| JavaScript heap before and after | ${kilobytes(before.bytes)}, ${kilobytes(after.bytes)} |
| nodes of the document before and after | ${before.nodes}, ${after.nodes} |`);
