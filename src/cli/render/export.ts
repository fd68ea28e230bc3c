// Owns giving parts of a dump to other programs: Chrome's profiles, the tree, and tables.

import type { CrashDump } from '../../model/dump.ts';
import { CorralError } from '../../model/errors.ts';
import { safeJson } from './safe-json.ts';

/** What can be exported. */
export const EXPORTS = ['cpuprofile', 'heapprofile', 'ast', 'csv'] as const;
/** One of {@link EXPORTS}. */
export type Export = (typeof EXPORTS)[number];

const COLUMNS = ['at', 'heapUsed', 'heapTotal', 'external', 'rss', 'cpuMs'] as const;

/**
 * The text of an export. `csv` are the samples: ms since the start, bytes, ms of CPU, and whose
 * garbage collection there was since the one before.
 * @throws {CorralError} `bad-dump` when the dump has none of it, saying why
 */
export function toExport(dump: CrashDump, kind: Export): string {
  switch (kind) {
    case 'cpuprofile':
      return json(
        dump.profile,
        'no CPU profile: the macro ended before it had used enough CPU to be profiled, or could not be asked any more',
      );
    case 'heapprofile':
      return json(
        dump.allocations,
        'no heap profile: the macro held too little for its allocations to be noted, or could not be asked any more',
      );
    case 'ast':
      return json(dump.ast, `no syntax tree: ${dump.astOmitted ?? 'its source does not parse'}`);
    case 'csv':
      return [
        [...COLUMNS, 'collection'].join(','),
        ...dump.samples.map((sample) =>
          [...COLUMNS.map((column) => sample[column]), collectionOf(sample)].join(','),
        ),
        '',
      ].join('\n');
  }
}

/** Anything but the two known words may break the table. */
function collectionOf({ collection }: CrashDump['samples'][number]): string {
  return collection?.by === 'v8' || collection?.by === 'corral' ? collection.by : '';
}

function json(value: unknown, missing: string): string {
  if (value === null || value === undefined)
    throw new CorralError('bad-dump', `This crash dump has ${missing}.`);
  return `${safeJson(value)}\n`;
}
