// Owns why a macro gave too many commands or wrote too much: which, how fast, from which lines, and in which loop.

import { loopAt } from '../analysis/loops/loop-at.ts';
import { counted, type Diagnosis, named, percent, type Scene } from './scene.ts';

const SHOWN = 3;
const FAST_PER_SECOND = 20;
const LINE_MIN = 3;

/** What is known of a run that gave too many commands. */
export function whyCommands(scene: Scene): Diagnosis[] {
  const { commands, statistics } = scene.dump;
  const names = Object.entries(statistics.commandsByName).sort((a, b) => b[1] - a[1]);
  if (names.length === 0) return [];
  const answered = names.reduce((sum, [, count]) => sum + count, 0);
  const parts = names.slice(0, SHOWN).map(([name, count]) => `${counted(count)} × ${named(name)}`);
  const found = [`of ${counted(answered)} answered commands ${parts.join(', ')}`];
  const first = commands[0];
  const last = commands.at(-1);
  const seconds = ((last?.at ?? 0) - (first?.at ?? 0)) / 1000;
  const perSecond = seconds > 0 ? (commands.length - 1) / seconds : 0;
  if (perSecond >= FAST_PER_SECOND)
    found.push(`the last ${commands.length} came at ${counted(perSecond)} a second`);
  return [...found.map(fact), ...fromLine(scene)];
}

/** The line most of the remembered commands come from, and the loop around it. */
function fromLine({ dump, text }: Scene): Diagnosis[] {
  const lines = dump.commands.flatMap(({ line }) => (line === null ? [] : [line]));
  const counts = [...Map.groupBy(lines, (line) => line)].sort((a, b) => b[1].length - a[1].length);
  const [line, given] = counts[0] ?? [];
  if (line === undefined || !given || given.length < LINE_MIN) return [];
  const start = text?.lines.starts[line - 1];
  const indent = /^\s*/.exec(dump.source.slice(start))?.[0].length ?? 0;
  const loop = text && start !== undefined ? loopAt(start + indent, text) : null;
  const where = `${percent(given.length / lines.length)} of the last ${lines.length} were given at line ${line}`;
  if (!loop) return [fact(where)];
  const judged = dump.report.loops.find((each) => each.line === loop.line);
  const endless = judged?.verdict === 'infinite' ? ', which never ends' : '';
  return [
    {
      text: `${where}, in the loop of line ${loop.line}${endless}`,
      certain: true,
      advice: `Give the loop at line ${loop.line} an end, or pause in it: \`await sleep(…)\` beside line ${line}.`,
    },
  ];
}

/** What is known of a run that wrote too much. */
export function whyOutput({ dump: { statistics, logs, place } }: Scene): Diagnosis[] {
  const { logLines, outputBytes } = statistics;
  if (logLines === 0) return [fact('its result alone was longer than it may write')];
  const perLine = outputBytes / logLines;
  const same = logs.length > 1 && new Set(logs.map(({ text }) => text)).size === 1;
  const what = `it wrote ${counted(logLines)} log lines of ${counted(perLine)} characters on average`;
  const where = place ? `, the last at line ${place.line}` : '';
  return [fact(`${what}${where}${same ? '; the last of them were all the same' : ''}`)];
}

function fact(text: string): Diagnosis {
  return { text, certain: true, advice: null };
}
