// Owns `corral lint --watch`: looks at everything once, then at whatever changes, until it is interrupted.

import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { safeText } from '../../model/safe-text.ts';
import { findMacros } from './find-macros.ts';
import { lintFiles, readMacro } from './lint-files.ts';
import { type LintMeans, type LintResult, lintSource } from './linted.ts';
import { MacroFolders } from './macro-folders.ts';

/** How long between two looks (ms); a look at many files takes longer, and then waits longer. */
const EVERY_MS = 250;
const SHARE = 10;
const NAMED_MAX = 8;

/** Where what is seen goes. */
export interface WatchView {
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Takes what was found, of all files first and then of those that changed. */
  readonly show: (result: LintResult) => void;
  /** Takes a line about the watch itself. */
  readonly tell: (line: string) => void;
}

/** File → what changes whenever its text does. */
type Stamps = ReadonlyMap<string, string>;

/** Watches files, folders and patterns; resolves once interrupted. */
export async function watchMacros(
  paths: readonly string[],
  means: LintMeans,
  { signal, show, tell }: WatchView,
): Promise<void> {
  let stamps = await stampsOf(paths);
  show(await lintFiles({ paths }, means));
  for (;;) {
    tell(`watching ${stamps.size} file${stamps.size === 1 ? '' : 's'}, Ctrl-C ends`);
    const next = await nextStamps(paths, stamps, signal);
    if (!next) return;
    const changed = [...next.keys()].filter((file) => stamps.get(file) !== next.get(file));
    for (const line of changeLines(stamps, next, changed)) tell(line);
    stamps = next;
    if (changed.length > 0) show(await lookAt(changed, { ...means, folders: new MacroFolders() }));
  }
}

/** What came, went and changed, a line each, and how many where there are too many to name. */
function changeLines(before: Stamps, now: Stamps, changed: readonly string[]): string[] {
  const gone = [...before.keys()].filter((file) => !now.has(file));
  const lines = [
    ...gone.map((file) => `${safeText(file)} is gone`),
    ...changed.map((file) => `${safeText(file)} ${before.has(file) ? 'has changed' : 'is new'}`),
  ];
  const more = lines.length - NAMED_MAX;
  return ['', ...lines.slice(0, NAMED_MAX), ...(more > 0 ? [`and ${more} more`] : [])];
}

async function lookAt(files: readonly string[], means: LintMeans): Promise<LintResult> {
  const sources = await Promise.all(files.map((file) => readMacro(file)));
  return {
    linted: sources.flatMap((each) => ('message' in each ? [] : [lintSource(each, means)])),
    unread: sources.flatMap((each) => ('message' in each ? [each] : [])),
  };
}

/** Resolves as soon as something has changed; null once interrupted. */
async function nextStamps(
  paths: readonly string[],
  before: Stamps,
  signal: AbortSignal,
): Promise<Stamps | null> {
  let tookMs = 0;
  for (;;) {
    // Looked at anew rather than told by the system: that misses nothing when editors replace files, on any disk.
    await sleep(Math.max(EVERY_MS, tookMs * SHARE), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return null;
    const startedAt = performance.now();
    const now = await stampsOf(paths);
    tookMs = performance.now() - startedAt;
    const isSame =
      now.size === before.size && [...now].every(([file, at]) => before.get(file) === at);
    if (!isSame) return now;
  }
}

async function stampsOf(paths: readonly string[]): Promise<Stamps> {
  const { files } = await findMacros(paths);
  const stamps = new Map<string, string>();
  for (const file of files) {
    const about = await stat(file, { bigint: true }).catch(() => null);
    // What is not there may come yet.
    if (about) stamps.set(file, `${about.mtimeNs} ${about.size} ${about.ino}`);
  }
  return stamps;
}
