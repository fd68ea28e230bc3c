// Owns the rules about the text as such: its syntax, its header, its imports.

import { NO_IMPORT } from '../text/parse.ts';
import type { Rule } from './rule.ts';

const syntaxError: Rule = {
  id: 'syntax-error',
  summary: 'The text is no JavaScript that can run.',
  why: 'A text that does not parse cannot run at all.',
  check: ({ parsed }) => {
    const { problem } = parsed;
    if (!problem || problem.message === NO_IMPORT) return [];
    return [{ level: 'error', ...problem }];
  },
};

const noImport: Rule = {
  id: 'no-import',
  summary: 'A macro cannot import anything.',
  why: 'A macro runs alone, with what the host gives it: an import has nowhere to load from.',
  check: ({ parsed, facts }) => {
    const { problem } = parsed;
    if (problem?.message === NO_IMPORT) return [{ level: 'error', ...problem }];
    // Such a call may stand where it is never reached; where it is, it fails.
    return (facts?.imports ?? []).map(({ node: { start, end } }) => ({
      level: 'warning',
      message: NO_IMPORT,
      start,
      end,
    }));
  },
};

const header: Rule = {
  id: 'header',
  summary: 'A line of the header is not understood.',
  why: 'What is not understood is ignored: a limit or a grant that was meant is not in force.',
  check: ({ header: { problems }, lines }) =>
    problems.map(({ level, message, line, column, endColumn }) => {
      const from = lines.starts[line - 1] ?? 0;
      return { level, message, start: from + column - 1, end: from + endColumn - 1 };
    }),
};

/** The rules of this file. */
export const TEXT_RULES: readonly Rule[] = [syntaxError, noImport, header];
