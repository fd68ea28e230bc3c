// JUnit XML, read back by a strict reader: counts that hold, the shape build servers know, whole texts however hostile.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { LintResult } from '../../../src/cli/lint/linted.ts';
import { lintJunit } from '../../../src/cli/render/junit.ts';
import { ROOT } from '../../support/cli.ts';
import { lintText, resultOf } from '../../support/lint-results.ts';
import { elementsOf, readXml, type XmlElement } from '../../support/xml.ts';

/** What may stand in what. */
const INSIDE: Record<string, readonly string[]> = {
  testsuites: ['testsuite'],
  testsuite: ['testcase'],
  testcase: ['failure', 'error', 'skipped', 'system-out'],
};
const COUNTED = { tests: 'testcase', failures: 'failure', errors: 'error', skipped: 'skipped' };

function assertShape(element: XmlElement): void {
  const { name, attributes, children } = element;
  for (const child of children) {
    assert.ok(INSIDE[name]?.includes(child.name), `<${child.name}> in <${name}>`);
    assertShape(child);
  }
  if (name === 'testcase') {
    assert.deepEqual(Object.keys(attributes), ['classname', 'name']);
    assert.ok(children.length <= 1, 'a case comes to one thing');
  }
  if (!name.startsWith('testsuite')) return;
  for (const [attribute, counted] of Object.entries(COUNTED))
    assert.equal(attributes[attribute], `${elementsOf(element, counted).length}`, attribute);
}

/** The document, read back and held against its shape and its own counts. */
function junit(result: LintResult, maxLevel: 'info' | 'warning' | 'error' = 'error'): XmlElement {
  const root = readXml(lintJunit(result, maxLevel));
  assert.equal(root.name, 'testsuites');
  assertShape(root);
  return root;
}
const one = (root: XmlElement, name: string) => {
  const [first, ...others] = elementsOf(root, name);
  assert.ok(first && others.length === 0, `one <${name}>, not ${1 + others.length}`);
  return first;
};

describe('junit', () => {
  test('has findings from --max-level on as failures, others as passed tests that say something', () => {
    const result = resultOf(lintText('for (;;);'), lintText('new RegExp(input.text)', 'b.js'));
    const root = junit(result);
    assert.deepEqual(
      elementsOf(root, 'testsuite').map(({ attributes }) => attributes.name),
      ['m.js', 'b.js'],
    );
    const failure = one(root, 'failure');
    assert.equal(failure.attributes.type, 'error infinite-loop');
    assert.match(failure.text, /^m\.js:1:1 error infinite-loop: this loop can never end/);
    assert.match(one(root, 'system-out').text, /^b\.js:1:1 info dynamic-regex: /);
    assert.equal(elementsOf(junit(result, 'info'), 'failure').length, 2);
  });
  test('names a case by rule and place, each once a file', () => {
    const names = elementsOf(
      junit(resultOf(lintText('if (input.a) for (;;);\nfor (;;);'))),
      'testcase',
    );
    assert.deepEqual(
      names.map(({ attributes }) => [attributes.classname, attributes.name]),
      [
        ['m.js', 'infinite-loop 1:14'],
        ['m.js', 'infinite-loop 2:1'],
      ],
    );
  });
  test('has a passed test for a file without findings', () => {
    const only = one(junit(resultOf(lintText('return 1'))), 'testcase');
    assert.deepEqual([only.attributes.name, only.children], ['no findings', []]);
  });
  test('skips what is silenced, with the reason', () => {
    const silenced = 'for (;;); // corral-disable-line infinite-loop -- a <test>';
    const root = junit(resultOf(lintText(silenced)));
    assert.equal(one(root, 'skipped').attributes.message, 'a <test>');
    assert.equal(root.attributes.failures, '0');
  });
  test('has an error for what could not be read', () => {
    const unread = [{ file: 'a.js', message: 'Cannot read it.' }];
    const error = one(junit({ linted: [], unread }), 'error');
    assert.deepEqual(error.attributes, { message: 'Cannot read it.', type: 'unreadable' });
  });
  test('fails what a guard level refuses, silenced or not', () => {
    const silenced = 'for (;;); // corral-disable-line infinite-loop -- why';
    const root = junit(resultOf(lintText(silenced, 'm.js', { guard: 'medium' })));
    const { attributes } = one(root, 'failure');
    assert.equal(attributes.type, 'refused');
    assert.match(attributes.message ?? '', /this loop can never end/);
  });
  test('stays XML under hostile names and texts, and says them', () => {
    const hostile = `a"b'c<d>&e]]>\u0000\u0008\u001b[31m\ud800\uffff\ufffe\n\u202e.js`;
    const root = junit({
      linted: [lintText(`return (${hostile}`, hostile)],
      unread: [{ file: hostile, message: hostile }],
    });
    const { attributes } = one(root, 'error');
    assert.ok(attributes.message?.startsWith(`a"b'c<d>&e]]>\\u{0}\\u{8}\\x1b[31m`));
    assert.doesNotMatch(attributes.message ?? '', /[\p{Cc}\p{Cf}]/u);
  });
  test('counts right for all macros and fixtures', () => {
    const files = globSync(['macros/**/*.{js,ts}', 'test/fixtures/*/invalid/*.{js,ts}'], {
      cwd: ROOT,
    });
    const linted = files.map((file) => lintText(readFileSync(join(ROOT, file), 'utf8'), file));
    const root = junit(resultOf(...linted), 'warning');
    const serious = linted.flatMap(({ told }) => told.filter(({ level }) => level !== 'info'));
    assert.equal(root.attributes.failures, `${serious.length}`);
    assert.ok(serious.length > 50, 'there is something to count');
  });
});
