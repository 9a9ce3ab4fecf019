// The justified grid: rows of nearly one height, each as wide as the page.

/** @import { Image } from "./api.js" */
/** @import { Day } from "./days.js" */

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
 * A box for each picture, in order; rows from top to bottom; a box for each day's heading and pictures.
 *
 * @typedef {{boxes: Box[], rows: Row[], days: Box[], height: number}} Layout
 */

/**
 * The height that rows should have; the gap between pictures.
 *
 * @typedef {{rowHeight: number, gap: number}} Options
 */

// Limits of width to height. Pictures beyond them are cropped, as one alone would fill a row.
const FLATTEST = 0.3;
const WIDEST = 4;
// A line of several days is stretched to the page's width if its rows are then at most this many times too high.
const STRETCH = 1.35;

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
 * Adds rows with the pictures from `first` up to `end`. The last row keeps its height and leaves room at its end.
 *
 * @param {Layout} layout
 * @param {number} first
 * @param {number} end
 * @param {number[]} ratios
 * @param {number} width
 * @param {Options} options
 */
function fillRows(layout, first, end, ratios, width, { rowHeight, gap }) {
  let sum = 0;
  for (let i = first; i < end; i++) {
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
  if (first < end) closeRow(layout, first, end - first, ratios, rowHeight, gap);
}

/**
 * Lays out pictures in rows. The last row keeps its height and leaves room at its end.
 *
 * @param {number[]} ratios of the pictures, width to height
 * @param {number} width of the page
 * @param {Options} options
 */
export function layOut(ratios, width, options) {
  /** @type {Layout} */
  const layout = { boxes: [], rows: [], days: [], height: 0 };
  fillRows(layout, 0, ratios.length, ratios, width, options);
  layout.height = Math.max(0, layout.height - options.gap);
  return layout;
}

/**
 * Adds a line of days, each in one row. The heading of the last one has the rest of the page's width.
 *
 * @param {Layout} layout
 * @param {(Day & {width: number})[]} line
 * @param {number[]} ratios
 * @param {number} pageWidth
 * @param {number} scale of everything in the row, but for the gaps
 * @param {Options & {heading: number}} options
 */
function closeLine(layout, line, ratios, pageWidth, scale, { rowHeight, gap, heading }) {
  const y = layout.height + heading;
  const height = rowHeight * scale;
  let start = 0;
  for (const { first, count, width } of line) {
    let x = start;
    for (let i = first; i < first + count; i++) {
      layout.boxes.push({ x, y, width: ratios[i] * height, height });
      x += ratios[i] * height + gap;
    }
    const gaps = gap * (count - 1);
    const wide = (width - gaps) * scale + gaps;
    const isLast = first === line[line.length - 1].first;
    layout.days.push({ x: start, y: layout.height, width: isLast ? pageWidth - start : wide, height: heading + height });
    start += wide + 2 * gap;
  }
  layout.rows.push({ y, height, first: line[0].first, count: line.reduce((sum, { count }) => sum + count, 0) });
  layout.height = y + height + gap;
}

/**
 * Lays out pictures below headings of their days. Days of one month with few pictures stand beside each other; a line
 * of theirs does not depend on earlier or later months.
 *
 * @param {number[]} ratios of the pictures, width to height
 * @param {Day[]} days with all of the pictures
 * @param {number} width of the page
 * @param {Options & {heading: number, room: number}} options also the height of a heading, and the least width of one
 */
export function layOutDays(ratios, days, width, options) {
  const { rowHeight, gap, heading } = options;
  const room = Math.min(options.room, width);
  /** @type {Layout} */
  const layout = { boxes: [], rows: [], days: [], height: 0 };
  /** @type {(Day & {width: number})[]} */
  let line = [];
  let used = -2 * gap; // the line's width
  const close = (/** @type {boolean} */ isFull) => {
    const gaps = line.reduce((sum, { count }) => sum + gap * (count - 1), 2 * gap * (line.length - 1));
    const scale = (width - gaps) / (used - gaps);
    if (line.length > 0) closeLine(layout, line, ratios, width, isFull && scale <= STRETCH ? scale : Math.min(scale, 1), options);
    line = [];
    used = -2 * gap;
  };
  for (const day of days) {
    const { first, count } = day;
    let sum = 0;
    for (let i = first; i < first + count; i++) sum += ratios[i];
    const natural = Math.max(room, sum * rowHeight + gap * (count - 1));
    const isOtherMonth = line.length > 0 && line[0].day.slice(0, 7) !== day.day.slice(0, 7);
    if (isOtherMonth || used + 2 * gap + natural > width) close(!isOtherMonth);
    if (natural <= width) {
      line.push({ ...day, width: natural });
      used += 2 * gap + natural;
      continue;
    }
    const y = layout.height;
    layout.height += heading;
    fillRows(layout, first, first + count, ratios, width, options);
    layout.days.push({ x: 0, y, width, height: layout.height - gap - y });
  }
  close(false);
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
