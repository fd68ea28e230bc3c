// Owns how fast lint is: beside the parser alone, beside ESLint, over the size of a text, and from the shell.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parse } from 'acorn';
import { Linter } from 'eslint';
import { analyse } from '../src/analysis/analyse.ts';
import { corpus, oneText } from './corpus.ts';
import { alternate, percentile, type Timing } from './measure.ts';
import type { Section } from './section.ts';

const CORPUS_CHARS = 4_200_000;
const ROUNDS = 7;
const LOOP_RULES = {
  'for-direction': 'error',
  'no-await-in-loop': 'error',
  'no-constant-condition': 'error',
  'no-loop-func': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-unreachable-loop': 'error',
} as const;

const median = ({ timesMs }: Timing) => percentile(timesMs, 0.5);

function lint(text: string, judgesRegexes = true): void {
  analyse(text, { file: 'bench.js', language: 'js', judgesRegexes });
}

function parseAlone(text: string): void {
  const options = {
    ecmaVersion: 2025,
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
  } as const;
  try {
    parse(text, { ...options, sourceType: 'script' });
  } catch {
    parse(text, { ...options, sourceType: 'module' });
  }
}

/** Lint beside acorn alone and ESLint with its loop rules. */
export async function benchLint(): Promise<Section> {
  const texts = corpus(CORPUS_CHARS);
  const chars = texts.reduce((sum, { length }) => sum + length, 0);
  const linter = new Linter();
  const timings = await alternate(
    [
      { name: 'acorn.parse alone', run: () => texts.forEach(parseAlone) },
      {
        name: 'Corral without its second tier for regexes',
        run: () => {
          for (const text of texts) lint(text, false);
        },
      },
      {
        name: 'Corral: parse and lint',
        run: () => {
          for (const text of texts) lint(text);
        },
      },
      {
        name: 'ESLint, its six loop rules',
        run: () => {
          for (const text of texts) linter.verify(text, { rules: LOOP_RULES });
        },
      },
    ],
    { rounds: ROUNDS, warmup: 1, pauseMs: 0 },
  );
  const base = median(timings[0] as Timing);
  return {
    title: 'Lint: parse and every rule',
    note: `${texts.length} files, ${(chars / 1e6).toFixed(1)} MB; median of ${ROUNDS} rounds in turns. Goal without the second tier: at most 1.7 × acorn, at least 10 × faster than ESLint.`,
    columns: ['contender', 'ms', '× acorn', 'MB/s'],
    rows: timings.map((timing) => [
      timing.name,
      median(timing).toFixed(0),
      (median(timing) / base).toFixed(2),
      (chars / 1e3 / median(timing)).toFixed(1),
    ]),
  };
}

/** Lint over the size of one text, and texts made to be hard. */
export async function benchLintSizes(): Promise<Section> {
  const sizes = [0.3, 0.6, 1.2, 2.5, 5].map((mb) => ({
    name: `${mb} MB of functions`,
    text: oneText(mb * 1e6),
  }));
  const hard = [
    { name: '10,000 deep: blocks', text: `${'{'.repeat(10_000)}${'}'.repeat(10_000)}` },
    { name: '10,000 deep: brackets', text: `x = ${'['.repeat(10_000)}${']'.repeat(10_000)}` },
    { name: '100,000 loops', text: 'for (let i = 0; i < 9; i++) { f(i); }\n'.repeat(100_000) },
    { name: '100,000 endless loops', text: 'while (true) { a++; }\n'.repeat(100_000) },
    { name: '700 loops in each other, 50 times', text: nested(700).repeat(50) },
    { name: 'one array of 5 MB', text: `const a = [${'12345, '.repeat(714_000)}];` },
    { name: '100,000 functions, each calls the next', text: chain(100_000) },
    { name: '50,000 regexes', text: regexes(50_000) },
    { name: '1 MB on one line, minified', text: minified(1e6) },
  ];
  const rows: string[][] = [];
  for (const { name, text } of [...sizes, ...hard]) {
    const [timing] = await alternate([{ name, run: () => lint(text) }], {
      rounds: 3,
      warmup: 1,
      pauseMs: 0,
    });
    const ms = median(timing as Timing);
    rows.push([
      name,
      (text.length / 1e6).toFixed(2),
      ms.toFixed(0),
      (ms / (text.length / 1e6)).toFixed(0),
    ]);
  }
  return {
    title: 'Lint: over the size of a text',
    note: 'Median of 3. Linear is: as many ms for each MB, however many MB.',
    columns: ['text', 'MB', 'ms', 'ms per MB'],
    rows,
  };
}

function nested(depth: number): string {
  return `${'while (a) { '.repeat(depth)}a();${' }'.repeat(depth)}\n`;
}

function chain(length: number): string {
  const parts = Array.from({ length }, (_, at) => `function f${at}() { return f${at + 1}(); }`);
  return parts.join('\n');
}

/** What a minifier leaves of many functions: one line, short names. */
function minified(chars: number): string {
  const one = (at: number) =>
    `function f${at}(a,b){for(var i=0,c=a.length;i<c;i++)if(a[i]>b)b=a[i]-1;else{a[i]+=b;continue}return b?f${at + 1}(a.slice(1),b-1):{x:a,y:[b,c]}}`;
  const parts: string[] = [];
  for (let at = 0, total = 0; total < chars; at++) {
    parts.push(one(at));
    total += one(at).length;
  }
  return parts.join('');
}

/** No two alike, and none that a glance clears. */
function regexes(count: number): string {
  const parts = Array.from({ length: count }, (_, at) => `/^(?:a${at}|b+)*c$/.test(x);`);
  return parts.join('\n');
}

/** The first lint of one small macro, from the shell. */
export async function benchLintShell(): Promise<Section> {
  const root = join(import.meta.dirname, '..');
  const node = (...args: string[]) => ({
    name: args.at(-1) ?? '',
    run: () => {
      spawnSync(process.execPath, args, { cwd: root, stdio: 'ignore' });
    },
  });
  const timings = await alternate(
    [
      node('-e', '0'),
      node('bin/corral.js', '--version'),
      node('bin/corral.js', 'lint', '--help'),
      node('bin/corral.js', 'lint', 'macros/patrol.js'),
    ],
    { rounds: 15, warmup: 2, pauseMs: 0 },
  );
  const names = [
    'node -e 0',
    'corral --version: Node and the command line',
    'corral lint --help: and every module that lint needs',
    'corral lint macros/patrol.js',
  ];
  return {
    title: 'Lint: one small macro from the shell',
    note: 'Median of 15 in turns. Goal: at most 1.5 × of Node and module loading.',
    columns: ['command', 'ms'],
    rows: timings.map((timing, index) => [names[index] ?? '', median(timing).toFixed(0)]),
  };
}
