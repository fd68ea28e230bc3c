// What is said of commands that came back as errors.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { advisedFor, diagnosed, saidOf } from '../support/diagnosed.ts';
import { sampleDump } from '../support/dumps.ts';

const dumpOf = diagnosed();

describe('of commands that fail is told', () => {
  test('that all did, with which words, and where nobody looked at them', async () => {
    const dump = await dumpOf(
      'let loaves = 0;\nwhile (loaves < 5) {\n  try {\n    const got = await inventory.take({ chest: "celar", item: "bread" });\n    loaves += got.count;\n  } catch {\n    // not yet\n  }\n}\nreturn loaves;',
      'command-limit',
      { commands: 70 },
    );
    assert.match(
      saidOf(dump),
      /^all 70 × `inventory\.take` failed, each with: there is no chest called celar; there are: .*; the error is caught at line 6\nof 71 commands 70 came back, all as errors: 70 × `inventory\.take`/,
    );
    assert.match(
      advisedFor(dump),
      /^In the `catch` at line 6, look at what the error says .* do not give `inventory\.take` again as it was/,
    );
    assert.doesNotMatch(saidOf(dump), /answered/);
  });

  test('that it ran too long only trying', async () => {
    const dump = await dumpOf(
      'const retry = async (n) => {\n  try {\n    return await combat.attack({ target: `ogre ${n}` });\n  } catch (error) {\n    await sleep(5);\n    return retry(n + 1);\n  }\n};\nreturn retry(0);',
      'wall-limit',
      { wall: 1_500 },
    );
    assert.match(
      saidOf(dump),
      /all [\d,]+ × `combat\.attack` failed, the last with: there is no foe called ogre \d+; .*caught at line 4/,
    );
  });

  test('nothing where most were answered', async () => {
    const dump = await dumpOf(
      'for (let n = 0; ; n++) {\n  try {\n    await chat.say({ text: n % 9 === 0 ? 7 : "hello" });\n  } catch {}\n}',
      'command-limit',
      { commands: 40 },
    );
    assert.match(saidOf(dump), /^of 41 commands 40 came back, \d+ as errors: 40 × `chat\.say`/);
    assert.doesNotMatch(saidOf(dump), /failed/);
  });

  test('the words of a host, bounded and escaped; and only of the last, where no more is remembered', () => {
    const error = `shop.buy: \u001b[31m${'no '.repeat(2_000)}`;
    const commands = Array.from({ length: 50 }, (_, at) => {
      return { at, name: 'shop.buy', args: {}, error, line: 1, durationMs: 1 };
    });
    const dump = sampleDump('failed', { reason: 'command-limit', commands });
    dump.statistics = { ...dump.statistics, commands: 900, commandsByName: { 'shop.buy': 899 } };
    const [first] = diagnose(dump);
    assert.match(first?.text ?? '', /^all of the last 50 × `shop\.buy` failed, each with: /);
    assert.ok(first && !first.text.includes('\u001b') && first.text.length < 400, first?.text);
    assert.match(diagnose(dump)[1]?.text ?? '', /899 came back: /);
  });
});

describe('of commands without a loop is told', () => {
  test('which calls go round', async () => {
    const dump = await dumpOf(
      'async function hunt(n) {\n  await combat.foes();\n  return rest(n + 1);\n}\nasync function rest(n) {\n  await combat.status();\n  return hunt(n + 1);\n}\nreturn hunt(0);',
      'command-limit',
      { commands: 30 },
    );
    assert.match(
      saidOf(dump),
      /given at line \d; there is no loop around it, but `hunt` and `rest` call each other/,
    );
    assert.match(advisedFor(dump), /^Give `hunt` and `rest` an end; or let each call `await sleep/);
    assert.doesNotMatch(advisedFor(dump), /the loop/);
  });
});
