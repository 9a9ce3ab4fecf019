// The page: the listing, its order and search, and what uploads and the viewer do to it.

import * as api from "./api.js";
import * as uploads from "./uploads.js";
import * as viewer from "./viewer.js";

const grid = document.querySelector("#gallery");
const more = document.querySelector("#more");
const total = document.querySelector("#total");
const message = document.querySelector("#message");
const find = document.querySelector("#find");
const operator = document.querySelector("#operator");

const images = new Map(); // id to {image, item}, in the order shown
const address = new URLSearchParams(location.search);
const query = { sort: address.get("sort") ?? "", q: address.get("q") ?? "", cursor: "" };
let count = 0;

function say(text) {
  message.textContent = text;
  message.hidden = text === "";
}

function showTotal(by) {
  count += by;
  total.textContent = count === 1 ? "1 image" : `${count.toLocaleString()} images`;
}

function makeItem(image) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const picture = document.createElement("img");
  const name = document.createElement("span");
  item.style.setProperty("--ratio", Math.min(Math.max(image.width / image.height, 0.3), 4));
  button.type = "button";
  button.addEventListener("click", () => viewer.open(images.get(image.id).image));
  picture.loading = "lazy";
  picture.decoding = "async";
  picture.width = image.width;
  picture.height = image.height;
  picture.alt = "";
  picture.srcset = `${image.thumbs[320]} 320w, ${image.thumbs[640]} 640w, ${image.thumbs[1280]} 1280w`;
  picture.sizes = "(max-width: 40rem) 90vw, 24rem";
  picture.src = image.thumbs[320];
  name.className = "name";
  name.textContent = image.name;
  button.append(picture, name);
  item.append(button);
  return item;
}

function place(image, where) {
  if (images.has(image.id)) return;
  const item = makeItem(image);
  images.set(image.id, { image, item });
  grid[where](item);
}

async function loadPage() {
  more.querySelector("button").disabled = true;
  try {
    const page = await api.list(query);
    for (const image of page.images) place(image, "append");
    count = page.total;
    showTotal(0);
    say(images.size > 0 ? "" : query.q ? "No image matches." : "No images yet: add the first.");
    query.cursor = page.next ?? "";
    more.hidden = !page.next;
  } catch (error) {
    say(error.message);
    more.hidden = false; // to try again
  }
  more.querySelector("button").disabled = false;
}

viewer.start({
  neighbour(id, by) {
    const { item } = images.get(id);
    const beside = by < 0 ? item.previousElementSibling : item.nextElementSibling;
    return [...images.values()].find((one) => one.item === beside)?.image;
  },
  changed(image) {
    const entry = images.get(image.id);
    entry.image = image;
    entry.item.querySelector(".name").textContent = image.name;
  },
  removed(id) {
    images.get(id).item.remove();
    images.delete(id);
    showTotal(-1);
  },
});

uploads.start((image) => {
  say("");
  place(image, "prepend");
  showTotal(1);
});

find.elements.q.value = query.q;
find.elements.sort.value = query.sort || "new";
find.elements.sort.addEventListener("change", () => find.requestSubmit());
more.addEventListener("click", loadPage);
operator.addEventListener("submit", (event) => {
  event.preventDefault();
  api.keepOperatorToken(operator.elements.token.value);
  operator.reset();
  operator.closest("details").open = false;
});
loadPage();
