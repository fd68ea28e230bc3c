// Owns what the supervisor asks of the ledger and tells of it: what is known of a macro before it runs, who is held and who
// is let go. With no ledger nothing is known and nobody is held.

import { CorralError } from '../model/errors.ts';
import {
  type Baseline,
  DEFAULT_OWNER,
  type HeldMacro,
  type LiveRisk,
  type MacroKey,
  type MacroLedger,
  type MacroRecord,
  type RunNote,
} from '../model/ledger.ts';
import type { Feed } from './feed.ts';
import { toMacroKey } from './macro-key.ts';
import type { SupervisorOptions } from './options.ts';
import type { LiveRun } from './run.ts';

/** A macro by its owner and name. */
export interface MacroName {
  /** By default `local`. */
  readonly owner?: string;
  readonly name: string;
}

/** Who says that a macro is held or let go, and why. */
export interface Consent {
  readonly by: string;
  /** One line. */
  readonly why: string;
}

/** What is known of a macro before it runs. */
export interface MacroPast {
  readonly held: HeldMacro | null;
  /** Null where nobody remembers macros. */
  readonly risk: LiveRisk | null;
}

const NO_PAST: MacroPast = { held: null, risk: null };

/** The supervisor's side of the ledger. */
export class LedgerDesk {
  readonly #ledger: MacroLedger | null;
  readonly #feed: Feed;
  #isClosed = false;
  /** Told to the next run, and to nobody twice. */
  #untold: string | null = null;

  constructor(ledger: MacroLedger | null, feed: Feed) {
    this.#ledger = ledger;
    this.#feed = feed;
  }

  /** What is known of a macro. @throws {CorralError} `bad-state` where that cannot be read */
  pastOf(key: MacroKey, staticRisk: number): MacroPast {
    const ledger = this.#ledger;
    if (!ledger) return NO_PAST;
    return {
      held: ledger.quarantineOf(key),
      risk: ledger.riskOf(key, staticRisk, Date.now()),
    };
  }

  /**
   * How risky a macro has shown itself by now; null where nobody remembers, or it cannot be read: this is to be shown, and
   * nothing depends on it. Of a macro that nothing new is known of it is reckoned from memory.
   */
  riskNow(key: MacroKey, staticRisk: number): number | null {
    try {
      return this.#ledger?.riskOf(key, staticRisk, Date.now()).score ?? null;
    } catch {
      return null;
    }
  }

  /** What is normal for a macro; null where too little is known. */
  baselineOf(key: MacroKey): Baseline | null {
    return this.#ledger?.baselineOf(key) ?? null;
  }

  /** Why a macro may not run at this moment, or null. */
  heldBy(key: MacroKey): HeldMacro | null {
    return this.#ledger?.quarantineOf(key) ?? null;
  }

  /** The same of one that is known by its name, and perhaps its text. */
  heldAs({ owner = DEFAULT_OWNER, name }: MacroName, source: string | undefined): HeldMacro | null {
    const key =
      source === undefined ? { owner, name, digest: '' } : toMacroKey(owner, name, source);
    return this.heldBy(key);
  }

  /** Holds a macro that is not held yet, and tells the feed. @throws {CorralError} `closed` */
  hold(key: MacroKey, { by, why }: Consent, runId: string | null): void {
    this.#assertOpen();
    if (!this.#ledger || this.#ledger.quarantineOf(key)?.name === key.name) return;
    const one = { by: by.slice(0, BY_CHARS), why: why.slice(0, WHY_CHARS) };
    this.#ledger.quarantine(key, { at: Date.now(), ...one, runId });
    const { name: macro, owner } = key;
    this.#feed.tell({ type: 'quarantine', macro, owner, held: true, ...one });
  }

  /** Holds a macro by its name, with the text it had last. @throws {CorralError} `closed` */
  quarantine({ owner = DEFAULT_OWNER, name }: MacroName, consent: Consent): void {
    this.hold({ owner, name, digest: '' }, consent, null);
  }

  /** Lets a macro run again; false when it was not held. @throws {CorralError} `closed` */
  release({ owner = DEFAULT_OWNER, name }: MacroName, { by, why }: Consent): boolean {
    this.#assertOpen();
    const one = { by: by.slice(0, BY_CHARS), why: why.slice(0, WHY_CHARS) };
    const isReleased = this.#ledger?.release({ owner, name }, { ...one, at: Date.now() }) ?? false;
    if (isReleased)
      this.#feed.tell({ type: 'quarantine', macro: name, owner, held: false, ...one });
    return isReleased;
  }

  /** Notes the end of a run; a macro that a pattern stopped is held. */
  note(key: MacroKey, note: RunNote, message: string): void {
    this.#ledger?.noteRun(key, note);
    const { reason, runId } = note;
    if (reason.startsWith('pattern:')) this.hold(key, { by: reason, why: message }, runId);
  }

  /** Everything that is known, the riskiest first. @throws {CorralError} `closed` */
  get macros(): readonly MacroRecord[] {
    this.#assertOpen();
    return this.#ledger?.list(Date.now()) ?? [];
  }

  /** What is learned is not kept, or is again: told to the feed, and to the next run. */
  problem(message: string): void {
    this.#untold = message;
    this.#feed.tell({ type: 'ledger', message });
  }

  /** Warns a run of what was not told to one yet. */
  warn(live: LiveRun): void {
    const message = this.#untold;
    this.#untold = null;
    if (message !== null) live.emit({ type: 'warning', at: 0, code: 'ledger-failed', message });
  }

  /** From now on nobody is asked. */
  close(): void {
    this.#isClosed = true;
  }

  #assertOpen(): void {
    if (this.#isClosed)
      throw new CorralError('closed', 'This corral is closed and remembers no macros any more.');
  }
}

/** What is kept of who and why (UTF-16 code units). */
const BY_CHARS = 100;
const WHY_CHARS = 1000;

/** Why a held macro is refused, and what to do about it. */
export function toHeldMessage(
  { name, by, why, at }: HeldMacro,
  asked: MacroKey,
  toRelease: SupervisorOptions['toRelease'],
): string {
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  const alias = name === asked.name ? '' : ` as ${name}, which has the same text`;
  const release = toRelease(name, asked.owner);
  return `it is in quarantine${alias}: ${by} put it there at ${when} UTC, because: ${why}. It runs again once somebody says so: ${release}`;
}
