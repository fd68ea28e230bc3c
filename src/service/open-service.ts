// Owns opening a service: the folder is taken, the history read, the corral made, and what another server left is taken up.

import { join } from 'node:path';
import { type CorralOptions, createCorral } from '../corral.ts';
import type { Pattern } from '../model/pattern.ts';
import { History } from '../store/history/history.ts';
import { lockForServer } from '../store/history/server-lock.ts';
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

/** A service, and what became of the runs that another server left. */
export interface OpenedService {
  readonly service: Service;
  readonly begun: number;
  readonly lost: number;
}

/**
 * Opens a service.
 * @throws {CorralError} `bad-store` for a history that cannot be used, and what `createCorral` throws
 */
export async function openService(options: ServiceOptions): Promise<OpenedService> {
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
  const service = new Service({ corral, history, dumpDir, patterns, commands, lock });
  const { begun, lost } = await service.submissions.recover();
  // From here on they are the service's to close.
  opening.move();
  return { service, begun, lost };
}
