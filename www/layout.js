// The justified grid: rows of nearly one height, each as wide as the page.

const FLATTEST = 0.3; // width to height; what is beyond is cropped, or it would fill a row alone
const WIDEST = 4;

/** An image's proportions as the grid shows it. */
export function ratioOf(image) {
  return Math.min(Math.max(image.width / image.height, FLATTEST), WIDEST);
}

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
 * Lays out pictures of these ratios in a page of that width.
 *
 * @returns {{boxes: {x,y,width,height}[], rows: {y,height,first,count}[], height: number}} a box for
 *   each picture, in order; rows from top to bottom. All in CSS pixels. The last row keeps its height
 *   and leaves room at its end.
 */
export function layOut(ratios, width, { rowHeight, gap }) {
  const layout = { boxes: [], rows: [], height: 0 };
  let first = 0;
  let sum = 0;
  for (let i = 0; i < ratios.length; i++) {
    sum += ratios[i];
    const count = i - first + 1;
    const height = (width - gap * (count - 1)) / sum;
    if (height > rowHeight) continue;
    // Full: with this picture the row is too low, without it too high. The nearer one wins.
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

/** The pictures, [first, end), of the rows that reach into top to bottom. */
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
