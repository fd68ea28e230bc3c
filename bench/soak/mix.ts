// Owns the macros of the soak: what each kind does, how often it comes, and how it may end.

import type { EndReason } from '../../src/corral.ts';

/** One kind of macro in the mix. */
export interface Kind {
  readonly name: string;
  /** How often it comes, relative to the others. */
  readonly weight: number;
  /** The sources of this kind; `n` makes each macro another one, so that none is known from before. */
  readonly sources: readonly ((n: number) => string)[];
  /** The ends of its own doing. Every kind may also end as what happens to the house: see {@link HOUSE_ENDS}. */
  readonly ends: readonly (EndReason | 'pattern')[];
}

/** Ends that the storm brings over any macro: its process is killed, the machine is short, it is not let in. */
export const HOUSE_ENDS: readonly string[] = ['worker-lost', 'host-pressure', 'refused'];

const header = (name: string, n: number) => `// ==Macro==\n// @name ${name}-${n}\n// ==/Macro==\n`;

/** The mix: most macros are calm, as in life; the rest does everything it should not. */
export const MIX: readonly Kind[] = [
  {
    name: 'calm',
    weight: 60,
    sources: [
      (n) =>
        `${header('calm', n % 20)}await chat.say({ text: 'hello' });\nawait sleep(${50 + (n % 7) * 40});\nreturn ${n};`,
      (n) =>
        `${header('counts', n % 20)}let sum = 0;\nfor (let i = 0; i < 2000; i++) sum += i;\nawait sleep(30);\nreturn sum + ${n};`,
      (n) =>
        `${header('remembers', n % 20)}const visits = await state.incr('visits');\nawait sleep(20);\nreturn { visits, n: ${n} };`,
    ],
    ends: ['completed'],
  },
  {
    name: 'spamming',
    weight: 10,
    sources: [
      (n) =>
        `${header('chats', n)}for (let i = 0; i < 400; i++) await chat.say({ text: 'buy gold ' + i });\nreturn 'said';`,
      (n) =>
        `${header('floods', n)}await Promise.all(Array.from({ length: 3000 }, () => movement.where()));\nreturn 'asked';`,
      (n) => `${header('writes', n)}for (;;) { log('x'.repeat(2000)); await sleep(0); }`,
    ],
    ends: [
      'completed',
      'failed',
      'command-limit',
      'output-limit',
      'wall-limit',
      'cpu-limit',
      // Where a hundred share two cores, its process may have no turn for so long that it is taken for one.
      'stuck',
      'pattern',
    ],
  },
  {
    name: 'leaking',
    weight: 10,
    sources: [
      (n) =>
        `${header('leaks', n)}const seen = [];\nfor (;;) { seen.push(new Array(2000).fill(${n})); if (seen.length % 50 === 0) await sleep(1); }`,
      (n) =>
        `${header('buffers', n)}const held = [];\nfor (;;) { held.push(new Uint8Array(300_000)); await sleep(1); }`,
      (n) =>
        `${header('maps', n)}const m = new Map();\nfor (let i = 0; ; i++) m.set('key ' + i, { n: ${n}, i });`,
    ],
    ends: ['heap-limit', 'cpu-limit', 'wall-limit', 'pattern', 'stuck'],
  },
  {
    name: 'hanging',
    weight: 10,
    sources: [
      (n) => `${header('loops', n)}for (;;);`,
      (n) => `${header('waits', n)}await new Promise(() => {});`,
      (n) => `${header('stuck', n)}Array.prototype.reverse.call({ length: 2 ** 53 - 1 });`,
      (n) => `${header('spins', n)}for (;;) await null;`,
    ],
    ends: ['cpu-limit', 'wall-limit', 'idle-limit', 'stuck', 'pattern'],
  },
  {
    name: 'crashing',
    weight: 10,
    sources: [
      (n) => `${header('throws', n)}await sleep(10);\nthrow new Error('no ' + ${n});`,
      (n) => `${header('recurses', n)}const f = () => f() + 1;\nreturn f();`,
      (n) => `${header('aborts', n)}return 'x'.repeat(2 ** 28).split('').length + ${n};`,
    ],
    ends: ['failed', 'heap-limit', 'cpu-limit', 'stuck', 'pattern'],
  },
];

/** The kind at a place on the scale of all weights. */
function at(place: number): Kind {
  let end = 0;
  for (const kind of MIX) {
    end += kind.weight;
    if (place < end) return kind;
  }
  return MIX[0] as Kind;
}

/** A stream of macros in the proportions of the mix; the same seed gives the same stream. */
export function* mixed(seed: number): Generator<{ readonly kind: Kind; readonly source: string }> {
  const total = MIX.reduce((sum, { weight }) => sum + weight, 0);
  const random = mulberry32(seed);
  for (let n = 0; ; n++) {
    const kind = at(random() * total);
    const write = kind.sources[Math.floor(random() * kind.sources.length)] as (n: number) => string;
    yield { kind, source: write(n) };
  }
}

/** A small generator of numbers from 0 to 1 (Tommy Ettinger's mulberry32). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
