import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { safeText } from '../../src/model/safe-text.ts';

/** Code points that move the cursor, hide, or turn text around: none may be left. */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

describe('a text made safe to show', () => {
  test('is the same when it was harmless', () => {
    for (const text of [
      '',
      'walk north',
      'Ünïcödé, 日本語, עברית',
      'a ❤️ and 👍🏽',
      '\\n is two characters',
    ])
      assert.equal(safeText(text), text);
  });

  for (const [what, text, shown] of [
    ['a colour', '\u001b[31mred', '\\x1b[31mred'],
    ['a one-byte control sequence', '\u009b2J', '\\u{9b}2J'],
    ['a line break', 'a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
    ['a backspace', 'ok\b\bno', 'ok\\u{8}\\u{8}no'],
    ['text turned around', 'exe.\u202etxt', 'exe.\\u{202e}txt'],
    ['a zero-width blank', 'pass\u200bword', 'pass\\u{200b}word'],
    ['a byte order mark', '\ufeffa', '\\u{feff}a'],
    ['a blank letter', 'a\u3164b', 'a\\u{3164}b'],
    ['hidden tag characters', 'a\u{e0041}', 'a\\u{e0041}'],
    ['hidden selectors', 'a\u{e0100}', 'a\\u{e0100}'],
    ['half a pair', 'a\ud83d', 'a\\u{d83d}'],
  ] as const) {
    test(`shows ${what} as an escape`, () => assert.equal(safeText(text), shown));
  }

  test('keeps line breaks and tabs where asked, and nothing else', () => {
    assert.equal(safeText('a\n\tb\r\u001b', { multiline: true }), 'a\n\tb\\r\\x1b');
  });

  test('is cut at the bound and says how much is missing', () => {
    assert.equal(safeText('abcdef', { charsMax: 4 }), 'abcd… (+2 characters)');
    assert.equal(safeText('abcd', { charsMax: 4 }), 'abcd');
    assert.equal(safeText('x'.repeat(2500)), `${'x'.repeat(2000)}… (+500 characters)`);
    assert.equal(safeText('👍👍', { charsMax: 3 }), '👍\\u{d83d}… (+1 characters)');
  });

  test('holds nothing harmful and is bounded, whatever went in', () => {
    const hostile = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(hostile, fc.nat(100), (text, charsMax) => {
        const shown = safeText(text, { charsMax });
        assert.doesNotMatch(shown, HARMFUL);
        assert.ok(shown.length <= charsMax * 8 + 40);
        const kept = safeText(text, { charsMax, multiline: true });
        assert.doesNotMatch(kept.replace(/[\n\t]/g, ''), HARMFUL);
      }),
      { numRuns: 500 },
    );
  });
});
