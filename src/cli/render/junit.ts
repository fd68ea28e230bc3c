// Owns findings as JUnit XML, which build servers show as tests: a suite a file, a case a finding.

import type { Finding } from '../../model/report.ts';
import { safeText } from '../../model/safe-text.ts';
import { isFrom, type Linted, type LintResult, type Unread } from '../lint/linted.ts';

interface Suite {
  readonly name: string;
  readonly cases: readonly string[];
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

/**
 * One document.
 * @param maxLevel findings from this level on are failures; those below are passed tests that say something
 */
export function lintJunit({ linted, unread }: LintResult, maxLevel: Finding['level']): string {
  const suites = [...unread.map(unreadSuite), ...linted.map((each) => suiteOf(each, maxLevel))];
  const sum = (count: (suite: Suite) => number) =>
    suites.reduce((total, suite) => total + count(suite), 0);
  const head = attributes({
    name: 'corral lint',
    tests: sum(({ cases }) => cases.length),
    failures: sum(({ failures }) => failures),
    errors: sum(({ errors }) => errors),
    skipped: sum(({ skipped }) => skipped),
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${head}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteLines({ name, cases, failures, errors, skipped }: Suite): string[] {
  const head = attributes({ name, tests: cases.length, failures, errors, skipped });
  return [`  <testsuite${head}>`, ...cases, '  </testsuite>'];
}

function unreadSuite({ file, message }: Unread): Suite {
  const cases = [
    testCase(file, 'readable', `<error${attributes({ message, type: 'unreadable' })}/>`),
  ];
  return { name: file, cases, failures: 0, errors: 1, skipped: 0 };
}

function suiteOf(
  { source: { file }, told, suppressed, guard }: Linted,
  maxLevel: Finding['level'],
): Suite {
  const failed = told.filter(({ level }) => isFrom(level, maxLevel));
  const isRefused = guard?.verdict === 'refuse';
  const cases = [
    ...told.map((finding) => findingCase(file, finding, isFrom(finding.level, maxLevel))),
    ...suppressed.map(({ finding, disable }) =>
      testCase(
        file,
        caseName(finding),
        `<skipped${attributes({ message: disable.reason ?? finding.message })}/>`,
      ),
    ),
    ...(isRefused
      ? [
          testCase(
            file,
            `guard ${guard.level}`,
            `<failure${attributes({ message: guard.why ?? '', type: 'refused' })}/>`,
          ),
        ]
      : []),
  ];
  return {
    name: file,
    cases: cases.length > 0 ? cases : [testCase(file, 'no findings', null)],
    failures: failed.length + (isRefused ? 1 : 0),
    errors: 0,
    skipped: suppressed.length,
  };
}

function findingCase(file: string, finding: Finding, isFailure: boolean): string {
  const { level, rule, message, line, column, advice } = finding;
  const text = xml(
    `${file}:${line}:${column} ${level} ${rule}: ${message}${advice ? ` — ${advice}` : ''}`,
  );
  const body = isFailure
    ? `<failure${attributes({ message, type: `${level} ${rule}` })}>${text}</failure>`
    : `<system-out>${text}</system-out>`;
  return testCase(file, caseName(finding), body);
}

function caseName({ rule, line, column }: Finding): string {
  return `${rule} ${line}:${column}`;
}

function testCase(file: string, name: string, body: string | null): string {
  const head = `    <testcase${attributes({ classname: file, name })}`;
  return body === null ? `${head}/>` : `${head}>${body}</testcase>`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${xml(String(value))}"`)
    .join('');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML knows no way to write most controls, nor two of Unicode's last characters. */
function xml(text: string): string {
  return safeText(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
