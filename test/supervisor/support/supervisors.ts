// Owns a supervisor of real parts for tests that need more than `createCorral` lets in: patterns as objects, a ledger.

import { KEEP_DEFAULT } from '../../../src/dumps/keep-limits.ts';
import { parseSlash } from '../../../src/hosts/slash.ts';
import { type GuardLevel, type GuardOverrides, toGuard } from '../../../src/model/guard.ts';
import { releaseCommand } from '../../../src/model/release-command.ts';
import { toHouse } from '../../../src/model/settings.ts';
import type { SupervisorOptions } from '../../../src/supervisor/options.ts';
import { Supervisor } from '../../../src/supervisor/supervisor.ts';
import { scratchDir } from './scratch.ts';

/** What differs from test to test. */
export interface SupervisorWishes extends Partial<SupervisorOptions> {
  readonly level?: GuardLevel;
  readonly overrides?: GuardOverrides;
}

/** A supervisor; dispose of it with `await using`. */
export function createSupervisor(wishes: SupervisorWishes = {}): Supervisor & AsyncDisposable {
  const { level = 'medium', overrides = {}, ...rest } = wishes;
  const supervisor = new Supervisor({
    toRelease: releaseCommand,
    emergency: null,
    commands: [],
    parseSlash,
    guard: toGuard(level, overrides),
    limits: {},
    privileged: new Set(),
    dump: 'kill',
    dumpDir: scratchDir(),
    dumpKeep: KEEP_DEFAULT,
    snapshotBytes: null,
    stateDir: null,
    house: toHouse(),
    share: true,
    patterns: () => [],
    ledger: null,
    ...rest,
  });
  return Object.assign(supervisor, { [Symbol.asyncDispose]: () => supervisor.close() });
}
