// Owns noticing that all garbage of one isolate was collected, while its macro runs. V8 tells nobody, so something is put
// where only such a collection takes it away, and looked for.

import type { SampleCollection } from '../model/events.ts';
import type { Inspector } from './inspector.ts';
import { ignoreClosed, type Session } from './session.ts';

/**
 * A symbol lies in V8's old space from the start, and a WeakSet does not keep it: only a full collection takes it out. The
 * many small ones of young objects do not.
 */
const BEGIN = 'var planted = new WeakSet(); planted';
const PLANT = 'planted.add(Symbol()), true';
/** The shortest time between two looks (ms): each takes 0.1 to 0.3 ms of the macro's time. */
const LOOK_MS = 90;

interface RemoteObject {
  readonly description?: string;
  readonly objectId?: string;
  readonly value?: unknown;
}

/** The full collections of one isolate. */
export class Collections {
  readonly #inspector: Inspector;
  readonly #session: Session;
  #set: string | null = null;
  #isPlanted = false;
  // A short run is over before there is anything to see.
  #lookedAt = performance.now();
  #by: SampleCollection['by'] | null = null;
  /** Bytes of the heap before a collection of our own. */
  #before = 0;

  constructor(inspector: Inspector) {
    this.#inspector = inspector;
    this.#session = inspector.session;
  }

  /** Looks whether there was one since the last look. Not to be called where a debugger is let in, who would see it. */
  async look(): Promise<void> {
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    await this.#session.dialogue(async () => {
      if (this.#isPlanted && (await this.#count()) === 0) {
        this.#isPlanted = false;
        this.#by ??= 'v8';
      }
      if (!this.#isPlanted) await this.#plant();
    });
  }

  /** Notes one that Corral asked for. @param before bytes of the heap before it */
  own(before: number): void {
    this.#by = 'corral';
    this.#before = before;
    this.#isPlanted = false;
  }

  /** What was noticed since this was last asked; null for nothing. @param heapUsed bytes of the heap now */
  take(heapUsed: number): SampleCollection | null {
    const by = this.#by;
    this.#by = null;
    if (by === null) return null;
    return { by, freed: by === 'corral' ? Math.max(0, this.#before - heapUsed) : null };
  }

  /** How many are in the set. Only V8's own code runs for this, so that it works at the end of a stack too. */
  async #count(): Promise<number> {
    const { internalProperties } = await this.#session.send('Runtime.getProperties', {
      objectId: this.#set,
      ownProperties: true,
    });
    const properties = (internalProperties ?? []) as { name: string; value?: RemoteObject }[];
    // What is told of the set would keep what is in it.
    for (const { value } of properties)
      if (value?.objectId)
        this.#session
          .send('Runtime.releaseObject', { objectId: value.objectId })
          .catch(ignoreClosed);
    const entries = properties.find(({ name }) => name === '[[Entries]]')?.value?.description;
    return entries === 'Array(0)' ? 0 : 1;
  }

  /** Where the stack has no room for it, the next look tries again. */
  async #plant(): Promise<void> {
    this.#set ??= (await this.#run(BEGIN, false)).objectId ?? null;
    if (this.#set !== null) this.#isPlanted = (await this.#run(PLANT, true)).value === true;
  }

  async #run(expression: string, returnByValue: boolean): Promise<RemoteObject> {
    const { result, exceptionDetails } = await this.#session.send('Runtime.evaluate', {
      expression,
      // In its own the macro would have the built-ins that this needs.
      contextId: await this.#inspector.emptyContext,
      objectGroup: 'corral',
      returnByValue,
      silent: true,
      disableBreaks: true,
    });
    return exceptionDetails === undefined ? (result as RemoteObject) : {};
  }
}
