// JUnit XML: counts that hold, and well-formed whatever the texts hold.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LintResult } from '../../../src/cli/lint/linted.ts';
import { lintJunit } from '../../../src/cli/render/junit.ts';
import { lintText, resultOf } from '../../support/lint-results.ts';

/** Throws where the text is no XML: a tag that does not fit, a stray `<` or `&`, a character XML has not. */
function assertWellFormed(xml: string): void {
  assert.doesNotMatch(xml, /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
  const open: string[] = [];
  const rest = xml
    .replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '')
    .replace(/<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g, (_, end, name, __, isEmpty) => {
      if (end) assert.equal(open.pop(), name);
      else if (!isEmpty) open.push(name);
      return '';
    });
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest, /[<>]/);
  assert.doesNotMatch(xml, /&(?!(?:amp|lt|gt|quot|apos);)/);
}

function junit(result: LintResult, maxLevel: 'info' | 'warning' | 'error' = 'error'): string {
  const xml = lintJunit(result, maxLevel);
  assertWellFormed(xml);
  return xml;
}

describe('junit', () => {
  test('counts findings from --max-level on as failures', () => {
    const result = resultOf(lintText('for (;;);'), lintText('new RegExp(input.text)', 'b.js'));
    assert.match(
      junit(result),
      /^.*\n<testsuites name="corral lint" tests="2" failures="1" errors="0" skipped="0">/,
    );
    assert.match(junit(result, 'info'), /tests="2" failures="2"/);
  });
  test('has a passed test for a file without findings', () =>
    assert.match(
      junit(resultOf(lintText('return 1'))),
      /tests="1" failures="0".*\n.*\n.*name="no findings"\/>/,
    ));
  test('skips what is silenced, with the reason', () => {
    const xml = junit(
      resultOf(lintText('for (;;); // corral-disable-line infinite-loop -- a <test>')),
    );
    assert.match(xml, /skipped="1"[\s\S]*<skipped message="a &lt;test&gt;"\/>/);
  });
  test('has an error for what could not be read', () =>
    assert.match(
      junit({ linted: [], unread: [{ file: 'a.js', message: 'Cannot read it.' }] }),
      /errors="1"[\s\S]*<error message="Cannot read it\." type="unreadable"\/>/,
    ));
  test('fails what a guard level refuses', () => {
    const silenced = 'for (;;); // corral-disable-line infinite-loop -- why';
    assert.match(junit(resultOf(lintText(silenced, 'm.js', { guard: 'medium' }))), /failures="1"/);
  });
  test('stays XML under hostile names and texts', () => {
    const hostile = `a"b'c<d>&e]]>\u0000\u0008\u001b[31m\ud800\uffff\ufffe\n\u202e.js`;
    const xml = junit({
      linted: [lintText(`return (${hostile}`, hostile)],
      unread: [{ file: hostile, message: hostile }],
    });
    assert.ok(xml.includes('&lt;d&gt;&amp;e]]&gt;'));
  });
});
