// Owns the runs of the history: submitted, begun, ended, listed; and what a server that was killed left unfinished.

import type { Selectable } from 'kysely';
import type { EndEvent } from '../../model/events.ts';
import { ENDED_STATUSES, type RunStatus, type RunSummary } from '../../model/history.ts';
import type { HistoryDatabase } from './database.ts';
import type { RunTable } from './tables.ts';

/** What is noted of a run before anything else happens to it. */
export interface NewRun {
  readonly id: string;
  readonly owner: string;
  readonly macro: string;
  readonly digest: string;
  readonly version: number | null;
  readonly source: string;
  /** What it is started with, as JSON. */
  readonly options: string;
  /** ms since 1970. */
  readonly at: number;
  /** The server process that has it. */
  readonly server: string;
}

/** Which runs are meant. */
export interface RunFilter {
  readonly owner?: string | undefined;
  readonly macro?: string | undefined;
  readonly status?: readonly RunStatus[] | undefined;
  readonly reason?: string | undefined;
  /** Submitted from then on, and before then (ms since 1970). */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Only what was submitted before the run with this number: the next page. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** A run with its place in the order of submission. */
export interface StoredRun extends RunSummary {
  readonly seq: number;
}

/** What a run was, to run it once more. */
export interface RunSource {
  readonly source: string;
  /** JSON. */
  readonly options: string;
}

type Row = Selectable<RunTable>;

/** The runs. */
export class RunHistory {
  readonly #database: HistoryDatabase;

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  add({ id, owner, macro, digest, version, source, options, at, server }: NewRun): void {
    const { sql } = this.#database;
    this.#database.run(
      sql.insertInto('run').values({
        id,
        owner,
        macro,
        digest,
        version,
        status: 'queued',
        source,
        options,
        submitted_at: at,
        server,
      } as never),
    );
  }

  /** Notes what it is at: from a pause it goes on, and from the line it begins. A run that has ended stays so. */
  setStatus(id: string, status: RunStatus, at: number): void {
    const { sql } = this.#database;
    this.#database.run(
      sql
        .updateTable('run')
        .set({ status })
        .$if(status === 'running', (update) =>
          update.set('started_at', ({ eb }) =>
            eb
              .case()
              .when('status', '=', 'paused')
              .then(eb.fn.coalesce('started_at', eb.val(at)))
              .else(at)
              .end(),
          ),
        )
        .where('id', '=', id)
        .where('ended_at', 'is', null),
    );
  }

  /** Notes its end; only the first counts. @returns false when it had ended before */
  end(id: string, end: EndEvent, at: number, dump: string | null): boolean {
    const { sql } = this.#database;
    const { status, reason, message, durationMs, cpuMs, peakHeap, commands } = end;
    const { changes } = this.#database.run(
      sql
        .updateTable('run')
        .set({
          status,
          reason,
          message,
          ended_at: at,
          duration_ms: durationMs,
          cpu_ms: cpuMs,
          // 0 says that nobody looked.
          peak_heap: Math.round(peakHeap) || null,
          commands,
          end: JSON.stringify(end),
          dump,
        })
        .where('id', '=', id)
        .where('ended_at', 'is', null),
    );
    return changes > 0;
  }

  setRisk(id: string, risk: number): void {
    this.#database.run(this.#database.sql.updateTable('run').set({ risk }).where('id', '=', id));
  }

  get(id: string): StoredRun | null {
    const row = this.#database.get(
      this.#database.sql.selectFrom('run').selectAll().where('id', '=', id),
    );
    return row ? toSummary(row) : null;
  }

  /** How it ended, whole; null before that. */
  endOf(id: string): EndEvent | null {
    const row = this.#database.get(
      this.#database.sql.selectFrom('run').select('end').where('id', '=', id),
    );
    return row?.end == null ? null : (JSON.parse(row.end) as EndEvent);
  }

  sourceOf(id: string): RunSource | null {
    const query = this.#database.sql.selectFrom('run').select(['source', 'options']);
    return this.#database.get(query.where('id', '=', id)) ?? null;
  }

  /** Newest first. */
  list({ owner, macro, status, reason, from, to, before, limit }: RunFilter): StoredRun[] {
    let query = this.#database.sql
      .selectFrom('run')
      .selectAll()
      .orderBy('seq', 'desc')
      .limit(limit);
    if (owner !== undefined) query = query.where('owner', '=', owner);
    if (macro !== undefined) query = query.where('macro', '=', macro);
    if (status !== undefined && status.length > 0) query = query.where('status', 'in', status);
    if (reason !== undefined) query = query.where('reason', '=', reason);
    if (from !== undefined) query = query.where('submitted_at', '>=', from);
    if (to !== undefined) query = query.where('submitted_at', '<', to);
    if (before !== undefined) query = query.where('seq', '<', before);
    return this.#database.all(query).map((row) => toSummary(row));
  }

  /** What another server process left: `queued` ones may begin anew, of all others nobody knows what they did. */
  unfinished(server: string): StoredRun[] {
    const query = this.#database.sql
      .selectFrom('run')
      .selectAll()
      .where('status', 'not in', ENDED_STATUSES)
      .where('server', '!=', server)
      .orderBy('seq');
    return this.#database.all(query).map((row) => toSummary(row));
  }

  /** Takes over a run that another server process left. */
  adopt(id: string, server: string): void {
    this.#database.run(this.#database.sql.updateTable('run').set({ server }).where('id', '=', id));
  }

  /** Leaves it to the next server to begin; one that is held stays so. */
  leave(id: string): void {
    this.#database.run(
      this.#database.sql
        .updateTable('run')
        .set({ status: 'queued' })
        .where('id', '=', id)
        .where('status', '!=', 'paused'),
    );
  }
}

function toSummary(row: Row): StoredRun {
  return {
    seq: row.seq,
    id: row.id,
    status: row.status as RunStatus,
    reason: row.reason,
    message: row.message,
    macro: row.macro,
    owner: row.owner,
    version: row.version,
    submittedAt: row.submitted_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    durationMs: row.duration_ms,
    cpuMs: row.cpu_ms,
    peakHeap: row.peak_heap,
    commands: row.commands,
    risk: row.risk,
    dump: row.dump,
  };
}
