// Owns what becomes of a run's dump: whether there is one, that it is written whole and kept within bounds, and who hears of it.

import { statSync } from 'node:fs';
import { writeDump } from '../dumps/dump.ts';
import { toFingerprint } from '../dumps/fingerprint.ts';
import { DumpKeeper } from '../dumps/keeper.ts';
import { toStamp } from '../dumps/list.ts';
import type { SnapshotFile } from '../dumps/snapshot-file.ts';
import type { CrashDump } from '../model/dump.ts';
import { toMessage } from '../model/errors.ts';
import { type EndReason, toStatus } from '../model/outcome.ts';
import type { Ending } from './ending.ts';
import type { Feed } from './feed.ts';
import type { SupervisorOptions } from './options.ts';
import type { LiveRun } from './run.ts';
import { type DumpParts, toCrashDump } from './run-dump.ts';

/** Whose dump it is. */
export interface Dumped extends DumpParts {
  readonly live: LiveRun;
  readonly owner: string;
}

/** The dumps of one corral. */
export class DumpDesk {
  readonly #options: Pick<SupervisorOptions, 'dump' | 'dumpDir' | 'dumpKeep'>;
  readonly #feed: Feed;
  readonly #keeper: DumpKeeper;

  constructor(options: Pick<SupervisorOptions, 'dump' | 'dumpDir' | 'dumpKeep'>, feed: Feed) {
    this.#options = options;
    this.#feed = feed;
    this.#keeper = new DumpKeeper(options.dumpDir, options.dumpKeep);
  }

  /** Writes the dump of a run, where it is to have one, and gives its path; what keeps it from that is a warning of the run's. */
  async write(dumped: Dumped): Promise<string | null> {
    if (!this.#isWanted(dumped.ending)) return null;
    const { live, record, ending } = dumped;
    await using _unfinished = record.snapshot;
    const warn = (message: string) =>
      live.emit({ type: 'warning', at: ending.durationMs, code: 'dump-failed', message });
    try {
      const dump = toCrashDump(dumped);
      const { jsonPath, problem } = await this.#written(dump, record.snapshot);
      if (problem !== null) warn(problem);
      const missing = await record.snapshot?.finish(jsonPath);
      if (missing) warn(missing);
      await this.#keeper.written(toStamp(jsonPath) ?? '', warn);
      this.#tell(dumped, jsonPath, dump);
      return jsonPath;
    } catch (error) {
      warn(toMessage(error));
      return null;
    }
  }

  /** Resolves once nothing is being removed. */
  async idle(): Promise<void> {
    await this.#keeper.idle();
  }

  /** Where there is no room for both, the dump comes before the heap snapshot. */
  async #written(dump: CrashDump, snapshot: SnapshotFile | null): ReturnType<typeof writeDump> {
    const { dumpDir: dir } = this.#options;
    if (snapshot?.isFailed) await snapshot.drop('it failed before');
    try {
      return await writeDump(dump, { dir });
    } catch (error) {
      if (!snapshot || snapshot.isFailed) throw error;
      await snapshot.drop('there is no room for it');
      return await writeDump(dump, { dir });
    }
  }

  #isWanted({ reason }: Ending): boolean {
    const { dump } = this.#options;
    if (dump === 'never') return false;
    return toStatus(reason) === 'killed' || (reason === 'failed' && dump === 'always');
  }

  #tell({ live, owner }: Dumped, path: string, dump: CrashDump): void {
    const { place, reason } = dump;
    this.#feed.tell({
      type: 'dump',
      runId: live.id,
      macro: live.macro,
      owner,
      reason: reason as EndReason,
      path,
      bytes: statSync(path, { throwIfNoEntry: false })?.size ?? 0,
      fingerprint: toFingerprint(dump).id,
      place: place ? `${place.file}:${place.line}` : '',
    });
  }
}
