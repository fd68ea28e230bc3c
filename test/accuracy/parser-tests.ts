// Owns what becomes of test262's parser tests, written for parsers: texts that must parse, and texts that must not.

import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { analyse } from '../../src/analysis/analyse.ts';
import type { Finding } from '../../src/model/report.ts';

const FOLDER = dirname(createRequire(import.meta.url).resolve('test262-parser-tests/package.json'));
/** What analysis says of a text that cannot run as a macro. */
const SYNTAX_RULES = new Set(['syntax-error', 'no-import']);

/** One text, and what is wrong with it as a macro. */
export interface Parsed {
  readonly name: string;
  readonly source: string;
  readonly fault: Finding | null;
}

/** Analyses all texts of one kind. */
export function parserTests(kind: 'pass' | 'pass-explicit' | 'fail' | 'early'): Parsed[] {
  const folder = join(FOLDER, kind);
  return readdirSync(folder).map((name) => {
    const source = readFileSync(join(folder, name), 'utf8');
    const { report } = analyse(source, { file: name, language: 'js' });
    const fault = report.findings.find(({ rule }) => SYNTAX_RULES.has(rule)) ?? null;
    return { name, source, fault };
  });
}
