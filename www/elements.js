// Elements that index.html must have.

/**
 * Returns the first element that matches the selector. Throws if there is none or if it is of another class.
 *
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} type
 * @param {ParentNode} [within]
 * @returns {T}
 */
export function element(selector, type, within = document) {
  const found = within.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} that matches ${selector}`);
  return found;
}
