// Owns the rules about the text as such: its syntax, its header, its imports.

import type { AnyNode } from 'acorn';
import { NO_IMPORT } from '../parse.ts';
import { eachChild } from '../tree.ts';
import type { RawFinding, Rule } from './rule.ts';

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
  check: ({ parsed, program }) => {
    const { problem } = parsed;
    if (problem?.message === NO_IMPORT) return [{ level: 'error', ...problem }];
    const found: RawFinding[] = [];
    const visit = (node: AnyNode): void => {
      if (node.type === 'ImportExpression')
        found.push({ level: 'error', message: NO_IMPORT, start: node.start, end: node.end });
      eachChild(node, visit);
    };
    // Most texts have no such word, and need no walk for it.
    if (program && /\bimport\b/.test(parsed.code)) visit(program);
    return found;
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
