// Uploads: from the form and from files dropped on the page, a few at a time.

import * as api from "./api.js";

const AT_ONCE = 2;

const form = document.querySelector("#upload");
const rows = document.querySelector("#uploads");
const waiting = [];
let running = 0;

function addRow(file) {
  const row = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  const state = document.createElement("span");
  name.className = "name";
  name.textContent = file.name;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  state.textContent = "waiting";
  row.append(name, bar, state);
  rows.append(row);
  return { row, bar, state };
}

function end({ row, bar, state }, text, refused) {
  bar.remove();
  state.textContent = text;
  row.classList.toggle("refused", refused);
  // What was refused stays until the next upload; what went well has been seen soon.
  if (!refused) setTimeout(() => row.remove(), 4000);
}

async function send({ file, view }, onAdded) {
  view.state.textContent = "";
  try {
    const image = await api.upload(file, (part) => {
      view.bar.value = part;
      if (part === 1) view.state.textContent = "being checked";
    });
    end(view, image.status === 201 ? "added" : "already there", false);
    if (image.status === 201) onAdded(image);
  } catch (error) {
    end(view, error.message, true);
  }
}

async function drain(onAdded) {
  if (running >= AT_ONCE) return;
  running += 1;
  while (waiting.length > 0) await send(waiting.shift(), onAdded);
  running -= 1;
}

function enqueue(files, onAdded) {
  for (const row of rows.querySelectorAll(".refused")) row.remove();
  for (const file of files) waiting.push({ file, view: addRow(file) });
  for (let i = 0; i < AT_ONCE; i++) drain(onAdded);
}

/** Takes over the form and the page's drops; onAdded gets each new image. */
export function start(onAdded) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enqueue(form.elements.file.files, onAdded);
    form.reset();
  });
  form.elements.file.addEventListener("change", () => form.requestSubmit());
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    document.body.classList.remove("dropping");
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    enqueue(event.dataTransfer.files, onAdded);
  });
}
