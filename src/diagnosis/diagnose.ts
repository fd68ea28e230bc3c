// Owns saying in words why a run ended as it did: what the text says, joined with what was seen. Facts first, and nothing
// that is not known; what only seems likely is said to be so.

import type { CrashDump } from '../model/dump.ts';
import { whyCommands, whyOutput } from './commands.ts';
import { whyCpu } from './cpu.ts';
import { whyFailed } from './failed.ts';
import { whyEndless } from './loops.ts';
import { whyMemory } from './memory.ts';
import { whyLost, whyStuck } from './operation.ts';
import { whyPattern } from './pattern.ts';
import { type Diagnosis, type Scene, toScene } from './scene.ts';
import { whyIdle, whyLong } from './waiting.ts';

/** The most that is said. */
const SAID_MAX = 5;

const BY_REASON = new Map<string, (scene: Scene) => Diagnosis[]>([
  ['heap-limit', whyMemory],
  ['cpu-limit', whyCpu],
  ['wall-limit', (scene) => [...whyLong(scene), ...whyTurning(scene)]],
  ['idle-limit', whyIdle],
  ['command-limit', whyCommands],
  ['output-limit', whyOutput],
  ['stuck', whyStuck],
  ['worker-lost', whyLost],
  ['failed', whyFailed],
]);

/** What is known of why a run ended, the most telling first; nothing for an end that says it all by itself. */
export function diagnose(dump: CrashDump): Diagnosis[] {
  const why = dump.reason.startsWith('pattern:') ? whyPattern : BY_REASON.get(dump.reason);
  const said = why ? why(toScene(dump)) : [];
  return said.filter(({ text }, at) => !isSaidBefore(text, said.slice(0, at))).slice(0, SAID_MAX);
}

function isSaidBefore(text: string, before: readonly Diagnosis[]): boolean {
  return before.some((each) => each.text.includes(text));
}

/** A run that computed most of its time is told as one that used too much CPU; any other by the loop that kept it. */
function whyTurning(scene: Scene): Diagnosis[] {
  const { durationMs, cpuMs } = scene.dump.statistics;
  return cpuMs > durationMs / 2 ? whyCpu(scene) : whyEndless(scene);
}
