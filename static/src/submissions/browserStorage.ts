import type { KeyValueStore } from './SubmissionStore';

/** Keeps submissions as long as the page lives, for browsers that store nothing. */
class MemoryStorage implements KeyValueStore {
  readonly #entries = new Map<string, string>();
  get length() {
    return this.#entries.size;
  }
  key = (at: number) => [...this.#entries.keys()][at] ?? null;
  getItem = (name: string) => this.#entries.get(name) ?? null;
  setItem = (name: string, value: string) => void this.#entries.set(name, value);
  removeItem = (name: string) => void this.#entries.delete(name);
}

const PROBE = 'jangbu.probe';

/** Returns the browser's storage, or memory where the browser refuses to store anything. */
export function browserStorage(): KeyValueStore {
  try {
    localStorage.setItem(PROBE, '1');
    localStorage.removeItem(PROBE);
    return localStorage;
  } catch {
    return new MemoryStorage();
  }
}
