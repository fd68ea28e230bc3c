// `npm run accuracy`: how well lint judges, as tables; `--write` keeps them in docs/accuracy.md.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from '../../src/analysis/analyse.ts';
import { judgeRegex } from '../../src/analysis/regex/judge-regex.ts';
import { RULES } from '../../src/analysis/rules/rules.ts';
import { createTrainingGround } from '../../src/corral.ts';
import type { Report } from '../../src/model/report.ts';
import { ROOT } from '../support/cli.ts';
import { attacks, seriousFindings } from './attacks.ts';
import { FINE, SLOW } from './expressions.ts';
import { generated, handWritten, score } from './loops.ts';
import { goodMacros, ordinaryFiles } from './ordinary.ts';
import { parserTests } from './parser-tests.ts';

const RANDOM = 2_000;
const share = (part: number, whole: number) => (whole === 0 ? '–' : (part / whole).toFixed(3));

function table(
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

async function loops(): Promise<string> {
  const rows: (string | number)[][] = [];
  for (const [name, programs] of [
    ['by hand', handWritten()],
    ['at random', generated(RANDOM, 11)],
  ] as const) {
    for (const evaluates of [true, false]) {
      const s = await score(programs, evaluates);
      rows.push([
        `${name}${evaluates ? '' : ', text alone'}`,
        s.programs,
        s.endless,
        share(s.found, s.found + s.wrong.length),
        share(s.found, s.endless),
        s.falseEnds.length,
        s.lowBounds.length,
        share(s.bounded, s.loops),
        share(s.exact, s.bounded),
      ]);
    }
  }
  const columns =
    'programs,how many,endless,precision of `infinite`,recall,`terminates` wrongly,bounds too low,loops with a bound,of those exact';
  return table(columns.split(','), rows);
}

function regexes(): string {
  const found = SLOW.filter((source) => judgeRegex(source, '').kind === 'slow').length;
  const wrong = FINE.filter((source) => judgeRegex(source, '').kind === 'slow').length;
  return table(
    ['slow ones', 'fine ones', 'precision', 'recall'],
    [[SLOW.length, FINE.length, share(found, found + wrong), share(found, SLOW.length)]],
  );
}

const { commands } = createTrainingGround({ seed: 1 });

function reportsOf(files: readonly { readonly file: string; readonly source: string }[]): Report[] {
  return files.flatMap(({ file, source }) => {
    const { report, ast } = analyse(source, { file, language: 'js', commands });
    return ast ? [report] : [];
  });
}

const ordinaryReports = reportsOf(ordinaryFiles());
const macroReports = reportsOf(goodMacros());

/** How many files a rule has warned of. */
function warnedOf(rule: string, reports: readonly Report[]): number {
  return reports.filter(({ findings }) =>
    findings.some((finding) => finding.rule === rule && finding.level !== 'info'),
  ).length;
}

function byRule(): string {
  return table(
    ['rule', `ordinary files, of ${ordinaryReports.length}`, `macros, of ${macroReports.length}`],
    RULES.map(({ id }) => [id, warnedOf(id, ordinaryReports), warnedOf(id, macroReports)]),
  );
}

/** Puts the figures into each rule's page. */
function writePages(): void {
  for (const { id } of RULES) {
    const path = join(ROOT, 'docs', 'rules', `${id}.md`);
    const [files, macros] = [ordinaryReports.length, macroReports.length];
    const line = `False positives: warned of, rightly or not, are ${warnedOf(id, ordinaryReports)} of ${files} ordinary files and ${warnedOf(id, macroReports)} of ${macros} good macros ([accuracy.md](../accuracy.md)).`;
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^False positives:.*$/m, line));
  }
}

function ordinary(): string {
  const reports = ordinaryReports;
  const has = (levels: readonly string[]) =>
    reports.filter(({ findings }) => findings.some(({ level }) => levels.includes(level))).length;
  const infinite = reports.filter((report) =>
    report.loops.some(({ verdict }) => verdict === 'infinite'),
  ).length;
  return table(
    ['files', 'an `infinite` loop', 'refused', 'any warning or error'],
    [
      [
        reports.length,
        infinite,
        has(['error']),
        `${has(['error', 'warning'])} (${((100 * has(['error', 'warning'])) / reports.length).toFixed(1)} %)`,
      ],
    ],
  );
}

function attackTable(): string {
  const programs = attacks();
  const missed = programs.filter((source) => seriousFindings(source).length === 0);
  const list = missed.map((source) => `- \`${source}\``).join('\n');
  return `${table(['programs', 'warned of', 'recall'], [[programs.length, programs.length - missed.length, share(programs.length - missed.length, programs.length)]])}\n\nMissed:\n\n${list}`;
}

function parsers(): string {
  return table(
    ['kind', 'texts', 'told as no macro'],
    (['pass', 'pass-explicit', 'fail', 'early'] as const).map((kind) => {
      const all = parserTests(kind);
      return [kind, all.length, all.filter(({ fault }) => fault).length];
    }),
  );
}

const page = `# Accuracy

\`npm run accuracy -- --write\` made this page. Its tests (\`test/accuracy/\`) hold the goals on every change.

## Loops

Programs that ask nothing of anybody, labelled by running them with a counter in every loop. A program counts as found when lint says \`infinite\` of one of its loops. *Text alone* is without the evaluator (\`evaluates: false\`). Goals: precision .99, recall .95, never \`terminates\` or a bound wrongly.

${await loops()}

Those made at random are harsher than what people write: conditions of several variables, remainders, bit operations. What text alone gets wrong is loops that are never come by, and only those.

## Ordinary code

The scripts of the packages installed here. Goals: at most 0.5 % \`infinite\` or refused, at most 5 % any warning.

${ordinary()}

Warnings and errors by rule, in those and in the good macros of \`macros/\`:

${byRule()}

## Attack programs

Goal: recall .95, warnings counted.

${attackTable()}

## Regular expressions

Each held against recheck. Goals: recall .9 at precision .95.

${regexes()}

## Parser tests

test262's. Of those that must parse, told are imports, modules without a macro, and \`-->\` in a first line, which no macro may have; of those that must not, not told are those that may stand in an async function.

${parsers()}

## Commands

Every macro of \`macros/\` is run on the training ground, and what it gives lies within what lint says: in all, by category, and in any window of 1 s and 5 s (\`test/accuracy/commands.test.ts\`).
`;
process.stdout.write(page);
if (process.argv.includes('--write')) {
  writeFileSync(join(ROOT, 'docs', 'accuracy.md'), page);
  writePages();
}
