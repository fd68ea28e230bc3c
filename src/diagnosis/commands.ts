// Owns why a macro gave too many commands or wrote too much: which, how fast, from which lines, and in which loop.

import { loopAt } from '../analysis/loops/loop-at.ts';
import { cameBack } from '../model/came-back.ts';
import { failuresOf } from './failures.ts';
import { whatLintSays } from './linted.ts';
import { returnedAt } from './returns.ts';
import { counted, type Diagnosis, fact, named, percent, type Scene } from './scene.ts';

const SHOWN = 3;
const FAST_PER_SECOND = 20;
const LINE_MIN = 3;

/** What of the text explains that commands came too fast. */
const FAST_RULES = new Set(['command-rate', 'unawaited-command']);

/** What is known of a run that gave too many commands. */
export function whyCommands(scene: Scene): Diagnosis[] {
  const { commands, statistics } = scene.dump;
  const names = Object.entries(statistics.commandsByName).sort((a, b) => b[1] - a[1]);
  const back = cameBack(scene.dump);
  const { failed, said } = failuresOf(scene);
  const parts = names.slice(0, SHOWN).map(([name, count]) => `${counted(count)} × ${named(name)}`);
  const found = [
    `of ${counted(statistics.commands)} commands ${counted(back)} ${howBack(back, failed)}${back > 0 ? `: ${parts.join(', ')}` : ''}`,
  ];
  const first = commands[0];
  const last = commands.at(-1);
  const seconds = ((last?.at ?? 0) - (first?.at ?? 0)) / 1000;
  const perSecond = seconds > 0 ? (commands.length - 1) / seconds : 0;
  // Few that came back say nothing of how fast all the others were given.
  const open = statistics.commands - back;
  if (perSecond >= FAST_PER_SECOND && open < commands.length)
    found.push(`the last ${commands.length} came at ${counted(perSecond)} a second`);
  return [
    ...said,
    ...found.map((text) => fact(text)),
    ...fromLine(scene),
    ...whatLintSays(scene, FAST_RULES),
  ];
}

/** An error is no answer; where nobody knows how many were errors, they came back. */
function howBack(back: number, failed: number | null): string {
  if (failed === 0) return 'were answered';
  if (failed === null) return 'came back';
  return failed === back ? 'came back, all as errors' : `came back, ${counted(failed)} as errors`;
}

/** The line most of the remembered commands come from, and the loop around it. */
function fromLine({ dump, source, text, report }: Scene): Diagnosis[] {
  const lines = dump.commands.flatMap(({ line }) => (line === null ? [] : [line]));
  const counts = [...Map.groupBy(lines, (line) => line)].sort((a, b) => b[1].length - a[1].length);
  const [line, given] = counts[0] ?? [];
  if (line === undefined || !given || given.length < LINE_MIN) return [];
  const start = text?.lines.starts[line - 1];
  const indent = /^\s*/.exec(source.slice(start))?.[0].length ?? 0;
  const loop = text && start !== undefined ? loopAt(start + indent, text) : null;
  const where = `${percent(given.length / lines.length)} of the last ${lines.length} that came back were given at line ${line}`;
  if (!loop)
    return [inRound(where, line, start === undefined ? null : start + indent, { report, text })];
  const judged = report?.loops.find((each) => each.line === loop.line);
  const isEndless = judged?.verdict === 'infinite';
  return [
    fact(
      `${where}, in the loop of line ${loop.line}${isEndless ? ', which never ends' : ''}`,
      isEndless
        ? `Give the loop at line ${loop.line} an end, or pause in it: \`await sleep(…)\` beside line ${line}.`
        : `Give fewer commands in the loop at line ${loop.line}, or let it end sooner; \`budget().commands\` says how many are left.`,
    ),
  ];
}

/** Without a loop it may be calls that go round which give the commands. */
function inRound(
  where: string,
  line: number,
  offset: number | null,
  { report, text }: Pick<Scene, 'report' | 'text'>,
): Diagnosis {
  const around = text?.facts.functions.filter(
    ({ node }) => node && offset !== null && node.start <= offset && offset < node.end,
  );
  const circle = report?.recursion.find(({ functions }) =>
    around?.some(({ name }) => functions.includes(name)),
  );
  if (!circle) return fact(where);
  const names = circle.functions.map((each) => named(each)).join(' and ');
  const calls = circle.functions.length > 1 ? 'call each other' : 'calls itself';
  return fact(
    `${where}; there is no loop around it, but ${names} ${calls}`,
    `Give ${names} an end; or let each call \`await sleep(ms)\` before line ${line}, and better, make it a loop: calls that await each other are all kept.`,
  );
}

/** What is known of a run that wrote too much. */
export function whyOutput(scene: Scene): Diagnosis[] {
  const { logLines, outputBytes } = scene.dump.statistics;
  const { logs, place, message } = scene.dump;
  if (logLines === 0 || message.startsWith('its result'))
    return [
      fact(
        `its result alone was longer than what was left to write${returnedAt(scene)}`,
        'Return what is needed, not everything that was gathered. `budget().outputBytes` says what is left.',
      ),
    ];
  const perLine = outputBytes / logLines;
  const same = logs.length > 1 && new Set(logs.map(({ text }) => text)).size === 1;
  const what = `it wrote ${counted(logLines)} log lines of ${counted(perLine)} characters on average`;
  const where = place ? `, the last at line ${place.line}` : '';
  return [
    fact(
      `${what}${where}${same ? '; the last of them were all the same' : ''}`,
      'Log less: not every turn of a loop, and a figure instead of a whole object.',
    ),
  ];
}
