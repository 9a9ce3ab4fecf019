// Makes elements.

/**
 * Makes an element with these properties and children.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [properties]
 * @param {(Node | string)[]} children
 */
export function make(tag, properties = {}, ...children) {
  const { role, ...others } = properties;
  const made = Object.assign(document.createElement(tag), others);
  if (typeof role === "string") made.setAttribute("role", role); // not all browsers have it as a property
  made.append(...children);
  return made;
}
