import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { astLines } from '../../../src/cli/render/ast.ts';
import { toPlain } from '../../../src/dumps/line.ts';
import { sampleDump } from '../../support/dumps.ts';

const tree = (depth: number, changes = {}) =>
  toPlain(astLines(sampleDump('stuck', changes), depth));

describe('the syntax tree', () => {
  test('shows types, names, values and places, and marks the end', () => {
    assert.equal(
      tree(10),
      `Program  1:1
└─ body[0]: ReturnStatement  1:1
   └─ argument: MemberExpression  1:8
      ├─ object: CallExpression  1:8
      │  ├─ callee: MemberExpression  1:8
      │  │  ├─ object: NewExpression  1:8
      │  │  │  ├─ callee: Identifier  Array  1:12
      │  │  │  └─ arguments[0]: BinaryExpression  **  1:18
      │  │  │     ├─ left: Literal  2  1:18
      │  │  │     └─ right: Literal  27  1:23
      │  │  └─ property: Identifier  fill  1:27  ◀ it ended here
      │  └─ arguments[0]: Literal  0  1:32
      └─ property: Identifier  length  1:35
`,
    );
  });

  test('opens the way to the end however deep it lies', () => {
    const text = tree(1);
    assert.match(text, /◀ it ended here/);
    assert.match(text, /object: NewExpression {2}1:8 {2}… 4 more inside/);
  });

  test('says why there is none', () => {
    assert.match(tree(5, { ast: null }), /the source could not be parsed/);
    assert.match(
      tree(5, { ast: null, astOmitted: 'the tree takes 9 characters' }),
      /the tree takes 9/,
    );
  });

  test('marks the outermost node on the line where no column is known', () => {
    const place = { file: 'fill.js', line: 1, column: null, source: 'last-command' };
    assert.match(
      tree(2, { place }),
      /Program {2}1:1 {2}◀|ReturnStatement {2}1:1 .*◀ it ended here/,
    );
  });

  test('marks nothing for a place in another file, or outside the source', () => {
    for (const place of [
      { file: 'other.js', line: 1, column: 1, source: 'stack' },
      { file: 'fill.js', line: 99, column: 1, source: 'stack' },
    ])
      assert.doesNotMatch(tree(9, { place }), /◀/);
  });

  test('is bounded for a tree that is too long or too deep to show', () => {
    const leaf = { type: 'Leaf', start: 0, end: 40 };
    const wide = {
      type: 'Wide',
      start: 0,
      end: 40,
      body: Array.from({ length: 9000 }, () => leaf),
    };
    assert.match(tree(5, { ast: wide }), /… cut after 2000 lines/);
    let deep: object = leaf;
    for (let level = 0; level < 20_000; level++)
      deep = { type: 'Deep', start: 0, end: 40, body: deep };
    assert.ok(tree(3, { ast: deep }).split('\n').length <= 2002);
  });
});
