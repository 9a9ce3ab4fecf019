// Short messages at the bottom of the page, read out by screen readers; some can be answered.

const region = document.querySelector("#notices");

/**
 * Shows a message for some seconds; where it has an action, {label, run}, with a button for it.
 * Resolves when it is gone, to whether the action was taken.
 */
export function notice(text, { seconds = 5, action = null } = {}) {
  return new Promise((resolve) => {
    const row = document.createElement("p");
    const end = (taken) => {
      clearTimeout(timer);
      row.remove();
      resolve(taken);
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
