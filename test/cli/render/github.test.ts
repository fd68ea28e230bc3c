// GitHub annotations: one line each, whatever the texts hold.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lintGithub } from '../../../src/cli/render/github.ts';
import { lintText, resultOf } from '../../support/lint-results.ts';

describe('github annotations', () => {
  test('name file, place, rule and message', () =>
    assert.match(
      lintGithub(resultOf(lintText('for (;;);'))),
      /^::error file=m\.js,line=1,endLine=1,col=1,endColumn=9,title=corral%3A infinite-loop::this loop can never end: .*\n$/,
    ));
  test('say notice for information', () =>
    assert.match(lintGithub(resultOf(lintText('new RegExp(input.text)'))), /^::notice /));
  test('leave the columns out of what stands on several lines', () => {
    const [line] = lintGithub(resultOf(lintText('for (;\n;);'))).split('\n');
    assert.match(line ?? '', /^::error file=m\.js,line=1,endLine=2,title=/);
  });
  test('escape what would end a line, a property or the message', () => {
    const unread = [{ file: 'a,b:c%d\n::error ::x.js', message: '100 %\n::error ::y\r' }];
    const text = lintGithub({ linted: [], unread });
    assert.equal(text.split('\n').length, 2, text);
    assert.match(
      text,
      /^::error file=a%2Cb%3Ac%25d\\n%3A%3Aerror %3A%3Ax\.js,title=corral%3A unreadable::100 %25%0A::error ::y\\r\n$/,
    );
  });
  test('say what a guard level refuses', () => {
    const text = lintGithub(resultOf(lintText('for (;;);', 'm.js', { guard: 'low' })));
    assert.match(text, /\n::error file=m\.js,title=corral%3A refused at low::line 1: /);
  });
  test('say nothing of what is silenced', () =>
    assert.equal(
      lintGithub(resultOf(lintText('for (;;); // corral-disable-line infinite-loop -- why'))),
      '',
    ));
});
