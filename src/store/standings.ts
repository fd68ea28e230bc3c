// Owns remembering, between two changes of a ledger, how macros stand: asked at every start, and changed by hardly any run.

import type { HeldMacro, MacroKey } from '../model/ledger.ts';
import type { Mark } from '../model/reckoning.ts';

/** How a macro stands. */
export interface Standing {
  readonly held: HeldMacro | null;
  readonly marks: readonly Mark[];
}

/** So many are remembered. */
const STANDINGS_MAX = 2000;

/** The standings of one ledger. */
export class Standings {
  readonly #known = new Map<string, Standing>();
  #version: string | null = null;

  /** A macro's standing at a version of the ledger: remembered, or looked up. */
  of({ owner, name, digest }: MacroKey, version: string, look: () => Standing): Standing {
    if (version !== this.#version || this.#known.size >= STANDINGS_MAX) this.#known.clear();
    this.#version = version;
    const id = JSON.stringify([owner, name, digest]);
    const known = this.#known.get(id);
    if (known) return known;
    const standing = look();
    this.#known.set(id, standing);
    return standing;
  }
}
