// What is said of what a macro held too much of: which thing, at which line. Real runs of macros; where a machine is too busy
// for its variables to be seen, the text alone must say it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { advisedFor, diagnosed, saidOf } from '../support/diagnosed.ts';

const dumpOf = diagnosed();

const FAULTS: readonly (readonly [what: string, source: string, said: RegExp, advice: RegExp])[] = [
  [
    'copies of a state, beside the light list that is copied',
    'const history = [];\nconst state = { seen: [] };\nfunction keep() { history.push(copy(state)); }\nfunction copy(value) { return JSON.parse(JSON.stringify(value)); }\nfor (let turn = 0; turn < 90_000; turn++) {\n  keep();\n  state.seen.push("wolf");\n  if (turn % 20 === 0) await sleep(1);\n}',
    /the array `history` held [\d,]+ elements; it grows at line 3 \(push\)|what grows is `history` \(line 3, push\)/,
    /^Keep only what is needed: .*next to line 3/,
  ],
  [
    'a few large buffers that a timer gathers',
    'const shots = [];\nevery(10, () => {\n  const shot = new Uint8Array(512 * 1024);\n  shot.fill(shots.length % 200);\n  shots.push(shot);\n});\nawait sleep(50_000);',
    /the array `shots` held \d+ elements \(some \d.*kb each, if all that was held is in it\); it grows at line 5 \(push\)|what grows is `shots` \(line 5, push\)/,
    /^Keep only what is needed: .*next to line 5/,
  ],
  [
    'an object that keeps each answer by its key',
    'const known = {};\nfunction lookUp(x, y, at) {\n  const key = `${x}:${y}:${at}`;\n  known[key] ??= { x, y, at, way: [x, y] };\n  return known[key];\n}\nlet sum = 0;\nfor (let at = 0; at < 1e6; at++) {\n  for (let x = 0; x < 30; x++) sum += lookUp(x, at % 30, at).x;\n}\nreturn sum;',
    /what grows is `known` \(line 4, \[…\] \?\?=\): by the text nothing is ever taken out of it/,
    /^Keep only what is needed: take old entries out of `known` next to line 4/,
  ],
  [
    'a list that is found under a key',
    'const handlers = {};\nfunction on(event, fn) {\n  (handlers[event] ??= []).push(fn);\n}\nfunction greet(name) {\n  const all = new Array(400).fill(name);\n  on("tick", () => all.length);\n}\nfor (let tick = 0; ; tick++) {\n  greet(`ilse ${tick}`);\n  if (tick % 40 === 0) await sleep(1);\n}',
    /the array `handlers\.tick` held [\d,]+ elements; it grows at line 3 \(push\)|what grows is `handlers` \(line 3/,
    /next to line 3/,
  ],
  [
    'a text that a function makes longer, in a loop that lint knows',
    'let story = "";\nconst { players } = await chat.players();\nfunction tell(line) {\n  story += line + "\\n";\n}\nlet n = 0;\nwhile (story.length >= 0) {\n  tell(`${players[n % players.length].name} was seen ${n}`);\n  n++;\n}\nreturn story;',
    /`story`[\s\S]*\nlint says of line 7: once this loop has begun it does not end by itself/,
    /^Do not gather everything in `story`: hand each part on where it is made \(line 4\)/,
  ],
  [
    'a text that is put together anew each time: it is not cut back',
    'let page = "";\nfor (let row = 0; ; row++) {\n  page = page + "row " + row + ": nothing\\n";\n  if (row % 7000 === 0) await sleep(1);\n}',
    /^the text `page` held [\d,]+ characters; it grows in the loop of line 2, at line 3 \(= … \+ …\), and nothing in the macro ever takes|lint says of line 3: `page` grows/,
    /^Do not gather everything in `page`|^Keep only/,
  ],
  [
    'a search that never knows where it was',
    'const seen = new Set();\nconst todo = [[9, 9]];\nwhile (todo.length > 0) {\n  const at = todo.pop();\n  if (seen.has(at)) continue;\n  seen.add(at);\n  const [x, y] = at;\n  if (x > 0) todo.push([x - 1, y]);\n  if (x < 30) todo.push([x + 1, y]);\n  if (y > 0) todo.push([x, y - 1]);\n}\nreturn seen.size;',
    /^`seen` is asked at line 5 for a list that was made anew, and no two of those are the same: it never finds one\n/,
    /^Keep a text or a number in `seen`/,
  ],
];

describe('of what a macro holds is told', () => {
  for (const [what, source, said, advice] of FAULTS)
    test(what, async () => {
      const dump = await dumpOf(source, 'heap-limit');
      assert.match(saidOf(dump), said);
      assert.match(advisedFor(dump), advice);
      assert.doesNotMatch(saidOf(dump), /is cut back in the loop of line 2/);
      assert.doesNotMatch(advisedFor(dump), /needs gigabytes/);
    });

  test('the recursion that branches, where its results fill the heap', async () => {
    const dump = await dumpOf(
      'function orders(list) {\n  if (list.length < 2) return [list];\n  const all = [];\n  for (let i = 0; i < list.length; i++) {\n    const rest = [...list.slice(0, i), ...list.slice(i + 1)];\n    for (const one of orders(rest)) all.push([list[i], ...one]);\n  }\n  return all;\n}\nreturn orders("abcdefghijkl".split("")).length;',
      'heap-limit',
    );
    // Where the stack was not seen, the text says which list it may be.
    assert.match(
      saidOf(dump),
      /`orders` calls itself in the loop at line 4, at line 6, and was on the stack|what grows is `all` \(line 6, push\)/,
    );
  });
});
