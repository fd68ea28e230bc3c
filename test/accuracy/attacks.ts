// Owns how many attack programs lint warns of, and how many ordinary files.

import { readFileSync } from 'node:fs';
import { analyse } from '../../src/analysis/analyse.ts';
import { createTrainingGround } from '../../src/corral.ts';
import type { Finding } from '../../src/model/report.ts';

const { commands } = createTrainingGround({ seed: 1 });

/** Programs that take a machine down if nobody stops them, one a line. */
export function attacks(): string[] {
  const text = readFileSync(new URL('attacks.txt', import.meta.url), 'utf8');
  return text.split('\n').filter((line) => line !== '');
}

/** The warnings and errors of a text. */
export function seriousFindings(source: string): Finding[] {
  const { report } = analyse(source, { file: 'x.js', language: 'js', commands });
  return report.findings.filter(({ level }) => level !== 'info');
}
