import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayWidth } from '../../src/model/display-width.ts';

for (const [text, columns] of [
  ['', 0],
  ['for (;;);', 9],
  ['größer … → ×', 12],
  ['日本語', 6],
  ['한글', 4],
  ['ＡＢ！', 6],
  ['e\u0301', 1],
  ['🐺 🏹', 5],
  ['𝕏', 1],
] as const)
  test(`${JSON.stringify(text)} takes ${columns} columns`, () =>
    assert.equal(displayWidth(text), columns));
