// Owns what is said of commands that came back as errors: how many, with which words, and where the macro took no notice.

import { caughtAt } from '../analysis/facts/caught-at.ts';
import { cameBack } from '../model/came-back.ts';
import { safeText } from '../model/safe-text.ts';
import { counted, type Diagnosis, fact, named, type Scene } from './scene.ts';

/** Fewer failures are no reason for anything. */
const FAILED_MIN = 3;
const SHARE_MIN = 0.5;
const WORDS_CHARS = 160;

/** A command that came back, and what with. */
interface Came {
  readonly name: string;
  /** Null where it was answered. */
  readonly error: string | null;
  readonly line: number | null;
}

/** What is known of how commands came back. */
export interface Failures {
  /** So many came back as errors; null where only the last are remembered. */
  readonly failed: number | null;
  readonly said: readonly Diagnosis[];
}

/** The command most of whose tries failed. */
export function failuresOf(scene: Scene): Failures {
  const { came, isAll } = remembered(scene);
  const failed = came.filter(({ error }) => error !== null);
  const [worst] = [...Map.groupBy(failed, ({ name }) => name)].sort(
    (a, b) => b[1].length - a[1].length,
  );
  const count = isAll ? failed.length : null;
  if (!worst) return { failed: count, said: [] };
  const [name, errors] = worst;
  const tries = came.filter((each) => each.name === name).length;
  if (errors.length < FAILED_MIN || errors.length < tries * SHARE_MIN)
    return { failed: count, said: [] };
  return { failed: count, said: [tell(name, errors, tries, isAll, scene)] };
}

/** All that came back, where the journal has all of it; else the last that are remembered. */
function remembered({ dump }: Scene): {
  readonly came: readonly Came[];
  readonly isAll: boolean;
} {
  const { commands, journal } = dump;
  const all = cameBack(dump);
  const lineOf = new Map(commands.map(({ name, line }) => [name, line]));
  const noted = (journal?.entries ?? [])
    .filter(({ kind, afterMs, limit }) => kind === 'command' && afterMs !== null && !limit)
    .map(({ name, error }): Came => {
      return { name, error: error?.message ?? null, line: lineOf.get(name) ?? null };
    });
  if (noted.length >= all && all > commands.length) return { came: noted, isAll: true };
  const last = commands.map(({ name, error = null, line }): Came => ({ name, error, line }));
  return { came: last, isAll: commands.length >= all };
}

function tell(
  name: string,
  errors: readonly Came[],
  tries: number,
  isAll: boolean,
  { text }: Scene,
): Diagnosis {
  const it = named(name);
  const every = errors.length === tries;
  const much = every
    ? `all ${isAll ? '' : 'of the last '}${counted(tries)} × ${it} failed`
    : `${counted(errors.length)} of ${isAll ? '' : 'the last '}${counted(tries)} × ${it} failed`;
  const last = errors.at(-1);
  const isSame = new Set(errors.map(({ error }) => error)).size === 1;
  const line = last?.line ?? null;
  const handler = line === null ? null : catchAround(line, text);
  const caught = handler === null ? '' : `; the error is caught at line ${handler}`;
  return fact(
    `${much}, ${isSame ? 'each' : 'the last'} with: ${wordsOf(last?.error ?? '', name)}${caught}`,
    handler === null
      ? `See why ${it} fails${at(line)} before it is given again: what the error says has to change first.`
      : `In the \`catch\` at line ${handler}, look at what the error says (\`error.message\`, \`error.code\`), and do not give ${it} again as it was: end after a few tries, and \`await sleep(ms)\` before each.`,
  );
}

/** The host's words, without the command's name before them. */
function wordsOf(message: string, name: string): string {
  const words = message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message;
  return safeText(words, { charsMax: WORDS_CHARS });
}

function at(line: number | null): string {
  return line === null ? '' : ` at line ${line}`;
}

/** The line of the `catch` around the first thing on a line; null for none. */
function catchAround(line: number, text: Scene['text']): number | null {
  if (!text) return null;
  const start = text.lines.starts[line - 1] ?? 0;
  const end = text.lines.starts[line] ?? text.source.length;
  const call = text.facts.calls.find(({ node }) => start <= node.start && node.start < end);
  const handler = call && caughtAt(call.node.start, text.facts.program);
  return handler ? text.lines.at(handler.start).line : null;
}
