// Owns what watching a command costs: the shipped patterns over a million events, of one run and of a thousand.

import { toMacroFacts } from '../src/analysis/macro-facts.ts';
import { loadPatterns } from '../src/policy/patterns.ts';
import { Watcher } from '../src/policy/watch/watcher.ts';
import { percentile } from './measure.ts';
import type { Section } from './section.ts';

const EVENTS = 1_000_000;
const ROUNDS = 3;
const NAMES = ['chat.say', 'combat.strike', 'movement.step', 'inventory.swap', 'lamp.blink'];
const COMMANDS = NAMES.map((name) => ({
  name,
  category: name.split('.')[0] ?? '',
  privileged: false,
}));

/** Cost of an event, and memory of what is remembered. */
export async function benchWatch(): Promise<Section> {
  const patterns = loadPatterns([], { toFacts: toMacroFacts }).map(({ pattern }) => pattern);
  const rows = [1, 1000].map((runs) => {
    const rounds = Array.from({ length: ROUNDS }, () => round(patterns, runs));
    const median = (of: (each: { ns: number; kb: number }) => number) =>
      percentile(
        rounds.map(of).sort((a, b) => a - b),
        0.5,
      );
    return [
      `${runs.toLocaleString('en')} ${runs === 1 ? 'run' : 'runs, each of a macro of its own'}`,
      median(({ ns }) => ns).toFixed(0),
      median(({ kb }) => kb).toFixed(1),
    ];
  });
  return {
    title: 'Watch: a million commands against the shipped patterns',
    note: `CPU time, median of ${ROUNDS} rounds. Five commands in turns, some ms apart; each is looked up, judged and counted by run, by name and by text. Memory: heap and buffers after the round, over what there was before.`,
    columns: ['what', 'ns an event', 'KB a run'],
    rows,
  };
}

function round(patterns: ConstructorParameters<typeof Watcher>[0], runs: number) {
  const before = held();
  const watcher = new Watcher(patterns);
  const watches = Array.from({ length: runs }, (_, n) =>
    watcher.watch({ owner: 'bench', name: `macro ${n}`, digest: `text ${n}` }),
  );
  const from = process.cpuUsage();
  for (let n = 0; n < EVENTS; n++) {
    const command = COMMANDS[n % COMMANDS.length] as (typeof COMMANDS)[number];
    const { run } = watches[n % runs] as (typeof watches)[number];
    // Each run gives one every 60 ms: near what is allowed, seldom above it.
    const time = (n * 60) / runs;
    const moment = { time, at: time, line: 7 };
    run.isMinuteFull(time, 12_000);
    run.look(command, moment);
    run.count(command, moment);
  }
  const { user, system } = process.cpuUsage(from);
  const ns = ((user + system) * 1000) / EVENTS;
  const kb = Math.max(0, held() - before) / 1024 / runs;
  for (const watch of watches) watch[Symbol.dispose]();
  return { ns, kb };
}

/** Bytes of heap and buffers; after a collection where Node lets us ask for one. */
function held(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
