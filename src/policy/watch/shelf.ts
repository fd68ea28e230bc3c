// Owns what is kept of macros between their runs, by key: all that run, and of the others the ones that ran last.

/** How many macros that do not run are remembered. */
export const IDLE_MAX = 4096;

interface Entry<Kept> {
  readonly kept: Kept;
  users: number;
}

/** Things kept by key while somebody uses them, and for a while after. */
export class Shelf<Kept> {
  readonly #make: () => Kept;
  readonly #used = new Map<string, Entry<Kept>>();
  /** The one that was used longest ago comes first. */
  readonly #idle = new Map<string, Entry<Kept>>();

  /** @param make makes what is kept for a key seen for the first time */
  constructor(make: () => Kept) {
    this.#make = make;
  }

  /** How many are kept. */
  get size(): number {
    return this.#used.size + this.#idle.size;
  }

  /** Takes what is kept for a key; {@link putBack} it. */
  take(key: string): Kept {
    let entry = this.#used.get(key);
    if (!entry) {
      entry = this.#idle.get(key) ?? { kept: this.#make(), users: 0 };
      this.#idle.delete(key);
      this.#used.set(key, entry);
    }
    entry.users += 1;
    return entry.kept;
  }

  /** Gives back what was taken; the last one to do so lets it be forgotten some day. */
  putBack(key: string): void {
    const entry = this.#used.get(key);
    if (!entry) return;
    entry.users -= 1;
    if (entry.users > 0) return;
    this.#used.delete(key);
    this.#idle.set(key, entry);
    const [oldest] = this.#idle.keys();
    if (this.#idle.size > IDLE_MAX && oldest !== undefined) this.#idle.delete(oldest);
  }
}
