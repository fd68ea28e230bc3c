import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deepestRecursion } from '../../../src/supervisor/interventions/recursion-depth.ts';
import { planned } from '../support/plans.ts';

const { plan } = planned('const fill = (n) => fill(n + 1);\nfill(0);');

interface Wish {
  readonly name: string;
  readonly url?: string;
  readonly children?: readonly number[];
}

/** A profile of nodes numbered from 1. */
function profile(nodes: readonly Wish[]): string {
  return JSON.stringify({
    nodes: nodes.map(({ name, url = 'macro.js', children = [] }, index) => ({
      id: index + 1,
      callFrame: { functionName: name, scriptId: '7', url, lineNumber: 0, columnNumber: 13 },
      hitCount: 1,
      children,
    })),
    startTime: 0,
    endTime: 1,
    samples: [],
    timeDeltas: [],
  });
}

/** One stack, from the outermost function in. */
const stack = (names: readonly string[], url?: string) =>
  profile(
    names.map((name, index) => ({
      name,
      ...(url !== undefined && { url }),
      children: index + 1 < names.length ? [index + 2] : [],
    })),
  );

describe('the depth of a recursion', () => {
  test('is how often one function stands on one stack', () => {
    const names = ['(root)', ...Array(200).fill('fill')];
    assert.deepEqual(deepestRecursion(stack(names), plan), {
      depth: 200,
      path: ['fill'],
      of: 'function',
      line: 1,
    });
    assert.equal(deepestRecursion(stack(['a', 'b', 'a', 'b', 'a', 'c']), plan)?.depth, 3);
  });

  test('counts each stack by itself', () => {
    const tree = profile([
      { name: '(root)', children: [2, 4, 6] },
      { name: 'fill', children: [3] },
      { name: 'fill' },
      { name: 'fill', children: [5] },
      { name: 'fill' },
      { name: 'other' },
    ]);
    assert.equal(deepestRecursion(tree, plan)?.depth, 2);
  });

  test('leaves out what is not the macro', () => {
    assert.equal(deepestRecursion(stack(Array(50).fill('x'), 'corral:bridge'), plan), null);
  });

  test('takes anything a worker may send', () => {
    for (const text of ['', '{', 'null', '[]', '{"nodes":5}', profile([])])
      assert.equal(deepestRecursion(text, plan), null, text);
    // A function that is said to call itself by its own node, children that are not there, a node twice.
    const circle = profile([
      { name: 'fill', children: [1, 2, 99] },
      { name: 'fill', children: [1] },
    ]);
    assert.equal(deepestRecursion(circle, plan)?.depth, 2);
    const names = Array.from({ length: 20_000 }, () => 'fill');
    assert.ok((deepestRecursion(stack(names), plan)?.depth ?? 20_000) >= 1);
  });
});
