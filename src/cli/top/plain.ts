// Owns `corral top` where there is no terminal: a table, or objects for programs, once or again and again.

import { setTimeout as sleep } from 'node:timers/promises';
import { safeText } from '../../model/safe-text.ts';
import { safeJson } from '../render/safe-json.ts';
import { noCorralLines } from '../render/top.ts';
import { columnsFor, headText, rowText } from '../render/top-table.ts';
import { Corrals } from './corrals.ts';
import { FIRST_UI, toRows } from './view.ts';

/** How it is printed. */
export interface PlainOptions {
  readonly json: boolean;
  /** Print again every so many ms; null prints once. */
  readonly everyMs: number | null;
  readonly columns: number;
}

const COLUMNS_MIN = 80;
/** One table waits so long for each Corral (ms). */
const PATIENCE_MS = 5_000;

/** Prints what the Corrals of a folder do; resolves when that is done, or the signal aborts. */
export async function printPlain(
  dir: string,
  { json, everyMs, columns }: PlainOptions,
  signal: AbortSignal,
): Promise<void> {
  using corrals = new Corrals(dir, {
    everyMs: everyMs ?? 1_000,
    recent: 0,
    onChange: () => undefined,
    ...(json &&
      everyMs !== null && {
        onTold: (told, pid) => {
          if (told.type === 'feed') process.stdout.write(`${safeJson({ ...told, pid })}\n`);
        },
      }),
  });
  while (!signal.aborted) {
    await corrals.look();
    await Promise.race([corrals.told(), sleep(PATIENCE_MS, null, { ref: false })]);
    if (json) printObjects(corrals);
    else printTable(corrals, dir, Math.max(COLUMNS_MIN, columns));
    if (everyMs === null) return;
    await sleep(everyMs, null, { signal }).catch(() => undefined);
  }
}

/** One object a Corral, and one a run of it. */
function printObjects({ views }: Corrals): void {
  for (const { pid, snapshot, problem } of views) {
    const { runs = [], ...corral } = snapshot ?? {};
    process.stdout.write(`${safeJson({ type: 'corral', ...corral, pid, problem })}\n`);
    for (const run of runs) process.stdout.write(`${safeJson({ type: 'run', pid, ...run })}\n`);
  }
}

function printTable({ views }: Corrals, dir: string, width: number): void {
  if (views.length === 0) {
    process.stderr.write(`${noCorralLines(dir).join('\n')}\n`);
    return;
  }
  for (const { pid, problem } of views)
    if (problem !== null) process.stderr.write(`Corral ${pid}: ${safeText(problem)}\n`);
  const columns = columnsFor(width, { several: views.length > 1 });
  const now = Date.now();
  const rows = toRows(views, FIRST_UI).map((row) =>
    rowText(row, columns, { width, now, paint: (_style, text) => text }).trimEnd(),
  );
  process.stdout.write(`${[headText(columns, width).trimEnd(), ...rows].join('\n')}\n`);
}
