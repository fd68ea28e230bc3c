import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { analyse } from '../../../src/analysis/analyse.ts';
import { createTrainingGround } from '../../../src/corral.ts';

const { commands } = createTrainingGround({ seed: 1 });

/** The most commands a macro gives: as many as items are gone through. */
function most(source: string): number | null {
  const { report } = analyse(source, { file: 'x.js', language: 'js', commands });
  return report.cost.commands.max;
}

describe('what is given to a method of a list runs once for each item', () => {
  for (const [source, count] of [
    ['[1, 2, 3].map((n) => combat.flee());', 3],
    ['[1, 2, ...[3, 4]].forEach((n) => { combat.flee(); combat.flee(); });', 8],
    ['Array.from({ length: 7 }, () => combat.flee());', 7],
    ['Array(5).fill(0).map(() => combat.flee());', 5],
    ['[...Array(6).keys()].filter(Boolean).map(() => combat.flee());', 6],
    ['for (let i = 0; i < 4; i++) [1, 2].forEach(() => combat.flee());', 8],
    ['const n = 3; Array.from({ length: n * 2 }, async () => { await combat.flee(); });', 6],
    ['new Promise((done) => { combat.flee(); done(); });', 1],
    ['[].map(() => combat.flee());', 0],
  ] as const)
    test(source, () => assert.equal(most(source), count));
});

describe('how many are not known', () => {
  for (const source of [
    'input.names.map(() => combat.flee());',
    '[...input.names].map(() => combat.flee());',
    'Array.from({ length: input.n }, () => combat.flee());',
    'Array.from({ length: 3, next: 1 }, () => combat.flee());',
    'const list = [1]; list.push(2); list.map(() => combat.flee());',
    '[3, 1, 2].sort(() => combat.flee());',
    '[1].flatMap(() => [1, 2]).map(() => combat.flee());',
    'Promise.resolve().then(() => combat.flee());',
    '[1].map(function again() { combat.flee(); again(); });',
  ])
    test(source, () => assert.equal(most(source), null));
});
