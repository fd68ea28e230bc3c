// Ordinary code is left in peace.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import { createTrainingGround } from '../../src/corral.ts';
import { ordinaryFiles } from './ordinary.ts';

const WARNED_MAX = 0.05;
const REFUSED_MAX = 0.005;

test('of ordinary files at most 1 in 20 gets a warning, and 1 in 200 is refused', () => {
  const { commands } = createTrainingGround({ seed: 1 });
  const reports = ordinaryFiles().flatMap(({ file, source }) => {
    const { report, ast } = analyse(source, { file, language: 'js', commands });
    return ast ? [report] : [];
  });
  assert.ok(reports.length > 500, String(reports.length));
  const warned = reports.filter(({ findings }) => findings.some(({ level }) => level !== 'info'));
  const refused = reports.filter(
    ({ findings, loops }) =>
      findings.some(({ level }) => level === 'error') ||
      loops.some(({ verdict }) => verdict === 'infinite'),
  );
  assert.ok(refused.length <= reports.length * REFUSED_MAX, refused.map(({ file }) => file).join());
  assert.ok(warned.length <= reports.length * WARNED_MAX, warned.map(({ file }) => file).join());
});
