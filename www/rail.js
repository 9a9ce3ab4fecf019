// The date rail at the side of the page: a slider through the months, for pointer, finger and keyboard. While it is moved,
// it only says where it is; the list is loaded once, when it is let go.

import { loadStyle, partOf } from "./lazy.js";

const [{ Timeline }] = await Promise.all([
  /** @type {Promise<typeof import("./timeline.js")>} */ (import(partOf(import.meta.url, "./timeline.js"))),
  loadStyle("/rail.css"),
]);

/** @import { Timeline as TimelineType } from "./timeline.js" */

const LABEL = 34; // CSS pixels: the least distance between two years
const PAUSE = 400; // milliseconds after the last key until the list is loaded
const STILL = 4; // CSS pixels that a finger moves without meaning it

/**
 * @param {string} className
 * @param {HTMLElement} parent
 */
function part(className, parent) {
  const made = document.createElement("span");
  made.className = className;
  parent.append(made);
  return made;
}

export class Rail {
  /** @type {TimelineType | null} null if it is hidden */
  #timeline = null;
  #root;
  #onJump;
  #years;
  #month; // as high as the rail, and moved by its own height, which is no layout
  #mark;
  #bubble;
  #index = 0; // the month that is shown
  #pending = 0; // the timer of a jump by the keyboard
  /** @type {{grip: number, from: number, moved: boolean} | null} what the pointer holds */
  #held = null;

  /**
   * @param {HTMLElement} root becomes the rail
   * @param {(place: string) => void} onJump gets the place in the list to begin at, as in the address
   */
  constructor(root, onJump) {
    this.#root = root;
    this.#onJump = onJump;
    this.#years = part("years", root);
    this.#month = part("month", root);
    this.#mark = part("mark", this.#month);
    this.#bubble = part("bubble", this.#month);
    root.tabIndex = 0;
    for (const [name, value] of Object.entries({ label: "Date", orientation: "vertical", valuemin: "0" }))
      root.setAttribute(`aria-${name}`, value);
    root.setAttribute("role", "slider");
    root.addEventListener("pointerdown", (event) => this.#down(event));
    root.addEventListener("pointermove", (event) => this.#move(event));
    root.addEventListener("pointerup", (event) => this.#up(event));
    root.addEventListener("pointercancel", () => this.#let());
    root.addEventListener("pointerleave", () => this.#held || this.#let());
    root.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("blur", () => this.#let());
    new ResizeObserver(() => this.#label()).observe(root);
  }

  /**
   * Shows these months. It is hidden if there are fewer than two.
   *
   * @param {import("./timeline.js").Month[]} months
   * @param {string} sort
   * @param {string} day where the list is: "2024-05-12", or "" for its beginning
   */
  show(months, sort, day) {
    this.#timeline = months.length > 1 ? new Timeline(months, sort) : null;
    this.#root.hidden = this.#timeline === null;
    this.#root.setAttribute("aria-valuemax", String(months.length - 1));
    this.#label();
    this.follow(day);
  }

  hide() {
    this.#timeline = null;
    this.#root.hidden = true;
    clearTimeout(this.#pending);
  }

  /**
   * Moves to the day that is seen in the list.
   *
   * @param {string} day
   */
  follow(day) {
    if (!this.#timeline || this.#held || this.#root.classList.contains("moving")) return;
    this.#put(day === "" ? 0 : this.#timeline.indexOf(day));
  }

  #label() {
    const height = this.#root.clientHeight;
    if (!this.#timeline || height === 0) return;
    this.#years.replaceChildren();
    for (const { year, start } of this.#timeline.years(LABEL / height)) {
      const label = part("year", this.#years);
      label.textContent = year;
      label.style.insetBlockStart = `${start * 100}%`;
    }
  }

  /** @param {number} index */
  #put(index) {
    const timeline = this.#timeline;
    if (!timeline) return;
    this.#index = index;
    const { count } = timeline.months[index];
    this.#month.style.transform = `translateY(${timeline.startOf(index) * 100}%)`;
    this.#bubble.style.transform = "";
    this.#bubble.textContent = timeline.nameOf(index);
    this.#root.setAttribute("aria-valuenow", String(index));
    this.#root.setAttribute("aria-valuetext", `${timeline.nameOf(index)}, ${count === 1 ? "1 image" : `${count} images`}`);
  }

  // Where on the rail the pointer is, from 0 to 1.
  /** @param {number} y */
  #fractionAt(y) {
    const { top, height } = this.#root.getBoundingClientRect();
    return Math.min(Math.max((y - top) / height, 0), 1);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button !== 0 || !this.#timeline) return;
    this.#root.setPointerCapture(event.pointerId);
    // Who takes the mark moves it from where it is.
    const mark = this.#mark.getBoundingClientRect();
    const isGrip = event.target === this.#mark;
    this.#held = { grip: isGrip ? event.clientY - mark.top : 0, from: event.clientY, moved: !isGrip };
    this.#root.classList.add("moving");
    this.#move(event);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (!this.#timeline) return;
    if (!this.#held) {
      if (event.pointerType !== "mouse") return;
      // Under a mouse, the rail says what a click would show.
      const index = this.#timeline.at(this.#fractionAt(event.clientY));
      this.#bubble.style.transform = `translateY(${event.clientY - this.#mark.getBoundingClientRect().top}px)`;
      this.#bubble.textContent = this.#timeline.nameOf(index);
      return;
    }
    this.#held.moved ||= Math.abs(event.clientY - this.#held.from) > STILL;
    if (this.#held.moved) this.#put(this.#timeline.at(this.#fractionAt(event.clientY - this.#held.grip)));
  }

  /** @param {PointerEvent} event */
  #up(event) {
    this.#move(event);
    const moved = this.#held?.moved;
    this.#let();
    if (moved && this.#timeline) this.#onJump(this.#timeline.placeOf(this.#index));
  }

  #let() {
    this.#held = null;
    this.#root.classList.remove("moving");
    this.#put(this.#index);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { key, ctrlKey, metaKey, altKey } = event;
    const timeline = this.#timeline;
    if (ctrlKey || metaKey || altKey || !timeline) return;
    const index = timeline.step(this.#index, key);
    if (index === null) return;
    event.preventDefault();
    this.#put(index);
    this.#root.classList.add("moving");
    clearTimeout(this.#pending);
    this.#pending = setTimeout(() => {
      this.#root.classList.remove("moving");
      this.#onJump(timeline.placeOf(this.#index));
    }, PAUSE);
  }
}
