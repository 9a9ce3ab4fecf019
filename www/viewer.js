// One image in full: its facts, its neighbours, renaming and deleting.

import * as api from "./api.js";

const dialog = document.querySelector("#viewer");
const picture = dialog.querySelector("img");
const heading = dialog.querySelector("#viewer-name");
const facts = dialog.querySelector("#viewer-facts");
const message = dialog.querySelector("#viewer-message");
const rename = dialog.querySelector("#rename");
const original = dialog.querySelector("[data-action=original]");

let shown = null;
let gallery = null;

function describe(image) {
  const size = Intl.NumberFormat(undefined, { notation: "compact", style: "unit", unit: "byte" });
  const date = Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
  const type = image.type.replace("image/", "").toUpperCase();
  return [`${image.width} × ${image.height}`, type, size.format(image.bytes),
    date.format(new Date(image.created))].join(" · ");
}

function show(image) {
  shown = image;
  message.textContent = "";
  heading.textContent = image.name;
  facts.textContent = describe(image);
  // A thumbnail: browsers show neither HEIC nor TIFF.
  picture.src = image.thumbs[1280];
  picture.srcset = `${image.thumbs[1280]} 1280w, ${image.thumbs[2048]} 2048w`;
  picture.sizes = "96vw";
  picture.width = image.width;
  picture.height = image.height;
  picture.alt = image.name;
  original.href = image.url;
  rename.elements.name.value = image.name;
  for (const part of dialog.querySelectorAll(".owner")) part.hidden = !api.tokenOf(image.id);
  dialog.querySelector("[data-action=previous]").disabled = !gallery.neighbour(image.id, -1);
  dialog.querySelector("[data-action=next]").disabled = !gallery.neighbour(image.id, 1);
}

function step(by) {
  const image = gallery.neighbour(shown.id, by);
  if (image) show(image);
}

async function attempt(work) {
  message.textContent = "";
  try {
    await work();
  } catch (error) {
    message.textContent = error.message;
  }
}

const actions = {
  previous: () => step(-1),
  next: () => step(1),
  close: () => dialog.close(),
  remove: () => attempt(async () => {
    if (!confirm(`Delete ${shown.name} for good?`)) return;
    await api.remove(shown.id);
    gallery.removed(shown.id);
    dialog.close();
  }),
};

/** Opens the viewer on an image. */
export function open(image) {
  show(image);
  dialog.showModal();
}

/** theGallery answers neighbour(id, by), and is told changed(image) and removed(id). */
export function start(theGallery) {
  gallery = theGallery;
  dialog.addEventListener("click", (event) => {
    actions[event.target.dataset.action]?.();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.target.matches("input")) return;
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  rename.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const image = await api.rename(shown.id, rename.elements.name.value);
      gallery.changed(image);
      show(image);
    });
  });
}
