// The justified grid: rows of nearly one height, each as wide as the page.

/** @import { Image } from "./api.js" */

/**
 * Where a picture goes, in CSS pixels.
 *
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 */

/**
 * A row has `count` pictures, from the one at the index `first`.
 *
 * @typedef {{y: number, height: number, first: number, count: number}} Row
 */

/**
 * A box for each picture, in order; rows from top to bottom.
 *
 * @typedef {{boxes: Box[], rows: Row[], height: number}} Layout
 */

// Limits of width to height. Pictures beyond them are cropped, as one alone would fill a row.
const FLATTEST = 0.3;
const WIDEST = 4;

/**
 * Returns an image's width to height as the grid shows it.
 *
 * @param {Pick<Image, "width" | "height">} image
 */
export function ratioOf(image) {
  return Math.min(Math.max(image.width / image.height, FLATTEST), WIDEST);
}

/**
 * @param {Layout} layout
 * @param {number} first
 * @param {number} count
 * @param {number[]} ratios
 * @param {number} height
 * @param {number} gap
 */
function closeRow(layout, first, count, ratios, height, gap) {
  let x = 0;
  for (let i = first; i < first + count; i++) {
    const width = ratios[i] * height;
    layout.boxes.push({ x, y: layout.height, width, height });
    x += width + gap;
  }
  layout.rows.push({ y: layout.height, height, first, count });
  layout.height += height + gap;
}

/**
 * Lays out pictures in rows. The last row keeps its height and leaves room at its end.
 *
 * @param {number[]} ratios of the pictures, width to height
 * @param {number} width of the page
 * @param {{rowHeight: number, gap: number}} options the height that rows should have; the gap between pictures
 */
export function layOut(ratios, width, { rowHeight, gap }) {
  /** @type {Layout} */
  const layout = { boxes: [], rows: [], height: 0 };
  let first = 0;
  let sum = 0;
  for (let i = 0; i < ratios.length; i++) {
    sum += ratios[i];
    const count = i - first + 1;
    const height = (width - gap * (count - 1)) / sum;
    if (height > rowHeight) continue;
    // The row is full: too low with this picture, too high without it. The nearer height wins.
    const before = count > 1 ? (width - gap * (count - 2)) / (sum - ratios[i]) : Infinity;
    if (before - rowHeight < rowHeight - height) {
      closeRow(layout, first, count - 1, ratios, before, gap);
      first = i;
      sum = ratios[i];
      const alone = width / sum;
      if (alone > rowHeight) continue;
      closeRow(layout, first, 1, ratios, alone, gap);
    } else {
      closeRow(layout, first, count, ratios, height, gap);
    }
    first = i + 1;
    sum = 0;
  }
  if (first < ratios.length) closeRow(layout, first, ratios.length - first, ratios, rowHeight, gap);
  layout.height = Math.max(0, layout.height - gap);
  return layout;
}

/**
 * Returns the range of pictures, [first, end), in the rows that are at least partly between top and bottom.
 *
 * @param {Row[]} rows
 * @param {number} top
 * @param {number} bottom
 */
export function visible(rows, top, bottom) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].y + rows[middle].height < top) low = middle + 1;
    else high = middle;
  }
  const first = low < rows.length ? rows[low].first : 0;
  let end = first;
  for (let i = low; i < rows.length && rows[i].y <= bottom; i++) end = rows[i].first + rows[i].count;
  return [first, end];
}
