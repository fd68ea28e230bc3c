// Owns opening a service: the folder is taken, the history read, the corral made, and what an operator has said holds again.

import { join } from 'node:path';
import { type CorralOptions, createCorral } from '../corral.ts';
import { DEFAULT_OWNER } from '../model/ledger.ts';
import type { Pattern } from '../model/pattern.ts';
import { History } from '../store/history/history.ts';
import { lockForServer } from '../store/history/server-lock.ts';
import { restoreLevel } from './house-keeping.ts';
import { Service } from './service.ts';

/** What a service is opened with. */
export interface ServiceOptions {
  /** Everything it keeps is under this folder, but for what {@link corral} says otherwise. */
  readonly dataDir: string;
  readonly corral: CorralOptions;
  /** The patterns of files. */
  readonly patterns: readonly Pattern[];
  /** Told where changes could not be written, as on a full disk, and how many were lost. */
  readonly onFailed: (error: unknown, lost: number) => void;
}

/**
 * Opens a service, as its last server left it. What that one left under way is taken up by `submissions.recover()`, once
 * whoever is to hear of it listens.
 * @throws {CorralError} `bad-store` for a history that cannot be used, and what `createCorral` throws
 */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { dataDir, patterns, onFailed } = options;
  await using opening = new AsyncDisposableStack();
  const lock = opening.use(lockForServer(dataDir));
  const history = opening.use(new History({ dir: dataDir, onFailed }));
  const dumpDir = options.corral.dumpDir ?? join(dataDir, 'dumps');
  const corral = opening.use(
    createCorral({
      stateDir: join(dataDir, 'state'),
      ledgerDir: join(dataDir, 'ledger'),
      ...options.corral,
      dumpDir,
      emergency: history.house.get('emergency'),
      toRelease,
      // Who does it from this machine owns the folder of the socket, and has no key.
      onSteering: ({ action, runId, by, why }) =>
        history.writes.surely(() =>
          history.audit.add({
            ...{ time: Date.now(), by, owner: 'local', action, target: runId ?? '', detail: why },
          }),
        ),
    }),
  );
  const { commands = [] } = options.corral;
  const { level } = corral;
  const service = new Service({ corral, history, dumpDir, patterns, commands, level, lock });
  restoreLevel(history, corral, level);
  // From here on they are the service's to close.
  opening.move();
  return service;
}

/** By the server itself: a command would let it out of a ledger of whoever gives it. */
function toRelease(name: string, owner: string): string {
  const whose = owner === DEFAULT_OWNER ? '' : `?owner=${encodeURIComponent(owner)}`;
  return `POST /api/macros/${encodeURIComponent(name)}/release${whose} with {"why": "…"}`;
}
