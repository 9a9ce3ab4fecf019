// What this browser keeps for the page: localStorage where it can be used, memory where it cannot. With site data
// blocked, reading the property `localStorage` throws already; with the storage full, writing does.

export class Keeper {
  #memory = new Map();
  #erased = new Set(); // keys that could not be removed from the storage
  #getStorage;
  #isForgetful = false;

  /**
   * getStorage returns the browser's Storage, or throws. onForgetful is called once, at the first value that will not
   * outlast the page.
   */
  constructor(getStorage, onForgetful = () => {}) {
    this.#getStorage = getStorage;
    this.onForgetful = onForgetful;
  }

  /** The text kept under a key, or null. */
  read(key) {
    if (this.#memory.has(key)) return this.#memory.get(key);
    if (this.#erased.has(key)) return null;
    try {
      return this.#getStorage().getItem(key);
    } catch {
      return null;
    }
  }

  /** Keeps a text. Never throws. */
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

  erase(key) {
    this.#memory.delete(key);
    try {
      this.#getStorage().removeItem(key);
    } catch {
      this.#erased.add(key);
    }
  }

  /** All keys that begin with a prefix. */
  keys(prefix) {
    const found = new Set(this.#memory.keys());
    try {
      const storage = this.#getStorage();
      for (let i = 0; i < storage.length; i++) found.add(storage.key(i));
    } catch {
      // Only memory, then.
    }
    return [...found].filter((key) => key.startsWith(prefix) && !this.#erased.has(key));
  }
}

export const keeper = new Keeper(() => localStorage);
