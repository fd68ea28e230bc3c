// Owns a ledger that notes what it is told, and may refuse to.

import type {
  HeldMacro,
  HitNote,
  MacroKey,
  MacroLedger,
  Quarantine,
} from '../../../src/model/ledger.ts';

/** A ledger in memory. */
export class NotingLedger implements MacroLedger {
  readonly hits: [MacroKey, HitNote][] = [];
  readonly held: [MacroKey, Quarantine][] = [];
  /** True: nothing can be noted, as on a full disk. */
  isBroken = false;

  quarantineOf({ name }: MacroKey): HeldMacro | null {
    const found = this.held.find(([key]) => key.name === name);
    return found ? { ...found[1], name } : null;
  }

  quarantine(key: MacroKey, quarantine: Quarantine): void {
    this.held.push([key, quarantine]);
  }

  release(): boolean {
    return false;
  }

  noteHit(key: MacroKey, hit: HitNote): void {
    if (this.isBroken) throw new Error('the disk is full');
    this.hits.push([key, hit]);
  }

  noteRun(): void {}

  riskOf() {
    return { score: 0, parts: [] };
  }

  baselineOf(): null {
    return null;
  }

  list(): [] {
    return [];
  }

  [Symbol.dispose](): void {}
}
