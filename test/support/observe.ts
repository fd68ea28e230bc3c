// Owns what closed programs really do: they are run with a counter in every loop, by turns and not by time.

import vm from 'node:vm';
import type { LoopFact } from '../../src/analysis/facts/facts.ts';
import { gatherFacts } from '../../src/analysis/facts/gather.ts';
import { parseMacro } from '../../src/analysis/text/parse.ts';

/** What a program did. */
export interface Observed {
  /** False when it was stopped after so many turns that it never would have ended. */
  readonly ends: boolean;
  /** The most turns of one entry, for each loop in the order of the source. */
  readonly turns: readonly number[];
}

/** More turns than this, all loops together, and a program that small goes on for ever. */
const TURNS_MAX = 30_000;

/** Runs a program; an error it throws is an end like any other. */
export async function observe(source: string): Promise<Observed> {
  const { ast } = parseMacro(source, 'js');
  if (!ast) throw new Error(`does not parse: ${source}`);
  const facts = gatherFacts(ast);
  if ('tooDeep' in facts) throw new Error('too deep');
  const insertions = facts.loops.flatMap(counters);
  let code = source;
  // From the end, and at one place the outermost last: positions before it stay right.
  for (const { at, text } of insertions.sort((a, b) => b.at - a.at || b.order - a.order))
    code = `${code.slice(0, at)}${text}${code.slice(at)}`;
  const most = facts.loops.map(() => 0);
  const now = facts.loops.map(() => 0);
  let left = TURNS_MAX;
  const stop = new Error('stopped');
  const context = {
    $enter(index: number) {
      now[index] = 0;
    },
    $turn(index: number) {
      if (left-- <= 0) throw stop;
      now[index] = (now[index] ?? 0) + 1;
      most[index] = Math.max(most[index] ?? 0, now[index] ?? 0);
    },
  };
  // A program may catch what stops it: then each further turn stops it again.
  const wrapped = `(async () => { 'use strict'; ${code}\n})()`;
  const running = vm.runInNewContext(wrapped, context, { timeout: 20_000 }) as Promise<unknown>;
  await running.catch(() => undefined);
  return { ends: left >= 0, turns: most };
}

interface Insertion {
  readonly at: number;
  readonly text: string;
  readonly order: number;
}

/** `{ $enter(0); while (x) { $turn(0); body } }` */
function counters({ node, label }: LoopFact, index: number): Insertion[] {
  const { body } = node;
  const turn = [
    { at: body.start, text: `{ $turn(${index}); `, order: index },
    { at: body.end, text: ' }', order: -index },
  ];
  // A label must stay at its loop.
  if (label !== null) return turn;
  return [
    { at: node.start, text: `{ $enter(${index}); `, order: index },
    ...turn,
    { at: node.end, text: ' }', order: -index },
  ];
}
