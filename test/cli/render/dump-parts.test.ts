import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  commandsPart,
  logsPart,
  sourcePart,
  stackPart,
} from '../../../src/cli/render/dump-parts.ts';
import { toPlain } from '../../../src/dumps/line.ts';
import { sampleDump } from '../../support/dumps.ts';

describe('the parts of a dump', () => {
  test('the stack has every frame with its variables', () => {
    const text = toPlain(stackPart(sampleDump('cpu-limit'), 80));
    assert.match(
      text,
      /^walk +walk\.js:13:3\n {4}12 \| .*\n {2}> 13 \| {3}while \(true\) \{\n {7}\| {3}\^\n/,
    );
    assert.match(text, /\n {4}step = 1\n/);
    assert.match(text, /\n {4}token = \(masked\)\n/);
  });

  test('the stack of a failed run is that of its error', () => {
    assert.match(
      toPlain(stackPart(sampleDump('failed'), 80)),
      /^TypeError: .*\n +at gold \(price\.ts:2:56\)\n/,
    );
    assert.match(toPlain(stackPart(sampleDump('stuck'), 80)), /^no stack: /);
  });

  test('commands and logs say how many there were in all', () => {
    const dump = sampleDump('heap-limit');
    assert.match(
      toPlain(commandsPart(dump)),
      /line 8 +chat\.say .* in \d+ms\n.*26 of 27 commands came back\n$/,
    );
    assert.match(toPlain(logsPart(dump)), /round 26 27\nthe last 27 of 27 lines\n$/);
    assert.equal(toPlain(commandsPart(sampleDump('stuck'))), 'no command was given\n');
    assert.equal(toPlain(logsPart(sampleDump('stuck'))), 'nothing was logged\n');
  });

  test('the source is whole, its line marked and its caret right, tabs or not', () => {
    const place = { file: 'fill.js', line: 2, column: 3, source: 'stack' as const };
    const text = toPlain(sourcePart(sampleDump('stuck', { source: 'a;\n\t\tb();\nc;', place })));
    assert.equal(text, '  1 | a;\n> 2 |     b();\n    |     ^\n  3 | c;\n');
    const other = toPlain(
      sourcePart(sampleDump('stuck', { place: { ...place, file: 'other.js' } })),
    );
    assert.match(other, /it ended in another file: other\.js:2\n$/);
  });
});
