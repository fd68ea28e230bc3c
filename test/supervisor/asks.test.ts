import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { createCorral, defineCommand } from '../../src/corral.ts';

test('of very many commands at once 500 are under way, and all are answered in the order they were given', async () => {
  let underWay = 0;
  let most = 0;
  const given: number[] = [];
  const slow = defineCommand({
    name: 'test.slow',
    description: 'Takes a moment.',
    input: z.object({ number: z.int() }),
    output: z.object({ number: z.int() }),
    run: async ({ number }) => {
      given.push(number);
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 20));
      underWay--;
      return { number };
    },
  });
  await using corral = createCorral({ commands: [slow] });
  const end = await corral.start(`
    const all = Array.from({ length: 1200 }, (_, number) => test.slow({ number }));
    return (await Promise.all(all)).map((answer) => answer.number);`).result;
  const numbers = Array.from({ length: 1200 }, (_, number) => number);
  assert.deepEqual(end.value, numbers);
  assert.deepEqual(given, numbers);
  assert.equal(most, 500);
});
