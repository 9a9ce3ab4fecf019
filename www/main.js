// The page: brings the address, the listing, the grid, the lightbox and the uploads together.

import * as api from "./api.js";
import { formatHash, formatSearch, parseHash, parseSearch } from "./address.js";
import { count } from "./format.js";
import { Grid } from "./grid.js";
import * as intake from "./intake.js";
import { Listing } from "./listing.js";
import { notice } from "./notices.js";

const UNDO_SECONDS = 10;

const $ = (selector) => document.querySelector(selector);
const find = $("#find");
const more = $("#more");

// ---- the listing and its states ----

const leaving = new Map(); // id to what undoes the deletion of an image that is gone from the page only

async function fetchPage(query) {
  const page = await api.list(query);
  const images = page.images.filter((image) => !leaving.has(image.id));
  return { ...page, images, total: page.total - leaving.size };
}

const listing = new Listing(fetchPage, render);
const grid = new Grid($("#gallery"), () => {
  if (listing.state === "idle") listing.loadMore();
});

function render() {
  const { images, total, capped, state, error, query } = listing;
  const empty = state === "complete" && images.length === 0;
  grid.show(images, total);
  const known = images.length > 0 || state === "complete";
  $("#total").textContent = known ? count(total, capped) : "";
  $("#gallery").setAttribute("aria-busy", String(state === "loading"));
  $("#loading").hidden = state !== "loading";
  $("#failed").hidden = state !== "failed";
  $("#failed span").textContent = error?.message ?? "";
  $("#empty").hidden = !empty || query.q !== "";
  $("#nothing").hidden = !empty || query.q === "";
  more.hidden = !listing.next || state === "loading";
  more.firstElementChild.href = `/${formatSearch({ ...query, cursor: listing.next })}`;
}

function openListing() {
  const query = parseSearch(location.search);
  find.elements.q.value = query.q;
  find.elements.sort.value = query.sort;
  $("#all").hidden = query.cursor === "";
  return listing.open(query);
}

// ---- the address ----

function go(query, { replace = false } = {}) {
  const address = `/${formatSearch(query)}`;
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  scrollTo({ top: 0, behavior: "instant" });
  openListing();
}

let typing = 0;

find.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  go({ q: find.elements.q.value.trim(), sort: find.elements.sort.value });
});
find.elements.sort.addEventListener("change", () => find.requestSubmit());
find.elements.q.addEventListener("input", () => {
  clearTimeout(typing);
  // Each word typed is one entry of the history at most.
  typing = setTimeout(() => {
    go({ q: find.elements.q.value.trim(), sort: find.elements.sort.value }, { replace: listing.query.q !== "" });
  }, 300);
});
addEventListener("popstate", () => {
  if (formatSearch(parseSearch(location.search)) !== formatSearch(listing.query)) openListing();
});

more.firstElementChild.addEventListener("click", (event) => {
  event.preventDefault();
  listing.loadMore();
});
$("#failed button").addEventListener("click", () => listing.loadMore());

// ---- one image ----

let cameFromHere = false; // so that closing is going back

let lightbox = null;

const lightboxEvents = {
  onShow: (image) => history.replaceState(null, "", formatHash(image.id)),
  onRename: (image) => listing.replace(image),
  onRemove: removeLater,
  onClose(image) {
    if (parseHash(location.hash)) {
      if (cameFromHere) history.back();
      else history.replaceState(null, "", location.pathname + location.search);
    }
    cameFromHere = false;
    const index = image ? listing.indexOf(image.id) : -1;
    if (index >= 0) grid.reveal(index);
  },
};

// Most visits begin with looking at the grid.
async function loadLightbox() {
  const { Lightbox } = await import("./lightbox.js");
  lightbox ??= new Lightbox(lightboxEvents);
}

async function openFromAddress() {
  const id = parseHash(location.hash);
  if (!id) {
    lightbox?.close();
    return;
  }
  if (lightbox?.isOpen) return;
  let index = listing.indexOf(id);
  let source = listing;
  try {
    if (index < 0) {
      source = { images: [await api.get(id)] }; // somewhere behind what is loaded: by itself
      index = 0;
    }
    await loadLightbox();
    const isWanted = () => parseHash(location.hash) === id;
    await lightbox.open({ get images() { return source.images; }, loadMore: () => source.loadMore?.() }, index, isWanted);
  } catch (error) {
    history.replaceState(null, "", location.pathname + location.search);
    notice(error.status === 404 ? "That image is not here any more." : error.message);
  }
}

addEventListener("hashchange", () => {
  cameFromHere = parseHash(location.hash) !== null;
  openFromAddress();
});

// ---- deleting, with a way back ----

async function removeLater(image) {
  const index = listing.remove(image.id);
  leaving.set(image.id, image);
  const undone = await notice(`${image.name} is deleted.`, {
    seconds: UNDO_SECONDS,
    action: { label: "Undo", run: () => leaving.delete(image.id) },
  });
  if (undone) {
    listing.insert(image, Math.max(index, 0));
    return;
  }
  try {
    await api.remove(image.id);
  } catch (error) {
    listing.insert(image, Math.max(index, 0));
    notice(`${image.name} could not be deleted: ${error.message}`, { seconds: 10 });
  }
  leaving.delete(image.id);
}

// Who leaves the page does not take it back any more.
addEventListener("pagehide", () => {
  for (const id of leaving.keys()) api.remove(id, true).catch(() => {});
});

// ---- the rest ----

intake.start(async (files) => {
  const uploads = await import("./uploads.js");
  uploads.add(files, (image) => {
    if (image.status === 201) listing.add(image);
  });
});

$("#operator").addEventListener("submit", (event) => {
  event.preventDefault();
  api.keepOperatorToken(event.target.elements.token.value);
  event.target.reset();
  event.target.closest("details").open = false;
  notice("This browser acts as the operator, if the token is right.");
});

function showOffline() {
  $("#offline").hidden = navigator.onLine;
}
addEventListener("offline", showOffline);
addEventListener("online", () => {
  showOffline();
  if (listing.state === "failed") listing.loadMore();
});

showOffline();
await openListing();
openFromAddress();
