// Owns a macro in an isolate of this very process, for programs that look at one without a worker around it.

import { MacroIsolate } from '../../../src/sandbox/isolate.ts';
import { Realm } from '../../../src/sandbox/realm.ts';

const MB = 1024 * 1024;

/** Not started yet. The process needs `--no-node-snapshot`. @param done it has ended by itself, or was ended */
export function realmOf(name: string, code: string, done: () => void): Realm {
  const isolate = new MacroIsolate(32 * MB, () => process.exit(1));
  const never = () => undefined;
  const start = {
    run: name,
    realm: 0,
    file: 'macro.js',
    code,
    keepingEntries: null,
    recurses: false,
    graceCpuMs: 150,
    form: 'body' as const,
    heapBytes: 32 * MB,
    heapWarnBytes: 32 * MB,
    cpuMs: 10_000,
    burstMs: 10_000,
    idleMs: 10_000,
    outputBytes: 1_000,
    commands: 0,
    wallMs: 10_000,
    seed: 1,
    input: 'null',
    clockMs: null,
    catalogue: {},
    debugged: null,
  };
  return new Realm(start, isolate, {
    ask: never,
    log: never,
    limit: never,
    aborted: never,
    busy: never,
    idle: never,
    profile: never,
    now: () => performance.now(),
    budget: () => '{}',
    done,
  });
}
