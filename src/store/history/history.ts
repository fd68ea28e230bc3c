// Owns the history as a whole: one file, its parts, and how changes reach the disk.

import { randomBytes } from 'node:crypto';
import { AuditHistory } from './audit.ts';
import { HistoryDatabase } from './database.ts';
import { RunDetails } from './details.ts';
import { DumpHistory } from './dumps.ts';
import { EventHistory } from './events.ts';
import { HouseHistory } from './house.ts';
import { IdempotencyHistory } from './idempotency.ts';
import { KeyHistory } from './keys.ts';
import { MacroHistory } from './macros.ts';
import { OutboxHistory } from './outbox.ts';
import { PatternHistory } from './patterns.ts';
import { forget, HISTORY_KEEP, type HistoryKeep } from './retention.ts';
import { RunHistory } from './runs.ts';
import { Statistics } from './statistics.ts';
import { Writes } from './writes.ts';

/** How a history is opened. */
export interface HistoryOptions {
  /** The folder of `history.sqlite`; null keeps everything in memory. */
  readonly dir: string | null;
  readonly keep?: Partial<HistoryKeep>;
  /** Told where changes could not be written, as on a full disk. */
  readonly onFailed: (error: unknown, lost: number) => void;
}

const FORGET_EVERY_MS = 10 * 60_000;

/** The history. */
export class History implements AsyncDisposable {
  readonly database: HistoryDatabase;
  readonly writes: Writes;
  readonly runs: RunHistory;
  readonly details: RunDetails;
  readonly events: EventHistory;
  readonly macros: MacroHistory;
  readonly keys: KeyHistory;
  readonly audit: AuditHistory;
  readonly dumps: DumpHistory;
  readonly idempotency: IdempotencyHistory;
  readonly statistics: Statistics;
  readonly outbox: OutboxHistory;
  readonly patterns: PatternHistory;
  readonly house: HouseHistory;
  /** This process among all that ever used the file. */
  readonly server = randomBytes(6).toString('hex');
  readonly #keep: HistoryKeep;
  readonly #timer: NodeJS.Timeout;

  /** @throws {CorralError} `bad-store` */
  constructor({ dir, keep, onFailed }: HistoryOptions) {
    this.#keep = { ...HISTORY_KEEP, ...keep };
    this.database = new HistoryDatabase(dir);
    this.writes = new Writes(this.database, onFailed);
    this.runs = new RunHistory(this.database);
    this.details = new RunDetails(this.database);
    this.events = new EventHistory(this.database);
    this.macros = new MacroHistory(this.database);
    this.keys = new KeyHistory(this.database);
    this.audit = new AuditHistory(this.database);
    this.dumps = new DumpHistory(this.database);
    this.idempotency = new IdempotencyHistory(this.database);
    this.statistics = new Statistics(this.database);
    this.outbox = new OutboxHistory(this.database, this.writes);
    this.patterns = new PatternHistory(this.database);
    this.house = new HouseHistory(this.database);
    this.#timer = setInterval(() => this.forget(), FORGET_EVERY_MS).unref();
  }

  /** Removes what is too old, a bite a turn. */
  forget(now = Date.now()): void {
    try {
      if (forget(this.database, this.#keep, now)) setImmediate(() => this.forget(now)).unref();
    } catch {
      // A disk that is full now may not be so next time; nothing depends on this.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.writes[Symbol.asyncDispose]();
    this.database[Symbol.dispose]();
  }
}
