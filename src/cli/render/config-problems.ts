// Owns how what is wrong with a corral.yaml looks: each problem with its place, and the line with a caret.

import { originText } from '../../config/origin.ts';
import type { ConfigProblem } from '../../config/said.ts';
import { codeFrame } from '../../model/code-frame.ts';
import type { Paint } from '../style.ts';

/** The problems, each with its line. */
export function renderProblems(
  text: string,
  problems: readonly ConfigProblem[],
  paint: Paint,
): string {
  return `${problems.map((problem) => problemLines(text, problem, paint).join('\n')).join('\n')}\n`;
}

function problemLines(text: string, { origin, message }: ConfigProblem, paint: Paint): string[] {
  const head = `${paint('red', '✖')} ${paint('bold', originText(origin))} ${message}`;
  if (origin.by !== 'file' || origin.place === null) return [head];
  const frame = codeFrame(text, origin.place, 0);
  return [
    head,
    ...frame.map((line) => {
      const shown = line.kind === 'caret' ? paint('red', line.text) : line.text;
      return `    ${paint('dim', `${line.gutter} |`)} ${shown}`.trimEnd();
    }),
  ];
}
