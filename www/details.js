// The bar below an image in the lightbox: its name, which can be changed, what it is, and what can be done with it.

import * as api from "./api.js";
import { formatHash } from "./address.js";
import { element } from "./elements.js";
import { partOf } from "./lazy.js";
import { notice } from "./notices.js";

const [{ downloadName, facts }, { make }] = await Promise.all([
  /** @type {Promise<typeof import("./facts.js")>} */ (import(partOf(import.meta.url, "./facts.js"))),
  /** @type {Promise<typeof import("./make.js")>} */ (import(partOf(import.meta.url, "./make.js"))),
]);

/** @import { Image } from "./api.js" */

/**
 * What the bar asks, and whom it tells.
 *
 * @typedef {object} Events
 * @property {() => boolean} isSettled whether only the image described is seen
 * @property {(image: Image) => void} onEdit the image was renamed
 * @property {(id: string) => void} onMissing the server does not have the image any more
 * @property {(image: Image) => void} onRemove the visitor has pressed Delete
 * @property {() => void} onInfo the visitor has pressed Info
 */

/**
 * @template {HTMLElement} T
 * @param {string} name
 * @param {T} made
 */
function part(name, made) {
  made.dataset.part = name;
  return made;
}

/**
 * @param {string} label
 * @param {string} name of the part
 */
function button(label, name) {
  return part(name, make("button", { type: "button", textContent: label }));
}

function makeBar() {
  const name = make("input", { name: "name", required: true, maxLength: 255, autocomplete: "off", dir: "auto" });
  const label = make("label", {}, make("span", { className: "hidden", textContent: "Name" }), name);
  const info = button("Info", "info");
  info.setAttribute("aria-expanded", "false");
  info.setAttribute("aria-keyshortcuts", "i");
  const remove = button("Delete", "remove");
  remove.className = "danger";
  return make(
    "div",
    { className: "details" },
    part("name", make("h2", { dir: "auto" })),
    part("rename", make("form", { hidden: true }, label, make("button", { textContent: "Save" }))),
    part("facts", make("p")),
    make(
      "div",
      { className: "actions" },
      info,
      button("Rename", "edit"),
      button("Copy link", "copy"),
      part("download", make("a", { className: "button", textContent: "Download" })),
      remove,
    ),
    part("message", make("p", { role: "alert" })),
  );
}

export class Details {
  /** @type {Image | null} the image described */
  image = null;
  #bar;
  #events;

  /**
   * @param {HTMLElement} root gets the bar
   * @param {Events} events
   */
  constructor(root, events) {
    this.#bar = makeBar();
    this.#events = events;
    root.append(this.#bar);
    this.#wire();
  }

  /** @param {string} name */
  #part(name) {
    return element(`[data-part=${name}]`, HTMLElement, this.#bar);
  }

  get #nameField() {
    return element("input[name=name]", HTMLInputElement, this.#bar);
  }

  #wire() {
    // While a name is typed, PhotoSwipe does not get the arrow keys and Escape.
    this.#nameField.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.#edit(false);
    });
    this.#part("info").addEventListener("click", () => this.#events.onInfo());
    this.#part("edit").addEventListener("click", () => this.#events.isSettled() && this.#edit(true));
    this.#part("copy").addEventListener("click", () => this.#copy());
    this.#part("download").addEventListener("click", (event) => this.#download(event));
    this.#part("remove").addEventListener("click", () => {
      if (this.image && this.#events.isSettled()) this.#events.onRemove(this.image);
    });
    this.#part("rename").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.image) this.#rename(this.image.id, this.#nameField.value);
    });
  }

  /**
   * Describes an image. A name that is being typed stays if it is the same image.
   *
   * @param {Image} image
   */
  describe(image) {
    if (this.image === image) return;
    if (this.image?.id !== image.id) {
      this.#part("rename").hidden = true;
      this.#part("name").hidden = false;
      this.#part("message").textContent = "";
    }
    const download = element("a[data-part=download]", HTMLAnchorElement, this.#bar);
    this.image = image;
    this.#part("name").textContent = image.name;
    this.#part("facts").textContent = facts(image);
    this.#part("edit").hidden = this.#part("remove").hidden = api.tokenOf(image.id) === null;
    download.href = image.url;
    download.download = downloadName(image);
  }

  /**
   * Shows whether the panel with information is open.
   *
   * @param {boolean} isOpen
   */
  showInfo(isOpen) {
    const info = this.#part("info");
    info.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) info.focus();
  }

  /** @param {boolean} on */
  #edit(on) {
    this.#part("rename").hidden = !on;
    this.#part("name").hidden = on;
    if (on) {
      const field = this.#nameField;
      field.value = this.image?.name ?? "";
      field.select();
      field.focus();
    } else {
      this.#part("edit").focus();
    }
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  async #rename(id, name) {
    let renamed;
    try {
      renamed = await api.change(id, { name });
    } catch (error) {
      if (error.status === 404) this.#events.onMissing(id);
      else if (this.#isDescribed(id)) this.#part("message").textContent = error.message;
      else notice(`The image could not be renamed: ${error.message}`);
      return;
    }
    this.#events.onEdit(renamed);
    if (!this.#isDescribed(id)) return;
    this.describe(renamed);
    this.#edit(false);
  }

  /**
   * Whether the bar still describes that image: the visitor may have gone on while a request was being answered.
   *
   * @param {string} id
   */
  #isDescribed(id) {
    return this.#bar.isConnected && this.image?.id === id;
  }

  /**
   * Whoever may change the image gets the original itself; everybody else what the link gives.
   *
   * @param {Event} event
   */
  async #download(event) {
    const { image } = this;
    if (!image || api.tokenOf(image.id) === null) return;
    event.preventDefault();
    try {
      const href = URL.createObjectURL(await api.original(image.id));
      Object.assign(document.createElement("a"), { href, download: downloadName(image) }).click();
      setTimeout(() => URL.revokeObjectURL(href), 60_000); // the browser may not have begun to read it
    } catch (error) {
      notice(`The original could not be loaded: ${error.message}`);
    }
  }

  async #copy() {
    if (!this.image) return;
    const link = new URL(formatHash(this.image.id), location.origin + location.pathname).href;
    try {
      await navigator.clipboard.writeText(link);
      notice("The link was copied.");
    } catch {
      notice(link, { seconds: 20 }); // without TLS, browsers do not let pages write to the clipboard
    }
  }
}
