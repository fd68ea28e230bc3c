// Owns what keeping a run costs: one record into the history, against the same row by node:sqlite alone.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { History } from '../src/store/history/history.ts';
import type { NewRun } from '../src/store/history/runs.ts';
import { percentile } from './measure.ts';
import type { Section } from './section.ts';

const ROUNDS = 9;
/** Commits a round. */
const COMMITS = 50;
/** As many as come in one turn of a busy server. */
const TOGETHER = 100;
const COLUMNS = [
  'id',
  'owner',
  'macro',
  'digest',
  'status',
  'source',
  'options',
  'submitted_at',
  'server',
];

const record = (n: number): NewRun => ({
  id: n.toString(16).padStart(12, '0'),
  owner: 'bench',
  macro: 'patrol',
  digest: 'd'.repeat(64),
  version: null,
  source: 'const { players } = await chat.players();\n'.repeat(20),
  options: '{"input":{"n":1}}',
  at: 1_790_000_000_000 + n,
  server: 'abcdef012345',
});

/** Writes records from a number on; resolves once they are on disk. */
type Write = (from: number, count: number) => Promise<void>;

/** A record a commit, and a hundred. */
export async function benchHistory(): Promise<Section> {
  const dir = mkdtempSync(join(tmpdir(), 'corral-bench-'));
  try {
    mkdirSync(join(dir, 'raw'));
    await using history = new History({ dir: join(dir, 'own'), onFailed: fail });
    using raw = rawLike(history, join(dir, 'raw', 'raw.sqlite'));
    const own: Write = async (from, count) => {
      const adding = Array.from(
        { length: count },
        (_, n) => () => history.runs.add(record(from + n)),
      );
      await Promise.all(adding.map((add) => history.writes.now(add)));
    };
    const rows: string[][] = [];
    for (const together of [1, TOGETHER]) {
      const [ownMicros, rawMicros] = await inTurns([own, raw.write], together);
      const what = together === 1 ? 'each on disk by itself' : `${together} in one turn`;
      const ratio = (ownMicros / rawMicros).toFixed(2);
      rows.push([what, ownMicros.toFixed(1), rawMicros.toFixed(1), ratio]);
    }
    return {
      title: 'History: keeping one run',
      note: `µs a record, median of ${ROUNDS} rounds of ${COMMITS} commits in turns, into the same table with the same indexes and settings; each commit is synced to the disk.`,
      columns: ['records', 'history, µs', 'node:sqlite, µs', 'ratio'],
      rows,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function fail(error: unknown): never {
  throw error;
}

/** A database with the run table of a history and its settings, and nothing else of it. */
function rawLike(history: History, file: string): Disposable & { readonly write: Write } {
  const database = new DatabaseSync(file);
  const kept = new DatabaseSync(history.database.file, { readOnly: true });
  const schema = kept
    .prepare("SELECT sql FROM sqlite_schema WHERE tbl_name = 'run' AND sql IS NOT NULL")
    .all();
  kept.close();
  database.exec('PRAGMA journal_mode = WAL');
  for (const { sql } of schema) database.exec(String(sql));
  const insert = database.prepare(
    `INSERT INTO run (${COLUMNS}) VALUES (${COLUMNS.map(() => '?')})`,
  );
  return {
    write: async (from, count) => {
      database.exec('BEGIN IMMEDIATE');
      for (let n = from; n < from + count; n++) {
        const { id, owner, macro, digest, source, options, at, server } = record(n);
        insert.run(id, owner, macro, digest, 'queued', source, options, at, server);
      }
      database.exec('COMMIT');
    },
    [Symbol.dispose]: () => database.close(),
  };
}

let next = 0;

/** µs a record of each, in turns. */
async function inTurns(writes: readonly Write[], together: number): Promise<[number, number]> {
  const times = writes.map((): number[] => []);
  for (let round = -1; round < ROUNDS; round++) {
    for (const [which, write] of writes.entries()) {
      const from = performance.now();
      for (let done = 0; done < COMMITS; done++) {
        await write(next, together);
        next += together;
      }
      if (round >= 0)
        times[which]?.push(((performance.now() - from) * 1000) / (COMMITS * together));
    }
  }
  const [own = 0, raw = 0] = times.map((each) =>
    percentile(
      each.toSorted((a, b) => a - b),
      0.5,
    ),
  );
  return [own, raw];
}
