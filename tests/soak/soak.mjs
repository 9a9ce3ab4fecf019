// The load of tests/soak/run. At the end it prints the results as TAP comments.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const url = process.env.VITRINE_SOAK_URL;
const work = process.env.VITRINE_SOAK_WORK;
const server = Number(process.env.VITRINE_SOAK_SERVER);
const end = Date.now() + Number(process.env.VITRINE_SOAK_MINUTES) * 60000;

const SIZE = 300; // approximate number of images in the gallery
const SAMPLE_SECONDS = 10;

const photographs = ["small.jpg", "small.jpg", "small.jpg", "large.jpg"].map((name) => readFileSync(`${work}/${name}`));
const stored = new Map(); // by id: the token
const gone = new Set();
const counts = new Map();
const failures = [];
const samples = [];
let kills = 0;
let lost = 0; // requests answered as lost with their worker

const random = (choices) => choices[Math.floor(Math.random() * choices.length)];
const isOver = () => Date.now() >= end;
const count = (what) => counts.set(what, (counts.get(what) ?? 0) + 1);

// The response, its body as bytes; null where a kill took it, or where it failed.
async function ask(what, path, wanted, options = {}) {
  let status = "no answer";
  try {
    const response = await fetch(url + path, { signal: AbortSignal.timeout(60000), redirect: "manual", ...options });
    const body = Buffer.from(await response.arrayBuffer());
    status = response.status;
    count(`${what} ${status}`);
    if (wanted.includes(status)) return { status, body, headers: response.headers };
    if (status === 502 && JSON.parse(body).title === "The worker was lost") {
      lost++;
      return null;
    }
  } catch (error) {
    count(`${what} failed`);
    status = `${status}: ${error.cause?.code ?? error}`;
  }
  failures.push(`${what} ${path}: ${status}`);
  return null;
}

// A photograph that nobody has: with a comment behind the JPEG's first marker.
function fresh() {
  const photograph = random(photographs);
  return Buffer.concat([photograph.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, 18]), randomBytes(16), photograph.subarray(2)]);
}

const idOf = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 32);
const post = (bytes) => ({ method: "POST", headers: { "Content-Type": "image/jpeg" }, body: bytes });
const withToken = (token, more = {}) => ({ ...more, headers: { Authorization: `Bearer ${token}`, ...more.headers } });

// ---- what people do, each until the end ----

async function upload() {
  const bytes = fresh();
  let answer = await ask("upload", "/api/images", [201], post(bytes));
  if (answer) {
    stored.set(idOf(bytes), JSON.parse(answer.body).images[0].delete_token);
    return;
  }
  // Lost with its worker: before or after it was taken. Its token is lost, too, in the latter case.
  do answer = await ask("upload again", "/api/images", [200, 201], post(bytes)); while (!answer && !isOver());
  if (answer) stored.set(idOf(bytes), JSON.parse(answer.body).images[0].delete_token ?? null);
}

async function uploadBroken() {
  const bytes = fresh();
  await ask("broken upload", "/api/images", [415, 422], post(bytes.subarray(0, bytes.length * Math.random())));
  await sleep(500);
}

async function list() {
  const sort = random(["new", "old", "name", "size"]);
  const page = await ask("listing", `/api/images?sort=${sort}&limit=20`, [200]);
  const { images, next } = page ? JSON.parse(page.body) : { images: [], next: null };
  if (next) await ask("next page", `/api/images?sort=${sort}&limit=20&cursor=${encodeURIComponent(next)}`, [200]);
  const image = random(images);
  // It may be deleted by now.
  if (image) await ask("thumbnail", random(Object.values(image.thumbs)), [200, 404], { headers: { Accept: random(["image/webp", "*/*"]) } });
  if (image) await ask("original", image.url, [200, 404]);
  await sleep(20);
}

const firstPage = () => ask("first page", "/api/images", [200]);

// One whose token is known, taken out of the map.
function take() {
  const known = [...stored].filter(([, token]) => token !== null);
  if (known.length < 20) return null;
  const [id, token] = random(known);
  stored.delete(id);
  return { id, token };
}

async function change() {
  const image = take();
  if (image) {
    const body = JSON.stringify({ name: `changed ${Date.now()}.jpg` });
    await ask("change", `/api/images/${image.id}`, [200], withToken(image.token, { method: "PATCH", body, headers: { "Content-Type": "application/json" } }));
    stored.set(image.id, image.token);
  }
  await sleep(50);
}

async function remove() {
  const image = stored.size > SIZE ? take() : null;
  if (!image) {
    await sleep(50);
    return;
  }
  let answer = await ask("deletion", `/api/images/${image.id}`, [204], withToken(image.token, { method: "DELETE" }));
  while (!answer && !isOver()) answer = await ask("deletion again", `/api/images/${image.id}`, [204, 404], withToken(image.token, { method: "DELETE" }));
  if (answer) gone.add(image.id);
}

// ---- processes ----

const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
const tree = (pid) => [pid, ...children(pid).flatMap(tree)];
const read = (pid, file) => readFileSync(`/proc/${pid}/${file}`, "utf8");

// Runs the function, which may meet a process that has just ended.
function looking(what) {
  try {
    return what();
  } catch (error) {
    if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
    return undefined;
  }
}

function processes() {
  return tree(server).map((pid) => looking(() => {
    const line = read(pid, "cmdline").replaceAll("\0", " ");
    const pool = looking(() => read(pid, "environ").match(/VITRINE_POOL=(\w+)/)?.[1]);
    const name = line.includes("vitrine.fcgi") && !line.includes("multiwatch") ? `${pool} worker`
      : line.startsWith("nginx: master") ? "nginx master" : line.startsWith("nginx: worker") ? "nginx worker" : null;
    return name && { pid, name };
  })).filter(Boolean);
}

async function kill() {
  await sleep(2000 + Math.random() * 4000);
  const victim = random(processes().filter(({ name }) => name.endsWith("worker") && !name.startsWith("nginx")));
  if (victim && looking(() => process.kill(victim.pid, "SIGKILL"))) {
    kills++;
    count(`kill of an ${victim.name}`);
  }
}

async function sample() {
  const sizes = {};
  for (const { pid, name } of processes()) {
    const status = looking(() => read(pid, "status"));
    const kilobytes = Number(status?.match(/VmRSS:\s+(\d+)/)?.[1] ?? 0);
    if (kilobytes) (sizes[name] ??= []).push(kilobytes);
  }
  samples.push(sizes);
  await sleep(SAMPLE_SECONDS * 1000);
}

// ---- the run ----

async function untilTheEnd(role) {
  while (!isOver()) await role();
}

const roles = [upload, upload, upload, upload, uploadBroken, list, list, firstPage, change, remove, remove, kill, sample];
await Promise.all(roles.map(untilTheEnd));
await sleep(2000);
// Uploads that the end met between a kill and the next try.
for (const [id, token] of stored) {
  const answer = await ask("last look", `/uploads/${id.slice(0, 2)}/${id}.jpg`, [200]);
  if (answer && idOf(answer.body) !== id) failures.push(`${id}: other bytes than were uploaded`);
  if (token === undefined) failures.push(`${id}: an upload without a token`);
}
for (const id of gone) await ask("last look at what was deleted", `/api/images/${id}`, [404]);
const { images } = JSON.parse((await ask("last look at the count", "/api/stats", [200])).body);
const uncertain = counts.get("upload 502") ?? 0; // at most: some were never sent again
if (images < stored.size || images > stored.size + uncertain) failures.push(`${images} images instead of ${stored.size}`);
if (lost > kills) failures.push(`${kills} kills have cost ${lost} requests`);

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const quarter = Math.max(1, Math.floor(samples.length / 4));
const during = (part, name) => part.flatMap((sizes) => sizes[name] ?? []);

for (const [what, number] of [...counts].sort()) console.log(`# ${what}: ${number}`);
console.log(`# kills: ${kills}, requests lost by them: ${lost}`);
console.log(`# images at the end: ${images}, deleted: ${gone.size}`);
for (const name of ["nginx master", "nginx worker", "api worker", "image worker"]) {
  const [first, last] = [samples.slice(0, quarter), samples.slice(-quarter)].map((part) => during(part, name));
  console.log(`# ${name}: RSS ${median(first)} kB in the first quarter, ${median(last)} kB in the last (medians); at most ${Math.max(...during(samples, name))} kB`);
}
for (const failure of failures.slice(0, 50)) console.log(`# failure: ${failure}`);
console.log(`# failures: ${failures.length}`);
process.exitCode = failures.length === 0 ? 0 : 1;
