// Owns building what the supervisor's parts are handed, from a source and a few wishes.

import { analyse } from '../../../src/analysis/analyse.ts';
import type { Planted } from '../../../src/analysis/beacons.ts';
import { parseSlash } from '../../../src/hosts/slash.ts';
import type { Command } from '../../../src/model/command.ts';
import { GUARD_TABLE, toGuard } from '../../../src/model/guard.ts';
import { type LimitValues, mergeLimits } from '../../../src/model/limits.ts';
import { CommandDesk, CommandTally } from '../../../src/supervisor/command-desk.ts';
import { EMPTY_LIBRARY } from '../../../src/supervisor/library.ts';
import { plantFor, type RealmPlan } from '../../../src/supervisor/realm-plan.ts';
import { RunGate } from '../../../src/supervisor/run-gate.ts';
import type { RunSetting } from '../../../src/supervisor/setting.ts';
import { StateStore } from '../../../src/supervisor/state-store.ts';

/** What differs from test to test. */
export interface Wishes {
  readonly file?: string;
  readonly planted?: Partial<Planted>;
  readonly commands?: readonly Command[];
  readonly limits?: Partial<LimitValues>;
  readonly runId?: string;
}

/** A run's setting and its macro's plan, as the supervisor builds them. */
export function planned(
  source: string,
  wishes: Wishes = {},
): { setting: RunSetting; plan: RealmPlan } {
  const { file = 'macro.js', commands = [], runId = 'run-1' } = wishes;
  const analysis = analyse(source, { file, language: 'js' });
  const { limits } = mergeLimits({ base: GUARD_TABLE.medium.limits, host: wishes.limits });
  const { signal } = new AbortController();
  const gate = new RunGate(signal);
  const deskOptions = {
    runId,
    privileged: new Set<string>(),
    parseSlash,
    signal,
    gate,
    permit: null,
    tally: new CommandTally(),
  };
  const plan: RealmPlan = {
    number: 0,
    macro: 'macro',
    analysis,
    planted: { ...plantFor(analysis), ...wishes.planted },
    limits,
    heapWarnBytes: GUARD_TABLE.medium.heapWarnBytes,
    seed: 1,
    input: {},
    desk: new CommandDesk({ ...deskOptions, macro: 'macro', commands, grants: null }),
    path: ['macro'],
    calledFrom: null,
  };
  const setting: RunSetting = {
    runId,
    guard: toGuard('medium'),
    lint: true,
    limits,
    shares: false,
    deskOptions,
    commands,
    state: new StateStore(null).of('local'),
    library: EMPTY_LIBRARY,
    whyHeld: () => null,
    signal,
    gate,
    watched: null,
    snapshot: null,
    recorded: null,
    clockMs: null,
    debugDoor: null,
    realms: new Map([[0, plan]]),
  };
  return { setting, plan };
}
