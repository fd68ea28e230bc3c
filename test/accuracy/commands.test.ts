// What lint says of a macro's commands, held against what the macro really gives: never more, never faster.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { analyse } from '../../src/analysis/analyse.ts';
import { createCorral, createTrainingGround } from '../../src/corral.ts';
import { ROOT } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

const FOLDER = join(ROOT, 'macros');
const WINDOWS_MS = [1000, 5000];
const temp = tempDir();
after(() => temp[Symbol.dispose]());

/** When each command was given, ms, and of which category. */
async function given(name: string) {
  await using corral = createCorral({
    commands: createTrainingGround({ seed: 7 }).commands,
    dumpDir: temp.path,
    macrosDir: FOLDER,
    workers: { max: 1, warm: 0 },
  });
  const run = corral.start(readFileSync(join(FOLDER, name), 'utf8'), { file: name, seed: 7 });
  const commands: { at: number; category: string }[] = [];
  run.on('command', ({ at, name: command }) => {
    commands.push({ at, category: command.split('.')[0] ?? '' });
  });
  await run.result;
  return commands;
}

/** The most that fall into any window. */
function peak(times: readonly number[], windowMs: number): number {
  let from = 0;
  let most = 0;
  for (const [index, at] of times.entries()) {
    while ((times[from] as number) <= at - windowMs) from++;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

describe('the commands of', () => {
  for (const name of readdirSync(FOLDER).filter((file) => /\.[jt]s$/.test(file))) {
    test(`${name} lie within what lint says`, async () => {
      const source = readFileSync(join(FOLDER, name), 'utf8');
      const language = name.endsWith('.ts') ? 'ts' : 'js';
      const { commands } = createTrainingGround({ seed: 7 });
      const { cost } = analyse(source, { file: name, language, commands });
      assert.ok(cost);
      const observed = await given(name);
      // A macro that calls others gives their commands too, each with a cost of its own.
      if (/macros\.call\(/.test(source)) return;
      const count = observed.length;
      assert.ok(count >= cost.commands.min, `${count} and at least ${cost.commands.min}`);
      assert.ok(count <= (cost.commands.max ?? Infinity), `${count} of ${cost.commands.max}`);
      for (const category of new Set(observed.map((each) => each.category))) {
        const times = observed
          .filter((each) => each.category === category)
          .map(({ at }) => at)
          .sort((a, b) => a - b);
        const max = cost.byCategory[category]?.max;
        assert.notEqual(max, undefined, `${category} is not seen`);
        assert.ok(times.length <= (max ?? Infinity), `${times.length} ${category} of ${max}`);
        for (const windowMs of WINDOWS_MS) {
          const most = cost.mostInWindow((use) => use.category === category, windowMs);
          const seen = peak(times, windowMs);
          assert.ok(seen <= (most ?? Infinity), `${seen} ${category} in ${windowMs} ms of ${most}`);
        }
      }
    });
  }
});
