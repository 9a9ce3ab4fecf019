// Keeps texts in localStorage, or in memory if that fails. If site data is blocked, even reading the property
// `localStorage` throws; if the storage is full, writing does.

export class Keeper {
  /** @type {Map<string, string>} */
  #memory = new Map();
  /** @type {Set<string>} keys that could not be removed from the storage */
  #erased = new Set();
  #getStorage;
  #isForgetful = false;

  /**
   * @param {() => Storage} getStorage may throw
   * @param {() => void} [onForgetful] is called once, at the first text that will be lost when the page is closed
   */
  constructor(getStorage, onForgetful = () => {}) {
    this.#getStorage = getStorage;
    this.onForgetful = onForgetful;
  }

  /**
   * The text kept under a key, or null.
   *
   * @param {string} key
   */
  read(key) {
    const remembered = this.#memory.get(key);
    if (remembered !== undefined) return remembered;
    if (this.#erased.has(key)) return null;
    try {
      return this.#getStorage().getItem(key);
    } catch {
      return null;
    }
  }

  /**
   * Keeps a text. Never throws.
   *
   * @param {string} key
   * @param {string} text
   */
  write(key, text) {
    try {
      this.#getStorage().setItem(key, text);
      this.#memory.delete(key);
      this.#erased.delete(key);
    } catch {
      this.#memory.set(key, text);
      if (this.#isForgetful) return;
      this.#isForgetful = true;
      this.onForgetful();
    }
  }

  /** @param {string} key */
  erase(key) {
    this.#memory.delete(key);
    try {
      this.#getStorage().removeItem(key);
    } catch {
      this.#erased.add(key);
    }
  }

  /**
   * All keys that begin with a prefix.
   *
   * @param {string} prefix
   */
  keys(prefix) {
    const found = new Set(this.#memory.keys());
    try {
      const storage = this.#getStorage();
      for (let i = 0; i < storage.length; i++) found.add(storage.key(i) ?? "");
    } catch {
      // Then there are only those in memory.
    }
    return [...found].filter((key) => key.startsWith(prefix) && !this.#erased.has(key));
  }
}

/** The beginning of the keys of deletions that the server has not answered. */
export const LEAVING = "vitrine.leaving.";

export const keeper = new Keeper(() => localStorage);
