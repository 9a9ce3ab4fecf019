// Short messages at the bottom of the page, which screen readers read out. A message may have a button.

import { element } from "./elements.js";

const region = element("#notices", HTMLElement);

/**
 * Shows a message for some seconds, with a button if it has an action. Resolves when the message disappears: to true if
 * the button was pressed.
 *
 * @param {string} text
 * @param {{seconds?: number, action?: {label: string, run: () => void} | null}} [options]
 * @returns {Promise<boolean>}
 */
export function notice(text, { seconds = 5, action = null } = {}) {
  return new Promise((resolve) => {
    const row = document.createElement("p");
    const end = (/** @type {boolean} */ pressed) => {
      clearTimeout(timer);
      row.remove();
      resolve(pressed);
    };
    const timer = setTimeout(() => end(false), seconds * 1000);
    row.append(text);
    if (action) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = action.label;
      button.addEventListener("click", () => {
        action.run();
        end(true);
      });
      row.append(button);
    }
    region.append(row);
  });
}
