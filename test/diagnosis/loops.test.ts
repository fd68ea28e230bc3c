// What is said of loops and recursion that take too long: real runs of macros.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { advisedFor, diagnosed, saidOf } from '../support/diagnosed.ts';

const dumpOf = diagnosed();

/** What each must be told as, first of all, and what must be advised first. */
const FAULTS: readonly (readonly [what: string, source: string, said: RegExp, advice: RegExp])[] = [
  [
    'a list compared with itself: the turns of both loops',
    'const names = ["odo", "mara", "finn", "ilse"].flatMap((n) => new Array(9000).fill(n));\nlet same = 0;\nfor (let a = 0; a < names.length; a++) {\n  for (let b = 0; b < names.length; b++) {\n    if (names[a] === names[b]) same++;\n  }\n}\nreturn same;',
    /^the loop at line 4 takes up to 36,000 turns, in each of the 36,000 of the loop at line 3; up to 1,296,000,000 in all were too many for the limit; when it was stopped, `b` was \d+/,
    /^Take fewer turns: put what the loop at line 4 seeks into a Map or a Set once, before the loop at line 3/,
  ],
  [
    'loops over a list in each other',
    'const tiles = Array.from({ length: 5000 }, (_, i) => ({ x: i % 97, y: i % 89 }));\nlet near = 0;\nfor (const a of tiles)\n  for (const b of tiles)\n    for (const c of tiles) if (a.x === b.y && b.x === c.y) near++;\nreturn near;',
    /^the loop at line 5 takes up to 5,000 turns, in each of the 5,000 of the loop at line 4, in each of the 5,000 of the loop at line 3/,
    /before the loop at line 3/,
  ],
  [
    'a long way to a bound that is a variable',
    'const { players } = await chat.players();\nconst turns = players.length * 1e9;\nlet odd = 0;\nlet i = 0;\nwhile (i < turns) {\n  odd += i % 2;\n  i += 2;\n}\nreturn odd;',
    /^the loop at line 5 ends, after at most 2,000,000,000 turns: they were too much for the limit; when it was stopped, `i` was \d+/,
    /^Do less in each turn of the loop at line 5/,
  ],
  [
    'a recursion that tries all orders: it is named before the loop it goes through',
    'function routes(stops) {\n  if (stops.length < 2) return [stops];\n  const all = [];\n  for (let i = 0; i < stops.length; i++) {\n    const rest = stops.filter((_, at) => at !== i);\n    for (const way of routes(rest)) all.push([...way, i]);\n  }\n  return all;\n}\nreturn routes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]).length;',
    /^`routes` calls itself in the loop at line 4, at line 6, and was on the stack \d+ times or more: /,
    /^Keep what `routes` has found/,
  ],
  [
    'a recursion in a loop of a known number of turns',
    'const steps = [1, 2, 3];\nfunction climbs(stairs) {\n  if (stairs <= 0) return 1;\n  let ways = 0;\n  for (let k = 0; k < steps.length; k++) ways += climbs(stairs - 1);\n  return ways;\n}\nreturn climbs(40);',
    /^`climbs` calls itself in the loop at line 5, and was on the stack \d+ times or more: where each call makes 3 more, every level of depth takes 3 times as long/,
    /^Keep what `climbs` has found/,
  ],
  [
    'a recursion that goes through `forEach`',
    'function climbs(stairs) {\n  if (stairs <= 0) return 1;\n  let ways = 0;\n  [1, 2, 3].forEach(() => {\n    ways += climbs(stairs - 1);\n  });\n  return ways;\n}\nreturn climbs(40);',
    /^`climbs` calls itself for each item that its `forEach` at line 4 goes over, and was on the stack \d+ times or more: where each call makes 3 more, every level of depth takes 3 times as long/,
    /^Keep what `climbs` has found.* fewer items for the `forEach` at line 4/,
  ],
  [
    'a recursion that goes through `map`, over who knows how many',
    'const routes = (left) =>\n  left.length === 0 ? [[]] :\n  left.map((one) => routes(left.filter((each) => each !== one))\n    .map((way) => [one, ...way])).flat();\nreturn routes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]).length;',
    /^`routes` calls itself for each item that its `map` at line 3 goes over, and was on the stack \d+ times or more: each call makes as many more, and each of those again/,
    /^Keep what `routes` has found/,
  ],
  [
    'a wait that turns round',
    'const until = now() + 60_000;\nwhile (now() < until) {}',
    /^the loop at line 2 turns round until time has passed \(`now\(\) < until`\)/,
    /^Write `await sleep\(ms\)`/,
  ],
  [
    'a list that is made longer by the loop that counts to its end',
    'const jobs = [await chat.players()];\nfor (let i = 0; i < jobs.length; i++) {\n  jobs.splice(i + 1, 1, jobs[i], 0);\n  jobs.length = Math.min(jobs.length, i + 2);\n}',
    /^the loop at line 2 goes to the end of `jobs`, and makes `jobs` longer itself at line 3 \(splice\)/,
    /^Go over a copy \(`\[\.\.\.jobs\]`\)/,
  ],
  [
    'a queue that gets as much as it gives',
    'const { players } = await chat.players();\nconst queue = [...players];\nlet asked = 0;\nwhile (queue.length > 0) {\n  const next = queue.shift();\n  if (next) queue.push(next);\n  asked++;\n}\nreturn asked;',
    /^the loop at line 4 goes on while `queue\.length > 0`, takes out of `queue` at line 5 \(shift\) and puts into it at line 6 \(push\)/,
    /less is put into `queue` than is taken out/,
  ],
  [
    'a loop that turns until a function that nobody waits for has come back',
    'let isThere = false;\nasync function goTo(x, y) {\n  const way = await movement.goto({ x, y });\n  isThere = way.arrived;\n}\ngoTo(4, 4);\nwhile (!isThere) {\n  // on the way\n}\nreturn "there";',
    /^the loop at line 7 goes on while `!isThere`, and `isThere` is only set at line 4, in `goTo`, after an `await`: nothing that waits can go on while the loop turns; when it was stopped, `isThere` was false/,
    /^Put `await` before the call of `goTo`, in place of the loop/,
  ],
  [
    'a loop that turns until a callback has run',
    'let isOver = false;\nsleep(20).then(() => { isOver = true; });\nlet turns = 0;\nwhile (!isOver) turns++;\nreturn turns;',
    /^the loop at line 4 goes on while `!isOver`, and `isOver` is only set at line 2, in a function that is run later/,
    /`await` what sets `isOver`, in place of the loop/,
  ],
  [
    'a list that is copied in each turn',
    'const { players } = await chat.players();\nlet steps = [...players];\nfor (let n = 0; n < 900_000; n++) {\n  steps = [...steps, { n }];\n}\nreturn steps.length;',
    /^line 4 copies all of `steps` in each turn of the loop at line 3 \(= \[\.\.\.\]\).*: each turn takes longer than the one before\nthe loop at line 3 ends, after at most 900,000 turns/,
    /^Add to `steps` without copying it: `steps\.push\(…\)` at line 4/,
  ],
  [
    'an expression that is written elsewhere',
    "const NAME = /^(\\w+\\s?)*$/;\nconst said = ['hello there', `${'o'.repeat(44)}!`];\nlet names = 0;\nfor (const line of said) {\n  if (NAME.test(line)) names++;\n}\nreturn names;",
    /lint says of line 1, which line 5 uses: each more/,
    /without nesting/,
  ],
];

describe('of a loop is told', () => {
  for (const [what, source, said, advice] of FAULTS)
    test(what, async () => {
      const dump = await dumpOf(source, 'cpu-limit');
      assert.match(saidOf(dump), said);
      assert.match(advisedFor(dump), advice);
      assert.doesNotMatch(advisedFor(dump), /makes `[^`]*length` false/);
    });

  test('that a pause helps where only the time between two pauses is short', async () => {
    const source =
      'const { players } = await chat.players();\nconst far = players.length * 1e9;\nlet sum = 0;\nfor (let i = 0; i < far; i++) sum += i;\nreturn sum;';
    const dump = await dumpOf(source, 'cpu-limit', { cpu: '30s', burst: 300 });
    assert.match(advisedFor(dump), /`await sleep\(0\)` after every few/);
    const other = await dumpOf(source, 'cpu-limit');
    assert.doesNotMatch(advisedFor(other), /sleep/);
  });
});
