// The panel beside an image in the lightbox: what the photograph knows. Those who may change the image edit it there.

import * as api from "./api.js";
import { formatSearch } from "./address.js";
import { partOf } from "./lazy.js";

const [{ bytes, typeName }, { make }, photograph] = await Promise.all([
  /** @type {Promise<typeof import("./facts.js")>} */ (import(partOf(import.meta.url, "./facts.js"))),
  /** @type {Promise<typeof import("./make.js")>} */ (import(partOf(import.meta.url, "./make.js"))),
  /** @type {Promise<typeof import("./photograph.js")>} */ (import(partOf(import.meta.url, "./photograph.js"))),
]);
const { addedText, cameraLine, lensLine, mapLink, placeText, takenIn, takenText, tagsIn } = photograph;

/** @import { Image } from "./api.js" */

/**
 * Whom the panel tells.
 *
 * @typedef {object} Events
 * @property {(isOpen: boolean) => void} onToggle
 * @property {(image: Image) => void} onEdit the visitor has changed what the gallery says of the image
 * @property {(id: string) => void} onMissing the server does not have the image any more
 * @property {(tag: string) => void} onTag the visitor has pressed a tag
 */

/**
 * @param {string} label
 * @param {HTMLElement} field
 */
function labelled(label, field) {
  return make("label", {}, make("span", { textContent: label }), field);
}

/** @param {string | undefined} taken */
function fieldsOf(taken = "") {
  return { day: taken.slice(0, 10), time: taken.slice(11, 19) };
}

/** @param {string[]} tags */
function textOf(tags) {
  return tags.join(", ");
}

export class Info {
  isOpen = false;
  /** @type {Image | null} the image shown in the lightbox */
  #image = null;
  /** @type {Image | null} the same, with all that this browser may know of it; null until the server has said that */
  #known = null;
  #events;
  #title = make("h2", { textContent: "Information", tabIndex: -1 });
  #facts = make("dl");
  #day = make("input", { type: "date", name: "day", max: "9999-12-31" });
  #time = make("input", { type: "time", name: "time", step: "1" });
  #description = make("textarea", { name: "description", rows: 3, maxLength: 2047, dir: "auto" });
  #tags = make("input", { name: "tags", autocomplete: "off", dir: "auto" });
  #message = make("p", { className: "message", role: "alert" });
  #edit = make("button", { type: "button", textContent: "Edit", onclick: () => this.#showForm(true) });
  #form = make(
    "form",
    {},
    make("div", { className: "when" }, labelled("Day taken", this.#day), labelled("Time", this.#time)),
    labelled("Description", this.#description),
    labelled("Tags, separated by commas", this.#tags),
    make(
      "div",
      { className: "when" },
      make("button", { textContent: "Save" }),
      make("button", { type: "button", textContent: "Cancel", onclick: () => this.#showForm(false) }),
    ),
  );
  #panel = make(
    "section",
    { className: "info", hidden: true },
    make(
      "header",
      {},
      this.#title,
      make("button", { type: "button", textContent: "Close", onclick: () => this.toggle() }),
    ),
    this.#facts,
    this.#edit,
    this.#form,
    this.#message,
  );

  /**
   * @param {HTMLElement} root gets the panel, which is closed
   * @param {Events} events
   */
  constructor(root, events) {
    this.#events = events;
    this.#panel.setAttribute("aria-label", "Information");
    // PhotoSwipe zooms by the wheel, and takes keys that are typed into a field.
    this.#panel.addEventListener("wheel", (event) => event.stopPropagation());
    this.#form.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.#showForm(false);
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#known) this.#save(this.#known);
    });
    root.append(this.#panel);
  }

  toggle() {
    this.isOpen = !this.isOpen;
    this.#panel.hidden = !this.isOpen;
    this.#events.onToggle(this.isOpen);
    if (!this.isOpen) return;
    this.#begin();
    this.#title.focus();
  }

  /**
   * Shows what is known of an image, if the panel is open. What is being edited stays if it is the same image.
   *
   * @param {Image} image
   */
  describe(image) {
    const isOther = this.#image?.id !== image.id;
    if (this.#image === image) return;
    this.#image = image;
    if (!this.isOpen || (!isOther && !this.#form.hidden)) return;
    const hadFocus = this.#panel.contains(document.activeElement);
    this.#begin();
    if (hadFocus) this.#title.focus(); // what had the focus may be hidden now
  }

  // Shows what the listing says until the server has said all.
  async #begin() {
    const image = this.#image;
    if (!image) return;
    this.#known = null;
    this.#message.textContent = "";
    this.#show(image);
    /** @type {Image} */
    let known;
    try {
      known = await api.getAll(image.id);
    } catch (error) {
      if (error.status === 404) this.#events.onMissing(image.id);
      else if (this.#image === image) this.#message.textContent = `Not all is shown: ${error.message}`;
      return;
    }
    if (this.#image !== image || !this.isOpen) return;
    this.#known = known;
    this.#show(known);
  }

  /** @param {Image} image */
  #show(image) {
    this.#form.hidden = true;
    this.#facts.hidden = false;
    this.#edit.hidden = !this.#known || api.tokenOf(image.id) === null;
    /** @type {[string, string | Node | undefined][]} */
    const rows = [
      ["Description", image.description],
      ["Taken", takenText(image)],
      ["Camera", cameraLine(image)],
      ["Lens", lensLine(image)],
      ["Place", image.place && this.#place(image.place)],
      ["Tags", image.tags.length > 0 ? this.#chips(image.tags) : ""],
      ["Rating", image.rating ? `${image.rating} of 5` : ""],
      ["Size", `${image.width} × ${image.height} pixels, ${bytes(image.bytes)}`],
      ["Type", typeName(image)],
      ["Name", image.name],
      ["Added", addedText(image)],
    ];
    this.#facts.replaceChildren(
      ...rows.flatMap(([term, value]) =>
        value ? [make("dt", { textContent: term }), make("dd", { dir: "auto" }, value)] : [],
      ),
    );
  }

  /** @param {NonNullable<Image["place"]>} place */
  #place(place) {
    const link = { href: mapLink(place), target: "_blank", rel: "noreferrer noopener" };
    return make("a", link, placeText(place), make("span", { className: "hidden", textContent: " on OpenStreetMap, in a new tab" }));
  }

  /** @param {string[]} tags */
  #chips(tags) {
    const chips = tags.map((tag) => {
      const chip = make("a", { className: "chip", href: `/${formatSearch({ tag })}`, textContent: tag });
      chip.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.#events.onTag(tag);
      });
      return make("li", {}, chip);
    });
    return make("ul", {}, ...chips);
  }

  /** @param {boolean} on */
  #showForm(on) {
    this.#form.hidden = !on;
    this.#facts.hidden = this.#edit.hidden = on;
    this.#message.textContent = "";
    if (!on || !this.#known) {
      this.#edit.focus();
      return;
    }
    const { taken, description = "", tags } = this.#known;
    const { day, time } = fieldsOf(taken);
    Object.assign(this.#day, { value: day });
    Object.assign(this.#time, { value: time });
    Object.assign(this.#description, { value: description });
    Object.assign(this.#tags, { value: textOf(tags) });
    this.#day.focus();
  }

  /**
   * What the form changes.
   *
   * @param {Image} image
   */
  #changes(image) {
    /** @type {Parameters<typeof api.change>[1]} */
    const changes = {};
    const { day, time } = fieldsOf(image.taken);
    const taken = takenIn(this.#day.value, this.#time.value);
    const description = this.#description.value.trim();
    if (taken !== takenIn(day, time)) changes.taken = taken;
    if (description !== (image.description ?? "")) changes.description = description;
    if (this.#tags.value !== textOf(image.tags)) changes.tags = tagsIn(this.#tags.value);
    return changes;
  }

  /** @param {Image} image */
  async #save(image) {
    if (this.#day.value === "" && this.#time.value !== "") {
      this.#message.textContent = "Not saved: a time needs a day. Clear both if nobody knows when it was.";
      this.#day.focus();
      return;
    }
    const changes = this.#changes(image);
    let changed = image;
    try {
      if (Object.keys(changes).length > 0) changed = await api.change(image.id, changes);
    } catch (error) {
      if (error.status === 404) this.#events.onMissing(image.id);
      else if (this.#image?.id === image.id) this.#message.textContent = `Not saved: ${error.message}`;
      return;
    }
    if (this.#image?.id === image.id) {
      this.#image = this.#known = changed;
      this.#showForm(false);
      this.#show(changed);
      this.#edit.focus();
    }
    if (changed !== image) this.#events.onEdit(changed);
  }
}
