// Loads modules that the page does not need at first: when the browser is idle, and again after a failure.

/**
 * Returns a function that calls load() at the first call and returns the same promise at every later one. After a
 * failure, the next call calls load() again.
 *
 * @template T
 * @param {(tries: number) => Promise<T>} load gets the number of earlier tries
 * @returns {() => Promise<T>}
 */
export function lazily(load) {
  /** @type {Promise<T> | null} */
  let loading = null;
  let tries = 0;
  return () => {
    loading ??= load(tries++).catch((error) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}

/**
 * Returns the URL of another module that a module imports. It has the same query, such as ?try=1, as the importing
 * module: a browser may remember that a URL could not be loaded, so each try needs URLs of its own.
 *
 * @param {string} module the importing module's import.meta.url
 * @param {string} name the other module, relative to it
 */
export function partOf(module, name) {
  return new URL(name, module).href + new URL(module).search;
}

/**
 * Adds a style sheet after the others. Rejects if it does not load.
 *
 * @param {string} url
 * @returns {Promise<unknown>}
 */
export function loadStyle(url) {
  return new Promise((resolve, reject) => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = url;
    style.onload = resolve;
    style.onerror = () => {
      style.remove();
      reject(new Error("a style sheet could not be loaded"));
    };
    document.head.append(style);
  });
}

/**
 * Calls the functions once the browser is idle. Their failures are ignored.
 *
 * @param {(() => Promise<unknown>)[]} functions
 */
export function whenIdle(...functions) {
  const run = () => {
    for (const one of functions) one().catch(() => {});
  };
  if ("requestIdleCallback" in globalThis) requestIdleCallback(run, { timeout: 2000 });
  else setTimeout(run, 200);
}
