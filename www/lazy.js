// What is not needed for the first look at the page is loaded when the browser is idle, and again where that failed.

/**
 * Gives a function that calls load() once and gives its promise to all who ask; after a failure, the next one to ask
 * has it called again. It gets the number of the try, from 0.
 */
export function lazily(load) {
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
 * The URL of a part of a module, by the try that has brought the module: browsers may remember of a URL that nothing
 * could be had from it. module is its import.meta.url.
 */
export function partOf(module, name) {
  return new URL(name, module).href + new URL(module).search;
}

/** Calls each function, whatever becomes of it, once the browser has nothing else to do. */
export function whenIdle(...functions) {
  const run = () => {
    for (const one of functions) Promise.resolve(one()).catch(() => {});
  };
  if (globalThis.requestIdleCallback) requestIdleCallback(run, { timeout: 2000 });
  else setTimeout(run, 200);
}
