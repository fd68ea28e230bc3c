// Owns the rules about the text as such: its syntax, its header, its imports.

import { NO_IMPORT } from '../parse.ts';
import type { Rule } from './rule.ts';

const syntaxError: Rule = {
  id: 'syntax-error',
  summary: 'The text is no JavaScript that can run.',
  check: ({ parsed }) => {
    const { problem } = parsed;
    if (!problem || problem.message === NO_IMPORT) return [];
    return [{ level: 'error', ...problem }];
  },
};

const noImport: Rule = {
  id: 'no-import',
  summary: 'A macro cannot import anything.',
  check: ({ parsed, facts }) => {
    const { problem } = parsed;
    if (problem?.message === NO_IMPORT) return [{ level: 'error', ...problem }];
    return (facts?.imports ?? []).map(({ node: { start, end } }) => ({
      level: 'error',
      message: NO_IMPORT,
      start,
      end,
    }));
  },
};

const header: Rule = {
  id: 'header',
  summary: 'A line of the header is not understood.',
  check: ({ header: { problems }, lines }) =>
    problems.map(({ level, message, line, column, endColumn }) => {
      const from = lines.starts[line - 1] ?? 0;
      return { level, message, start: from + column - 1, end: from + endColumn - 1 };
    }),
};

/** The rules of this file. */
export const TEXT_RULES: readonly Rule[] = [syntaxError, noImport, header];
