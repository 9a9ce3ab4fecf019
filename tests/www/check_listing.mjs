import assert from "node:assert/strict";
import test from "node:test";
import { Listing } from "../../www/listing.js";

const QUERY = { q: "", tag: "", sort: "new", taken: "", cursor: "" };
const image = (n) => ({ id: `id${n}`, name: `name ${n}` });
const ids = (listing) => listing.images.map(({ id }) => id).join(" ");

// A server with the images from `count` down to 1, two on a page.
function server(count) {
  return async ({ cursor }) => {
    const from = cursor === "" ? count : Number(cursor);
    const images = [from, from - 1].filter((n) => n > 0).map(image);
    return { images, next: from > 2 ? String(from - 2) : null, total: count };
  };
}

test("pages are loaded in order up to the last one", async () => {
  const listing = new Listing(server(5), () => {});
  await listing.open(QUERY);
  assert.equal(ids(listing), "id5 id4");
  assert.equal(listing.state, "idle");
  await listing.loadMore();
  await listing.loadMore();
  assert.equal(ids(listing), "id5 id4 id3 id2 id1");
  assert.equal(listing.state, "complete");
  await listing.loadMore();
  assert.equal(listing.total, 5);
});

test("a page is not loaded twice at the same time", async () => {
  let asked = 0;
  const fetch = server(9);
  const listing = new Listing((query) => { asked += 1; return fetch(query); }, () => {});
  await Promise.all([listing.open(QUERY), listing.loadMore(), listing.loadMore()]);
  assert.equal(asked, 1);
});

test("after a failure, the images stay and the page can be loaded again", async () => {
  const fetch = server(4);
  let broken = false;
  const listing = new Listing((query) => (broken ? Promise.reject(new Error("away")) : fetch(query)), () => {});
  await listing.open(QUERY);
  broken = true;
  await listing.loadMore();
  assert.equal(listing.state, "failed");
  assert.equal(listing.error.message, "away");
  assert.equal(ids(listing), "id4 id3");
  broken = false;
  await listing.loadMore();
  assert.equal(ids(listing), "id4 id3 id2 id1");
});

test("an answer for an earlier listing is ignored", async () => {
  const answers = [];
  const listing = new Listing(() => new Promise((resolve) => answers.push(resolve)), () => {});
  const first = listing.open(QUERY);
  const second = listing.open({ ...QUERY, q: "x" });
  answers[1]({ images: [image(2)], next: null, total: 1 });
  answers[0]({ images: [image(1)], next: null, total: 1 });
  await Promise.all([first, second]);
  assert.equal(ids(listing), "id2");
});

test("a new image is added once, at the top, and only to the newest images", async () => {
  const listing = new Listing(server(2), () => {});
  await listing.open(QUERY);
  listing.add(image(3));
  listing.add(image(3));
  assert.equal(ids(listing), "id3 id2 id1");
  assert.equal(listing.total, 3);
  await listing.open({ ...QUERY, sort: "name" });
  listing.add(image(4));
  assert.equal(ids(listing), "id2 id1");
});

test("a hidden image is shown again in its place, even if others were added and removed meanwhile", async () => {
  const listing = new Listing(server(4), () => {});
  await listing.open(QUERY);
  listing.hide("id3");
  assert.equal(ids(listing), "id4");
  assert.equal(listing.total, 3);
  listing.add(image(5));
  listing.drop("id4");
  await listing.loadMore();
  assert.equal(ids(listing), "id5 id2 id1");
  assert.equal(listing.total, 3);
  listing.reveal("id3");
  assert.equal(ids(listing), "id5 id3 id2 id1");
  assert.equal(listing.total, 4);
});

test("a hidden image is hidden in every listing, and shown again only in those that contain it", async () => {
  const fetch = server(3);
  const listing = new Listing(async (query) => (query.q ? { images: [image(9)], next: null, total: 1 } : fetch(query)), () => {});
  await listing.open(QUERY);
  listing.hide("id3");
  await listing.open({ ...QUERY, q: "nine" });
  assert.equal(listing.total, 1);
  listing.reveal("id3");
  assert.equal(ids(listing), "id9");
  assert.equal(listing.total, 1);
  listing.hide("id2");
  await listing.open(QUERY);
  assert.equal(ids(listing), "id3");
});

test("the total is never negative", async () => {
  const listing = new Listing(async () => ({ images: [], next: null, total: 0 }), () => {});
  for (const id of ["a", "b", "c"]) listing.hide(id);
  await listing.open(QUERY);
  assert.equal(listing.total, 0);
  const one = new Listing(server(1), () => {});
  await one.open(QUERY);
  one.hide("id1");
  assert.equal(one.total, 0);
  one.drop("id1");
  one.drop("id1");
  assert.equal(one.total, 0);
});

test("by time taken, a new image is added in its place, and not if it comes after what is loaded", async () => {
  const dated = (n, taken) => ({ ...image(n), taken, created: "2026-11-25T00:00:00.000Z" });
  const known = [dated(3, "2024-05-12T10:00:00"), dated(2, "2024-05-12T10:00:00+02:00"), dated(1, "2001-01-01")];
  for (const [sort, images] of [["taken", known], ["taken-old", known.toReversed()]]) {
    const listing = new Listing(async () => ({ images, next: "more", total: 9 }), () => {});
    await listing.open({ ...QUERY, sort });
    listing.add(dated(4, "2012-01-01T12:00"));
    listing.add(dated(5, sort === "taken" ? "2000-01-01" : "2030-01-01"));
    assert.equal(ids(listing), sort === "taken" ? "id3 id2 id4 id1" : "id1 id4 id2 id3");
    assert.equal(listing.total, 11);
    listing.replace(dated(3, "2005-01-01"));
    assert.equal(ids(listing), sort === "taken" ? "id2 id4 id3 id1" : "id1 id3 id4 id2");
    listing.replace({ ...dated(4, "2012-01-01T12:00"), name: "other" });
    assert.equal(listing.find("id4").name, "other");
  }
});

// A server with one picture on each day of May 2024, two on a page. It notes what it is asked.
function month(asked = []) {
  return async (query) => {
    asked.push(query);
    const { sort, taken, cursor } = query;
    let days = Array.from({ length: 31 }, (_, i) => i + 1);
    const limit = Number(taken.match(/2024-05-(\d\d)/)?.[1] ?? (taken.includes("2024-06") ? 32 : 0));
    if (limit) days = days.filter((day) => (taken.startsWith("..") ? day <= limit : day >= limit));
    if (sort === "taken") days.reverse();
    const from = Number(cursor);
    const images = days.slice(from, from + 2).map((day) => ({
      ...image(day), taken: `2024-05-${String(day).padStart(2, "0")}T10:00:00`, created: "2026-11-25T00:00:00.000Z",
    }));
    return { images, next: from + 2 < days.length ? String(from + 2) : null, total: days.length };
  };
}

test("a listing that begins with a place grows at both ends, and one request opens it", async () => {
  const asked = [];
  const listing = new Listing(month(asked), () => {});
  await listing.open({ ...QUERY, sort: "taken", taken: "..2024-05-12" });
  assert.equal(asked.length, 1);
  assert.equal(ids(listing), "id12 id11");
  assert.equal(listing.total, null);
  assert.equal(await listing.loadBefore(), null);
  await Promise.all([listing.loadBefore(), listing.loadBefore(), listing.loadMore()]);
  assert.equal(ids(listing), "id16 id15 id14 id13 id12 id11 id10 id9");
  while (listing.stateBefore !== "complete") await listing.loadBefore();
  assert.equal(listing.images[0].id, "id31");
  assert.equal(listing.total, 31);
  const count = asked.length;
  await listing.loadBefore();
  assert.equal(asked.length, count);
});

test("from the oldest on, what comes before a place is older", async () => {
  const listing = new Listing(month(), () => {});
  await listing.open({ ...QUERY, sort: "taken-old", taken: "2024-05-04.." });
  await listing.loadBefore();
  await listing.loadBefore();
  assert.equal(ids(listing), "id1 id2 id3 id4 id5");
  assert.equal(listing.stateBefore, "complete");
});

test("what comes before a place can be asked for again after a failure, and is ignored after another listing was opened", async () => {
  const fetch = month();
  let broken = true;
  const listing = new Listing((query) => (broken && query.sort === "taken-old" ? Promise.reject(new Error("away")) : fetch(query)), () => {});
  await listing.open({ ...QUERY, sort: "taken", taken: "..2024-05-12" });
  assert.equal((await listing.loadBefore()).message, "away");
  assert.equal(ids(listing), "id12 id11");
  broken = false;
  const late = listing.loadBefore();
  await listing.open({ ...QUERY, sort: "taken", taken: "..2024-05-03" });
  await late;
  assert.equal(ids(listing), "id3 id2");
});

test("a new image that belongs before a place is not shown until that part is loaded", async () => {
  const listing = new Listing(month(), () => {});
  await listing.open({ ...QUERY, sort: "taken", taken: "..2024-05-12" });
  const added = { ...image(99), taken: "2024-05-20T12:00:00", created: "2026-11-25T00:00:00.000Z" };
  listing.add(added);
  assert.equal(ids(listing), "id12 id11");
  while (listing.stateBefore !== "complete") await listing.loadBefore();
  listing.add(added);
  assert.equal(listing.images[listing.indexOf("id99") + 1].id, "id20");
});

test("a new image is not added to a listing that begins with a later page", async () => {
  const listing = new Listing(server(5), () => {});
  await listing.open({ ...QUERY, cursor: "3" });
  listing.add(image(9));
  assert.equal(ids(listing), "id3 id2");
});

test("a renamed image keeps its place", async () => {
  const listing = new Listing(server(2), () => {});
  await listing.open(QUERY);
  listing.replace({ id: "id2", name: "other" });
  assert.equal(listing.images[0].name, "other");
  listing.replace({ id: "none", name: "nobody" });
  assert.equal(ids(listing), "id2 id1");
});
