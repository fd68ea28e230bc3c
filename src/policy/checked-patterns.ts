// Owns the built-in patterns as they are once checked, in patterns/checked.json: to read and check their YAML anew takes a
// tenth of a second of every start. A file that was changed since is read as ever.
// node src/policy/checked-patterns.ts > patterns/checked.json

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pattern } from '../model/pattern.ts';
import { type PatternFile, parsePatternFile } from './pattern-file.ts';

/** The folder of the patterns that come with Corral. */
export const BUILT_IN_PATTERNS = join(import.meta.dirname, '..', '..', 'patterns');

type Checked = Readonly<Record<string, Pattern>>;

let checked: Checked | null = null;

/** What {@link parsePatternFile} makes of a built-in pattern file, if its text was checked before; else null. */
export function checkedBefore(text: string, file: string): PatternFile | null {
  checked ??= readChecked();
  const pattern = checked[keyOf(text)];
  if (!pattern) return null;
  const lineOf: PatternFile['lineOf'] = (path) => {
    const parsed = parsePatternFile(text, file);
    return 'read' in parsed ? parsed.read.lineOf(path) : 1;
  };
  return { file, pattern, lineOf };
}

/** The built-in patterns by what their files hold. */
export function checkBuiltInPatterns(): Checked {
  const names = readdirSync(BUILT_IN_PATTERNS).filter((name) => name.endsWith('.yaml'));
  const entries = names.sort().map((name) => {
    const text = readFileSync(join(BUILT_IN_PATTERNS, name), 'utf8');
    const parsed = parsePatternFile(text, name);
    if ('problems' in parsed) throw new Error(`${name}: ${parsed.problems[0]?.message}`);
    return [keyOf(text), parsed.read.pattern] as const;
  });
  return Object.fromEntries(entries);
}

function readChecked(): Checked {
  try {
    return JSON.parse(readFileSync(join(BUILT_IN_PATTERNS, 'checked.json'), 'utf8'));
  } catch {
    // Without it all is as before, only slower.
    return {};
  }
}

function keyOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(checkBuiltInPatterns(), null, 2)}\n`);
