// Owns the books of the soak: each run that was submitted, how often it ended, as what, and how long calm ones took.

import type { EndEvent, Run } from '../../src/corral.ts';
import { HOUSE_ENDS, type Kind } from './mix.ts';

/** What was found wrong; bounded, so that one bug does not print a million lines. */
const FAULTS_MAX = 20;

/** The books. */
export class Account {
  readonly faults: string[] = [];
  /** Kind → reason → count. */
  readonly ends = new Map<string, Map<string, number>>();
  submitted = 0;
  ended = 0;
  readonly #open = new Map<string, string>();

  /** Books a run; resolves with its end once that has been booked too. */
  async book(run: Run, kind: Kind): Promise<EndEvent> {
    this.submitted += 1;
    this.#open.set(run.id, kind.name);
    let told = 0;
    run.on('end', () => {
      told += 1;
    });
    const end = await run.result;
    if (told !== 1) this.#fault(`run ${run.id} (${kind.name}) told its end ${told} times`);
    if (!this.#open.delete(run.id)) this.#fault(`run ${run.id} ended twice`);
    this.ended += 1;
    this.#count(kind, end);
    return end;
  }

  /** Runs that were submitted and have not ended. */
  get open(): readonly string[] {
    return [...this.#open].map(([id, kind]) => `${kind} ${id}`);
  }

  #count(kind: Kind, { reason, message, value }: EndEvent): void {
    const reasons = this.ends.get(kind.name) ?? new Map<string, number>();
    this.ends.set(kind.name, reasons);
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    const own = kind.ends as readonly string[];
    const isOwn = own.includes(reason.startsWith('pattern:') ? 'pattern' : reason);
    if (!isOwn && !HOUSE_ENDS.includes(reason))
      this.#fault(`a ${kind.name} macro ended as ${reason}: ${message}`);
    if (reason === 'completed' && kind.name === 'calm' && value === null)
      this.#fault('a calm macro completed without its value');
  }

  #fault(text: string): void {
    if (this.faults.length < FAULTS_MAX) this.faults.push(text);
  }
}
