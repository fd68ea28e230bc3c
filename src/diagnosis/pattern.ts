// Owns why a pattern stopped a macro: what it counted, how close together and from which lines, and what else is known.

import type { CrashDump } from '../model/dump.ts';
import { formatDuration } from '../model/limits.ts';
import { whyCommands } from './commands.ts';
import { whyCpu } from './cpu.ts';
import { whyMemory } from './memory.ts';
import { counted, type Diagnosis, named, percent, type Scene } from './scene.ts';

type Intervention = NonNullable<CrashDump['interventions']>[number];

const LINES_SHOWN = 3;

/** What is known of a run that a pattern stopped, its author's advice first of all. */
export function whyPattern(scene: Scene): Diagnosis[] {
  const last = scene.dump.interventions?.at(-1);
  if (!last) return whyCommands(scene);
  const own = { certain: true, advice: last.advice };
  switch (last.what) {
    case 'commands':
      return [{ text: commandsText(last), ...own }, ...whyCommands(scene)];
    case 'heap-growth':
      return [{ text: heapText(last), ...own }, ...whyMemory(scene)];
    case 'cpu-share': {
      const text = `of one processor it used ${percent(last.measured)} over ${formatDuration(last.windowMs ?? 0)}`;
      return [{ text, ...own }, ...whyCpu(scene)];
    }
    default:
      return [{ text: depthText(last), ...own }];
  }
}

function commandsText({ occurrences, measured, allowed, windowMs, scope }: Intervention): string {
  const first = occurrences[0];
  const last = occurrences.at(-1);
  const whose = scope === 'macro' ? 'all runs of this macro together' : 'it';
  const much = `${whose} gave ${counted(measured)} commands in ${formatDuration(windowMs ?? 0)}, where ${counted(allowed)} are allowed`;
  if (!first || !last || occurrences.length < 2) return much;
  const lines = [...Map.groupBy(occurrences, ({ line }) => line)]
    .filter(([line]) => line !== null)
    .sort((a, b) => b[1].length - a[1].length)
    .slice(0, LINES_SHOWN)
    .map(([line, given]) => `${given.length} × ${named(given[0]?.name ?? '')} at line ${line}`);
  const from = lines.length > 0 ? `: ${lines.join(', ')}` : '';
  return `${much}; the last ${occurrences.length} within ${formatDuration(last.at - first.at)}${from}`;
}

function heapText({ occurrences, windowMs }: Intervention): string {
  const heap = (name: string) => name.replace(/^heap /, '');
  const first = occurrences[0];
  const last = occurrences.at(-1);
  if (!first || !last) return 'what it holds grew all along';
  return `from ${heap(first.name)} at ${formatDuration(first.at)} to ${heap(last.name)} at ${formatDuration(last.at)}, garbage left out, and all along the ${formatDuration(windowMs ?? 0)}`;
}

function depthText({ occurrences, measured }: Intervention): string {
  const line = occurrences.at(-1)?.line;
  const where = line == null ? '' : `; the last was at line ${line}`;
  const names = occurrences.map(({ name }) => named(name)).join(', ');
  return `calls stood in each other, ${counted(measured)} deep: ${names}${where}`;
}
