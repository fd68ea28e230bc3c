import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toMacroKey } from '../../src/supervisor/macro-key.ts';

const digest = (source: string) => toMacroKey('local', 'm', source).digest;

describe('who a macro is', () => {
  test('its header and its white space make no other text of it', () => {
    const plain = digest('await chat.say({ text: "hi" });\nreturn 1');
    const header = '// ==Macro==\n// @name other\n// @limit cpu=1s\n// ==/Macro==\n';
    assert.equal(digest(`${header}await chat.say({ text: "hi" });\r\n\r\n  return 1\n`), plain);
    assert.notEqual(digest('await chat.say({ text: "ho" }); return 1'), plain);
  });

  test('a text without a name is known by what it says: no two of those are one macro', () => {
    const one = toMacroKey('local', null, 'return 1');
    const two = toMacroKey('local', null, 'return 2');
    assert.match(one.name, /^unnamed-[0-9a-f]{12}$/);
    assert.notEqual(one.name, two.name);
    assert.equal(one.name, toMacroKey('local', null, ' return 1\n').name);
  });

  test('a name is bounded', () => {
    assert.equal(toMacroKey('local', 'x'.repeat(1e6), '').name.length, 200);
  });
});
