// Owns keeping a crash dump within its size: what is least needed is left out first, and the dump says what.

import type { CrashDump } from '../model/dump.ts';
import { thinSamples } from './thin.ts';

/** The largest dump that is written (characters of JSON). */
export const DUMP_CHARS_MAX = 32 * 1024 * 1024;

const SAMPLES_KEPT = 400;
const FINDINGS_KEPT = 100;
const FRAMES_KEPT = 20;
const SOURCE_CHARS_KEPT = 1024 * 1024;
const TEXT_CHARS_KEPT = 1000;

const cut = (text: string) => text.slice(0, TEXT_CHARS_KEPT);

/** What is left out, the least needed first: the tree and the profiles can be made again, the rest is told elsewhere too. */
const STEPS: readonly (readonly [
  field: string,
  leaveOut: (dump: CrashDump) => Partial<CrashDump>,
])[] = [
  ['ast', () => ({ ast: null, astOmitted: 'the dump would be too large with it' })],
  ['allocations', () => ({ allocations: null })],
  ['profile', () => ({ profile: null })],
  ['journal', () => ({ journal: undefined })],
  ['called', () => ({ called: undefined })],
  ['samples', ({ samples }) => ({ samples: thinnedTo(samples, SAMPLES_KEPT) })],
  [
    'logs',
    ({ logs }) => ({ logs: logs.slice(-10).map((log) => ({ ...log, text: cut(log.text) })) }),
  ],
  [
    'commands',
    ({ commands }) => ({
      commands: commands.slice(-10).map((command) => ({
        ...command,
        name: cut(command.name),
        args: null,
        ...('error' in command ? { error: cut(String(command.error)) } : { result: null }),
      })),
    }),
  ],
  ['input', () => ({ input: null })],
  [
    'report',
    ({ report }) => ({
      report: {
        ...report,
        findings: report.findings.slice(0, FINDINGS_KEPT),
        loops: [],
        recursion: [],
      },
    }),
  ],
  [
    'stack',
    ({ stack }) => ({
      stack: stack.slice(0, FRAMES_KEPT).map((frame) => ({ ...frame, locals: [] })),
    }),
  ],
  ['source', ({ source }) => ({ source: source.slice(0, SOURCE_CHARS_KEPT) })],
  [
    'error',
    ({ error }) => ({
      error: error && { ...error, message: cut(error.message), stack: cut(error.stack) },
    }),
  ],
  ['diagnosis', () => ({ diagnosis: [] })],
];

/**
 * A dump's JSON, within `charsMax` characters as far as leaving things out can do it; `truncated` names what was.
 * @param toText writes a dump
 */
export function fitDump(
  dump: CrashDump,
  toText: (dump: CrashDump) => string,
  charsMax = DUMP_CHARS_MAX,
): string {
  let fitted = dump;
  let text = toText(fitted);
  const truncated: string[] = [];
  for (const [field, leaveOut] of STEPS) {
    if (text.length <= charsMax) break;
    const next = { ...fitted, ...leaveOut(fitted) };
    const shorter = toText({ ...next, truncated: [...truncated, field] });
    // What makes no difference stays as it is.
    if (shorter.length >= text.length) continue;
    truncated.push(field);
    fitted = next;
    text = shorter;
  }
  return text;
}

/** At most so many, evenly, the last one among them. */
function thinnedTo(samples: CrashDump['samples'], most: number): CrashDump['samples'] {
  const step = Math.ceil(samples.length / most);
  return thinSamples(samples, (index) => (samples.length - 1 - index) % step === 0);
}
