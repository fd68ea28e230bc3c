import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attacks, seriousFindings } from './attacks.ts';

const RECALL = 0.95;

test('at least 95 of 100 attack programs are warned of', () => {
  const programs = attacks();
  assert.ok(programs.length >= 100);
  const missed = programs.filter((source) => seriousFindings(source).length === 0);
  const recall = 1 - missed.length / programs.length;
  assert.ok(recall >= RECALL, `${recall}\n${missed.join('\n')}`);
});
