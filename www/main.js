// The page: connects the address, the listing, the grid, the lightbox and the uploads.

import * as api from "./api.js";
import { formatHash, formatSearch, hasRail, isOfAll, parseHash, parseSearch } from "./address.js";
import { isByTaken } from "./days.js";
import { element } from "./elements.js";
import { count } from "./format.js";
import { Grid } from "./grid.js";
import * as intake from "./intake.js";
import { lazily, whenIdle } from "./lazy.js";
import { Listing } from "./listing.js";
import { CLOCK } from "./mender.js";
import { notice } from "./notices.js";
import * as operator from "./operator.js";
import { keeper, LEAVING } from "./storage.js";

/** @import { Query } from "./address.js" */
/** @import { Image, UploadedImage } from "./api.js" */
/** @import { Lightbox } from "./lightbox.js" */

const UNDO_SECONDS = 10;

const $ = (/** @type {string} */ selector) => element(selector, HTMLElement);
const find = element("#find", HTMLFormElement);
const words = element("[name=q]", HTMLInputElement, find);
const order = element("[name=sort]", HTMLSelectElement, find);
const more = $("#more");
const moreLink = element("a", HTMLAnchorElement, more);

keeper.onForgetful = () =>
  notice(
    "This browser does not let the page store data: you can change or delete what you upload only until you close the page.",
    { seconds: 15 },
  );

// ---- the listing and its states ----

const listing = new Listing(api.list, render);
const grid = new Grid($("#gallery"), CLOCK, () => {
  if (listing.state === "idle") listing.loadMore();
});

const head = element("header", HTMLElement);
new ResizeObserver(() => {
  const sticks = getComputedStyle(head).position === "sticky";
  document.documentElement.style.setProperty("--head", `${sticks ? head.offsetHeight - 1 : 0}px`); // no gap if rounded
}).observe(head);

/** @type {import("./place.js").Place | null} null until a list by time taken has been opened */
let place = null;
const loadPlace = lazily(async (tries) => {
  /** @type {typeof import("./place.js")} */
  const module = await import(`./place.js${tries > 0 ? `?try=${tries}` : ""}`);
  place = new module.Place(listing, grid, {
    // The first jump adds an entry to the history; the next ones replace it.
    onJump: (query) => go(query, { replace: listing.query.taken !== "", isJump: true }),
    isCovered: () => parseHash(location.hash) !== null || lightbox?.isOpen === true,
  });
  return place;
});

let again = 0; // the timer to load the listing again, if the server is busy

function render() {
  const { images, total, capped, state, error, query } = listing;
  const empty = state === "complete" && images.length === 0;
  const show = () => grid.show(images, query.sort, query.taken || total === null ? -1 : total); // -1: it is not known
  if (place) place.keep(show);
  else show();
  const known = images.length > 0 || state === "complete" ? total : null;
  const sum = known ?? place?.total ?? null;
  $("#total").textContent = sum === null ? "" : count(sum, capped);
  $("#gallery").setAttribute("aria-busy", String(state === "loading"));
  $("#loading").hidden = state !== "loading";
  $("#failed").hidden = state !== "failed";
  $("#failed span").textContent = error?.message ?? "";
  $("#empty").hidden = !empty || !isOfAll(query) || query.taken !== "";
  $("#nothing").hidden = !empty || (isOfAll(query) && query.taken === "");
  more.hidden = !listing.next || state === "loading";
  moreLink.href = `/${formatSearch({ ...query, cursor: listing.next })}`;
  clearTimeout(again);
  if (state === "failed" && error?.pause) again = setTimeout(() => listing.loadMore(), error.pause);
  updateLightbox();
}

/** @param {{isJump?: boolean}} [options] whether only the place in the list is another */
async function openListing({ isJump = false } = {}) {
  const query = parseSearch(location.search);
  words.value = query.q;
  $("#tagged").hidden = query.tag === "";
  $("#tagged b").textContent = query.tag;
  order.value = query.sort;
  $("#all").hidden = query.cursor === "";
  document.body.classList.toggle("dated", hasRail(query));
  history.scrollRestoration = isByTaken(query.sort) ? "manual" : "auto"; // by time taken, the address has the place
  if (isByTaken(query.sort)) scrollTo({ top: 0, behavior: "instant" });
  place?.prepare(query, isJump);
  await listing.open(query);
  if (!isByTaken(query.sort)) return;
  loadPlace()
    .then((loaded) => loaded.show(query))
    .then(render, () => {}); // the list works without it
}

// ---- the address ----

/**
 * @param {Partial<Query>} query
 * @param {{replace?: boolean, isJump?: boolean}} [options] whether the current entry of the history is replaced; whether
 *   only the place in the list is another
 */
function go(query, { replace = false, isJump = false } = {}) {
  const address = `/${formatSearch(query)}`;
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  scrollTo({ top: 0, behavior: "instant" });
  openListing({ isJump });
}

let typing = 0;

find.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  go({ q: words.value.trim(), tag: listing.query.tag, sort: order.value });
});
order.addEventListener("change", () => find.requestSubmit());
words.addEventListener("input", () => {
  clearTimeout(typing);
  // The first word of a search adds an entry to the history; changing the search replaces that entry.
  typing = setTimeout(() => {
    go({ q: words.value.trim(), tag: listing.query.tag, sort: order.value }, { replace: listing.query.q !== "" });
  }, 300);
});
addEventListener("popstate", () => {
  if (formatSearch(parseSearch(location.search)) !== (place?.address ?? formatSearch(listing.query))) openListing();
});

moreLink.addEventListener("click", (event) => {
  event.preventDefault();
  listing.loadMore();
});
$("#failed button").addEventListener("click", () => listing.loadMore());

// ---- one image ----

let cameFromHere = false; // whether the lightbox was opened on this page: then closing it goes back in the history
/** @type {Lightbox | null} */
let lightbox = null;
/** @type {Image | null} the open image, if it is not in the listing */
let alone = null;
/** @type {string | null} the tag that is shown as soon as the lightbox has closed */
let wanted = null;
/** @type {string | null} the id of the image that gets the focus if the open one was deleted */
let heir = null;
/** @type {Set<string>} the ids of images deleted since the page was opened */
const gone = new Set();

/** @type {import("./lightbox.js").Events} */
const lightboxEvents = {
  onShow: (image) => history.replaceState(null, "", formatHash(image.id)),
  onEdit(image) {
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
  onNearEnd() {
    if (!alone) listing.loadMore();
  },
  onTag(tag) {
    wanted = tag;
  },
  onClose(id) {
    if (wanted !== null) {
      const tag = wanted;
      wanted = null;
      alone = null;
      go({ tag, sort: listing.query.sort }, { replace: cameFromHere });
      cameFromHere = false;
      return;
    }
    if (parseHash(location.hash)) {
      if (cameFromHere) history.back();
      else history.replaceState(null, "", location.pathname + location.search);
    }
    cameFromHere = false;
    alone = null;
    grid.reveal(listing.indexOf(gone.has(id) ? (heir ?? "") : id));
  },
};

// Gives the lightbox the list that it steps through. It keeps its list if another listing has been opened.
function updateLightbox() {
  const shown = lightbox?.image;
  if (!lightbox || !shown) return;
  if (alone) lightbox.update(gone.has(alone.id) ? [] : [alone]);
  else if (listing.indexOf(shown.id) >= 0 || gone.has(shown.id)) lightbox.update(listing.images);
}

// It is not loaded at once, as most visits begin with a look at the grid.
const loadLightbox = lazily(async (tries) => {
  /** @type {typeof import("./lightbox.js")} */
  const module = await import(`./lightbox.js${tries > 0 ? `?try=${tries}` : ""}`);
  await module.Lightbox.prepare();
  lightbox = new module.Lightbox(lightboxEvents);
  return lightbox;
});

async function openFromAddress() {
  const id = parseHash(location.hash);
  if (!id) {
    lightbox?.close();
    return;
  }
  if (lightbox?.isOpen) return;
  /** @type {Image} */
  let image;
  try {
    image = listing.find(id) ?? (await api.get(id));
  } catch (error) {
    closeAddress(error.status === 404 ? "That image does not exist any more." : error.message);
    return;
  }
  try {
    const loaded = await loadLightbox();
    await loaded.open(id, () => {
      if (parseHash(location.hash) !== id) return null;
      alone = listing.find(id) ? null : image; // shown by itself if the listing is not loaded that far
      return alone ? [alone] : listing.images;
    });
  } catch {
    closeAddress("The image cannot be opened: a part of the page did not load. Try again when the network is back.");
  }
}

/** @param {string} reason */
function closeAddress(reason) {
  history.replaceState(null, "", location.pathname + location.search);
  notice(reason, { seconds: 10 });
}

addEventListener("hashchange", () => {
  cameFromHere = parseHash(location.hash) !== null;
  openFromAddress();
});

// ---- deleting, with undo ----

/** @type {Map<string, string>} by id, for messages about deletions */
const names = new Map();

/** @param {string} id */
function hide(id) {
  gone.add(id);
  names.set(id, listing.find(id)?.name ?? names.get(id) ?? "An image");
  listing.hide(id);
  updateLightbox();
}

/** @type {import("./removals.js").Removals | null} */
let removals = null;
// Is only needed at once if an earlier page or another tab has left a deletion.
const loadRemovals = lazily(async (tries) => {
  /** @type {typeof import("./removals.js")} */
  const { Removals } = await import(`./removals.js${tries > 0 ? `?try=${tries}` : ""}`);
  removals = new Removals({
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
    onDelayed: (id) => notice(`${names.get(id)} will be deleted as soon as the server answers.`, { seconds: 10 }),
    onRefused: (id, error) => notice(`${names.get(id)} could not be deleted: ${error.message}`, { seconds: 10 }),
  });
  removals.resume();
  return removals;
});

/** @param {Image} image */
async function removeLater(image) {
  let loaded;
  try {
    loaded = await loadRemovals();
  } catch {
    notice(`${image.name} could not be deleted: a part of the page did not load. Try again when the network is back.`);
    return;
  }
  names.set(image.id, image.name);
  const index = listing.indexOf(image.id);
  heir = (listing.images[index + 1] ?? listing.images[index - 1])?.id ?? null;
  loaded.begin(image.id, UNDO_SECONDS * 1000);
  const undone = await notice(`${image.name} was deleted.`, {
    seconds: UNDO_SECONDS,
    action: { label: "Undo", run: () => {} },
  });
  if (undone && !loaded.undo(image.id)) notice(`It is too late: ${image.name} has already been deleted.`);
}

// Once the page is closed, nobody can press Undo.
addEventListener("pagehide", () => removals?.flush());
addEventListener("storage", async ({ key, newValue }) => {
  if (key?.startsWith(LEAVING)) (await loadRemovals()).heard(key, newValue);
});

// ---- uploads ----

/** @type {() => Promise<typeof import("./upload_list.js")>} */
const loadUploads = lazily((tries) => import(`./upload_list.js${tries > 0 ? `?try=${tries}` : ""}`));
const SESSION_PAUSE = 5000; // milliseconds until the server is asked again who may upload
/** @type {File[]} files that wait until the visitor signs in, the server says who may upload, or the module loads */
const held = [];
let asking = 0; // the timer

/** @param {UploadedImage} image */
function onUploaded(image) {
  removals?.undo(image.id); // it was uploaded again, so it must not be deleted
  gone.delete(image.id);
  if (image.status === 201) listing.add(image);
}

/** @param {File[]} files */
async function takeFiles(files) {
  held.push(...files);
  clearTimeout(asking);
  if (held.length === 0) return;
  try {
    if (!(await operator.mayUpload())) {
      notice("Only the operator can upload here. Your files will be uploaded once you have signed in.", { seconds: 10 });
      operator.ask();
      return;
    }
  } catch (error) {
    if (files.length > 0) notice(`The upload will start later by itself: ${error.message}`, { seconds: 10 });
    clearTimeout(asking); // of another call, which waited for the same answer
    asking = setTimeout(() => takeFiles([]), Math.max(error.pause ?? 0, SESSION_PAUSE));
    return;
  }
  try {
    const uploads = await loadUploads();
    uploads.add(held.splice(0), onUploaded);
  } catch {
    notice("The upload has not started: a part of the page did not load. It starts when the network is back.", {
      seconds: 15,
      action: { label: "Try again", run: () => takeFiles([]) },
    });
  }
}

intake.start(takeFiles, (leftOut) => notice(leftOut, { seconds: 10 }));
operator.start(() => takeFiles([]));
addEventListener("beforeunload", (event) => {
  if (held.length > 0) event.preventDefault();
});

// ---- the network, and what is loaded later ----

function showOffline() {
  $("#offline").hidden = navigator.onLine;
}
addEventListener("offline", showOffline);
addEventListener("online", () => {
  showOffline();
  if (listing.state === "failed") listing.loadMore();
  grid.hurry();
  removals?.retry();
  takeFiles([]);
});

showOffline();
if (keeper.keys(LEAVING).length > 0) await loadRemovals().catch(() => {}); // is tried again below
await openListing();
openFromAddress();
whenIdle(operator.check, intake.loadSelection, loadUploads, loadLightbox, loadRemovals);
