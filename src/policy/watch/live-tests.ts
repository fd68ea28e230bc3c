// Owns the live tests that a pattern brings along: it is watched while something is done, and must match so often.

import type { Pattern } from '../../model/pattern.ts';
import type { LiveTest } from '../../model/pattern-match.ts';
import type { RunWatch } from './run-watch.ts';
import { Watcher } from './watcher.ts';

/** Of samples in a test (ms). */
const SAMPLE_MS = 100;
const MB = 1024 * 1024;

/** How often a pattern matches what a live test does. */
export function hitsOf(pattern: Pattern, test: LiveTest): number {
  using watching = new Watcher([pattern]).watch({ owner: 'test', name: 'test', digest: 'test' });
  const { run } = watching;
  const nested =
    test.depth === undefined
      ? []
      : run.nested({ depth: test.depth, path: ['test'], of: 'macros', line: null }, 0);
  return commandHits(run, pattern, test) + sampleHits(run, test) + nested.length;
}

function commandHits(run: RunWatch, { match }: Pattern, { command, ...test }: LiveTest): number {
  if (command === undefined) return 0;
  const [category = ''] = command.split('.');
  const privileged = match.command?.privileged ?? false;
  let hits = 0;
  for (let n = 0; n < (test.count ?? 0); n++) {
    const time = n * (test.everyMs ?? 0);
    const moment = { time, at: time, line: null };
    hits += run.look({ name: command, category, privileged }, moment).length;
    run.count({ name: command, category, privileged }, moment);
  }
  return hits;
}

function sampleHits(
  run: RunWatch,
  { heapPerSecond = 0, cpuShare = 0, forMs = 0 }: LiveTest,
): number {
  let hits = 0;
  for (let at = 0; at <= forMs; at += SAMPLE_MS) {
    const heapBytes = 4 * MB + (heapPerSecond * at) / 1000;
    const reading = { at, realm: 0, heapBytes, collected: true, cpuMs: at * cpuShare };
    hits += forMs > 0 ? run.sample(reading).hits.length : 0;
  }
  return hits;
}
