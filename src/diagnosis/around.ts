// Owns which loops a run ended in: those around each place on its stack, with what lint says of each.

import { type LoopAt, loopsAround, loopsCalling } from '../analysis/loops/loop-at.ts';
import type { CrashDump } from '../model/dump.ts';
import type { Scene } from './scene.ts';

const FRAMES_MAX = 12;

/** A loop it was in, and where on the stack. */
export interface Around {
  readonly loop: LoopAt;
  readonly frame: CrashDump['stack'][number] | null;
  readonly verdict: string;
  readonly bound: number | null;
  /** Why it never ends, in the words of lint. */
  readonly why: string | null;
  /** Why it does not end once it has begun, unless something unknown in it throws; in the words of lint. */
  readonly suspicion: string | null;
}

const NEVER = /^this loop (?:can never end|never ends by itself): ([^;]+)/;
const ONCE_BEGUN = /^once this loop has begun it does not end by itself: ([^;]+)/;

/** The loops around each place on the stack, the innermost first. */
export function loopsOf({ dump, file, text, offset, report }: Scene): Around[] {
  if (!text) return [];
  const frames = dump.stack.filter((frame) => frame.file === file).slice(0, FRAMES_MAX);
  const places = frames.map((frame) => ({
    frame,
    at: (text.lines.starts[frame.line - 1] ?? 0) + (frame.column ?? 1) - 1,
  }));
  const all = places.length > 0 ? places : offset === null ? [] : [{ frame: null, at: offset }];
  // All but the innermost stand at the call that they make.
  return all.flatMap(({ frame, at }, depth) =>
    (depth === 0 ? loopsAround : loopsCalling)(at, text).map((loop) => {
      const isIt = ({ line, column }: { readonly line: number; readonly column: number }) =>
        line === loop.line && column === loop.column;
      const judged = report?.loops.find(isIt);
      const said = report?.findings.find((each) => each.rule === 'infinite-loop' && isIt(each));
      const words = said?.message ?? '';
      return {
        loop,
        frame,
        verdict: judged?.verdict ?? 'unknown',
        bound: judged?.bound ?? null,
        why: NEVER.exec(words)?.[1] ?? null,
        suspicion: ONCE_BEGUN.exec(words)?.[1] ?? null,
      };
    }),
  );
}
