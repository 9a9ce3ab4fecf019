// The place in time at which a list by time taken begins, and what keeps it: the address, the date rail, and the pages that
// come before it.

import * as api from "./api.js";
import { dayAt, formatSearch, hasRail, isOfAll, placeAt } from "./address.js";
import { dayOf, isByTaken } from "./days.js";
import { element } from "./elements.js";
import { lazily } from "./lazy.js";
import { notice } from "./notices.js";

/** @import { Query } from "./address.js" */
/** @import { Months } from "./api.js" */
/** @import { Grid } from "./grid.js" */
/** @import { Listing } from "./listing.js" */
/** @import { Rail } from "./rail.js" */

const PAUSE = 300; // milliseconds without scrolling until the address has the day that is seen

const before = element("#before", HTMLElement);
const beforeLink = element("a", HTMLAnchorElement, before);

export class Place {
  /** The search part of the address, with the day that is seen. */
  address = "";
  /** @type {Months | null} of all images */
  #months = null;
  /** @type {Rail | null} */
  #rail = null;
  #resting = 0;
  #scrolled = 0; // where the window was
  #listing;
  #grid;
  #isCovered;
  #loadRail;

  /**
   * @param {Listing} listing
   * @param {Grid} grid
   * @param {{onJump: (query: Query) => void, isCovered: () => boolean}} surroundings the visitor has jumped to another
   *   place; whether something else than the list is seen, which has its own address
   */
  constructor(listing, grid, { onJump, isCovered }) {
    this.#listing = listing;
    this.#grid = grid;
    this.#isCovered = isCovered;
    this.#loadRail = lazily(async (tries) => {
      /** @type {typeof import("./rail.js")} */
      const module = await import(`./rail.js${tries > 0 ? `?try=${tries}` : ""}`);
      const rail = new module.Rail(element("#rail", HTMLElement), (taken) => onJump({ ...listing.query, taken, cursor: "" }));
      this.#rail = rail;
      return rail;
    });
    this.prepare(listing.query);
    beforeLink.addEventListener("click", (event) => {
      event.preventDefault();
      this.#loadBefore();
    });
    addEventListener(
      "scroll",
      () => {
        this.#follow();
        clearTimeout(this.#resting);
        this.#resting = setTimeout(() => this.#note(), PAUSE);
      },
      { passive: true },
    );
  }

  /** The number of all images, if the list is of all and the months are known; otherwise null. */
  get total() {
    return isOfAll(this.#listing.query) ? (this.#months?.count ?? null) : null;
  }

  /**
   * Is called before a list is opened.
   *
   * @param {Query} query
   * @param {boolean} [isJump] whether only the place is another
   */
  prepare(query, isJump = false) {
    this.address = formatSearch(query);
    if (!isJump) this.#months = null;
    if (!hasRail(query)) this.#rail?.hide();
    beforeLink.textContent = query.sort === "taken" ? "Show newer" : "Show older";
  }

  /**
   * Is called once the first page of a list is there. Scrolls to the place, and shows the rail.
   *
   * @param {Query} query
   */
  async show(query) {
    if (this.#listing.query !== query) return;
    before.hidden = this.#listing.stateBefore === "complete";
    if (query.taken) this.#grid.begin();
    if (!hasRail(query)) return;
    try {
      const [rail, months] = await Promise.all([this.#loadRail(), this.#months ?? api.timeline()]);
      if (this.#listing.query !== query) return;
      this.#months = months;
      rail.show(months.months, query.sort, dayAt(query.taken, query.sort));
    } catch {
      this.#rail?.hide(); // the list works without it
    }
  }

  /**
   * Has the grid show a list, in which images may have come before those that are seen: these stay where they are.
   *
   * @param {() => void} show
   */
  keep(show) {
    const { images, query, stateBefore } = this.#listing;
    const seen = query.taken ? this.#grid.top : null;
    before.hidden = stateBefore === "complete" || images.length === 0;
    show();
    this.#grid.keep(seen);
  }

  // Loads what comes before once the visitor scrolls up and is a window's height away from it. A jump alone loads nothing.
  #follow() {
    const isUp = scrollY < this.#scrolled;
    this.#scrolled = scrollY;
    if (isUp && !before.hidden && before.getBoundingClientRect().bottom > -innerHeight) this.#loadBefore();
  }

  async #loadBefore() {
    const failure = await this.#listing.loadBefore();
    if (failure) notice(failure.message);
  }

  // Writes the day that is seen into the address.
  #note() {
    const { query, stateBefore } = this.#listing;
    const seen = this.#grid.top;
    if (!seen || !isByTaken(query.sort) || query.cursor || this.#isCovered()) return;
    const day = seen.index === 0 && stateBefore === "complete" ? "" : dayOf(seen.image, query.sort);
    this.#rail?.follow(day);
    this.address = formatSearch({ ...query, taken: day && placeAt(day, query.sort) });
    if (this.address !== location.search) history.replaceState(null, "", `/${this.address}`);
  }
}
