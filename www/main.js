// The page: brings the address, the listing, the grid, the lightbox and the uploads together.

import * as api from "./api.js";
import { formatHash, formatSearch, parseHash, parseSearch } from "./address.js";
import { count } from "./format.js";
import { Grid } from "./grid.js";
import * as intake from "./intake.js";
import { lazily, whenIdle } from "./lazy.js";
import { Listing } from "./listing.js";
import { notice } from "./notices.js";
import * as operator from "./operator.js";
import { Removals } from "./removals.js";
import { follow } from "./sequence.js";
import { keeper } from "./storage.js";

const UNDO_SECONDS = 10;
const CLOCK = {
  now: () => Date.now(),
  setTimeout: (run, milliseconds) => setTimeout(run, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer),
};

const $ = (selector) => document.querySelector(selector);
const find = $("#find");
const more = $("#more");

keeper.onForgetful = () =>
  notice("This browser lets the page store nothing: what you upload now, you can change only until you close the page.", {
    seconds: 15,
  });

// ---- the listing and its states ----

const listing = new Listing(api.list, render);
const grid = new Grid($("#gallery"), CLOCK, () => {
  if (listing.state === "idle") listing.loadMore();
});

let again = 0; // the timer of a listing that a busy server has put off

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
  clearTimeout(again);
  if (state === "failed" && error.pause) again = setTimeout(() => listing.loadMore(), error.pause);
  updateLightbox();
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
let alone = null; // the image that is open though the listing does not have it
let heir = null; // the id to go to instead of that of an image deleted in the lightbox
const gone = new Set(); // ids of images deleted since the page was opened

const lightboxEvents = {
  onShow: (image) => history.replaceState(null, "", formatHash(image.id)),
  onRename(image) {
    if (alone?.id === image.id) alone = image;
    listing.replace(image);
    updateLightbox();
  },
  onRemove: removeLater,
  onMissing(id) {
    hide(id);
    listing.drop(id);
    updateLightbox();
  },
  onNearEnd: () => !alone && listing.loadMore(),
  onClose(id) {
    if (parseHash(location.hash)) {
      if (cameFromHere) history.back();
      else history.replaceState(null, "", location.pathname + location.search);
    }
    cameFromHere = false;
    alone = null;
    grid.reveal(listing.indexOf(gone.has(id) ? heir : id));
  },
};

// What the lightbox steps through. Another listing than the one that it was opened from is not its business.
function updateLightbox() {
  const shown = lightbox?.image;
  if (!shown) return;
  if (alone) lightbox.update(gone.has(alone.id) ? [] : [alone]);
  else if (listing.indexOf(shown.id) >= 0 || gone.has(shown.id)) lightbox.update(listing.images);
}

// Most visits begin with looking at the grid.
const loadLightbox = lazily(async (tries) => {
  const { Lightbox } = await import(`./lightbox.js${tries > 0 ? `?try=${tries}` : ""}`);
  await Lightbox.prepare();
  lightbox = new Lightbox(lightboxEvents);
});

async function openFromAddress() {
  const id = parseHash(location.hash);
  if (!id) {
    lightbox?.close();
    return;
  }
  if (lightbox?.isOpen) return;
  let image = listing.find(id);
  try {
    image ??= await api.get(id);
  } catch (error) {
    closeAddress(error.status === 404 ? "That image is not here any more." : error.message);
    return;
  }
  try {
    await loadLightbox();
    await lightbox.open(id, () => {
      if (parseHash(location.hash) !== id) return null;
      alone = listing.find(id) ? null : image; // somewhere behind what is loaded: by itself
      return alone ? [alone] : listing.images;
    });
  } catch {
    closeAddress("The image cannot be opened: a part of the page could not be loaded. Try again when the network is back.");
  }
}

function closeAddress(reason) {
  history.replaceState(null, "", location.pathname + location.search);
  notice(reason, { seconds: 10 });
}

addEventListener("hashchange", () => {
  cameFromHere = parseHash(location.hash) !== null;
  openFromAddress();
});

// ---- deleting, with a way back ----

const names = new Map(); // by id, for what is said of a deletion

function hide(id) {
  gone.add(id);
  names.set(id, listing.find(id)?.name ?? names.get(id) ?? "An image");
  listing.hide(id);
  updateLightbox();
}

const removals = new Removals({
  keeper,
  clock: CLOCK,
  remove: api.remove,
  onHide: hide,
  onReveal(id) {
    gone.delete(id);
    listing.reveal(id);
  },
  onGone: (id) => {
    gone.add(id);
    listing.drop(id);
  },
  onDelayed: (id) => notice(`${names.get(id)} will be deleted when the server can be reached.`, { seconds: 10 }),
  onRefused: (id, error) => notice(`${names.get(id)} could not be deleted: ${error.message}`, { seconds: 10 }),
});

async function removeLater(image) {
  const before = listing.images;
  names.set(image.id, image.name);
  removals.begin(image.id, UNDO_SECONDS * 1000);
  heir = listing.images[follow(before, listing.images, image.id)]?.id ?? null;
  const undone = await notice(`${image.name} is deleted.`, {
    seconds: UNDO_SECONDS,
    action: { label: "Undo", run: () => {} },
  });
  if (undone && !removals.undo(image.id)) notice(`${image.name} is deleted already.`);
}

// Who leaves the page does not take it back any more.
addEventListener("pagehide", () => removals.flush());
addEventListener("storage", ({ key, newValue }) => removals.heard(key, newValue));

// ---- uploads ----

const loadUploads = lazily((tries) => import(`./upload_list.js${tries > 0 ? `?try=${tries}` : ""}`));
const SESSION_PAUSE = 5000; // milliseconds until a server that did not say who may upload is asked again
let held = []; // files that wait for the token, for the server's word on it, or for the module
let asking = 0; // the timer

function onUploaded(image) {
  removals.undo(image.id); // uploaded anew, so it is wanted
  gone.delete(image.id);
  if (image.status === 201) listing.add(image);
}

async function takeFiles(files) {
  held.push(...files);
  clearTimeout(asking);
  if (held.length === 0) return;
  try {
    if (!(await operator.mayUpload())) {
      notice("Uploads need the operator's token here. Your files wait for it.", { seconds: 10 });
      operator.ask();
      return;
    }
  } catch (error) {
    if (files.length > 0) notice(`The upload has not begun, and begins by itself later: ${error.message}`, { seconds: 10 });
    asking = setTimeout(() => takeFiles([]), Math.max(error.pause ?? 0, SESSION_PAUSE));
    return;
  }
  try {
    const uploads = await loadUploads();
    uploads.add(held.splice(0), onUploaded);
  } catch {
    notice("The upload has not begun: a part of the page could not be loaded. It begins when the network is back.", {
      seconds: 15,
      action: { label: "Try again", run: () => takeFiles([]) },
    });
  }
}

intake.start(takeFiles);
operator.start(() => takeFiles([]));
addEventListener("beforeunload", (event) => {
  if (held.length > 0) event.preventDefault();
});

// ---- the rest ----

function showOffline() {
  $("#offline").hidden = navigator.onLine;
}
addEventListener("offline", showOffline);
addEventListener("online", () => {
  showOffline();
  if (listing.state === "failed") listing.loadMore();
  grid.hurry();
  removals.retry();
  takeFiles([]);
});

showOffline();
removals.resume();
await openListing();
openFromAddress();
whenIdle(operator.check, loadUploads, loadLightbox);
