// Owns what a kill costs after a limit is passed: CPU used beyond it, and memory held beyond it.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Corral, createCorral } from '../src/corral.ts';
import { createHostileCorral, readHostilePrograms } from '../test/support/hostile-programs.ts';
import { percentile } from './measure.ts';
import type { Section } from './section.ts';

const CPU_LIMIT_MS = 200;
/** CPU a macro may use without an answer before it is given up (docs/sandbox.md, "Grace"). */
const GRACE_MS = 150;
const MB = 1024 * 1024;
const LOOK_MS = 2;

/** What V8 can interrupt. */
const INTERRUPTIBLE: Readonly<Record<string, string>> = {
  'empty loop': 'for (;;);',
  arithmetic: 'let a = 1; for (;;) a = (a * 31 + 7) % 1000003;',
  'objects made and dropped': 'for (;;) ({ a: [1, 2, { b: 3 }] });',
  'texts made and dropped': 'let n = 0; for (;;) String(n++).padStart(20).split("");',
  'a map that is filled and emptied':
    'const m = new Map(); for (let i = 0; ; i++) { m.set(i % 999, i); if (i % 999 === 0) m.clear(); }',
  'caught recursion': 'function f() { f(); } for (;;) try { f(); } catch {}',
  'promises that never wait': 'for (;;) await null;',
  'a regular expression': '/^(a+)+$/.test("a".repeat(40) + "b")',
};

/** What never gets to where V8 looks for interrupts. */
const STUCK: Readonly<Record<string, string>> = {
  'reverse of a giant': 'Array.prototype.reverse.call({ length: 2 ** 53 - 1 });',
  'copyWithin of a giant': 'Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 1, 0);',
  'indexOf in a giant': 'const a = []; a.length = 2 ** 32 - 1; a.indexOf(1);',
  'fill of a giant': 'Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 0);',
};

/** CPU beyond a limit of 200 ms, over the same runs one after another. */
export async function benchKillCpu(): Promise<Section> {
  await using corral = createCorral({
    dump: 'never',
    limits: { cpu: CPU_LIMIT_MS, heap: '256mb' },
  });
  await corral.start('return 1').result;
  const rows: string[][] = [];
  for (const [what, source] of Object.entries(INTERRUPTIBLE)) {
    const ends = await killed(corral, source, { runs: 100, reason: 'cpu-limit' });
    rows.push(
      row(
        what,
        ends.map(({ cpuMs }) => cpuMs - CPU_LIMIT_MS),
        '≤ 20',
      ),
    );
  }
  for (const [what, source] of Object.entries(STUCK)) {
    const ends = await killed(corral, source, { runs: 30, reason: 'stuck' });
    const overs = ends.map(({ tookMs }) => tookMs - CPU_LIMIT_MS - GRACE_MS);
    rows.push(row(`${what}, after grace`, overs, '≤ 250'));
  }
  return {
    title: 'Contain: CPU used beyond a limit of 200 ms',
    note: 'One run after another, each killed: ms of CPU beyond the limit, as the run tells it. Of code that is stuck nobody can tell its CPU: ms of time from its start until its process is gone, less the limit and 150 ms of grace.',
    columns: ['what', 'runs', 'p50', 'p99', 'most', 'goal p99'],
    rows,
  };
}

function row(what: string, overs: readonly number[], goal: string): string[] {
  const sorted = overs.toSorted((a, b) => a - b);
  const at = (share: number) => percentile(sorted, share).toFixed(0);
  return [what, String(sorted.length), at(0.5), at(0.99), (sorted.at(-1) ?? 0).toFixed(0), goal];
}

async function killed(
  corral: Corral,
  source: string,
  { runs, reason }: { readonly runs: number; readonly reason: string },
): Promise<{ cpuMs: number; tookMs: number }[]> {
  const ends: { cpuMs: number; tookMs: number }[] = [];
  for (let n = 0; n < runs; n++) {
    const from = performance.now();
    const end = await corral.start(source, { lint: false }).result;
    if (end.reason !== reason) throw new Error(`${source}: ${end.reason}, not ${reason}`);
    ends.push({ cpuMs: end.cpuMs, tookMs: performance.now() - from });
  }
  return ends;
}

/** Memory of the process beyond the heap limit, for each hostile program that grows. */
export async function benchKillMemory(): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), 'corral-bench-'));
  try {
    const rows: [what: string, reason: string, overMb: number][] = [];
    for (const { name, source, family } of readHostilePrograms()) {
      if (family !== 'memory') continue;
      const { reason, overBytes } = await peakOf(source, folder);
      rows.push([name, reason, overBytes / MB]);
    }
    rows.sort((a, b) => b[2] - a[2]);
    return {
      title: 'Contain: memory of the process beyond a heap limit of 32 MB',
      note: `The largest resident size of the worker (VmHWM, looked at every ${LOOK_MS} ms) over what it held at rest plus the limit. Goal: under 128 MB for each.`,
      columns: ['program', 'ends as', 'MB beyond'],
      rows: rows.map(([what, reason, over]) => [what, reason, Math.max(0, over).toFixed(0)]),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A corral of its own, so that its one worker is the one that grows. */
async function peakOf(
  source: string,
  dumpDir: string,
): Promise<{ reason: string; overBytes: number }> {
  await using corral = createHostileCorral(dumpDir);
  await corral.start('eval("1")').result;
  const peaks = new Map<number, number>();
  const rest = Math.max(...corral.workerPids.map((pid) => readPeak(pid) ?? 0));
  const timer = setInterval(() => {
    for (const pid of corral.workerPids) peaks.set(pid, readPeak(pid) ?? peaks.get(pid) ?? 0);
  }, LOOK_MS);
  const { reason } = await corral.start(source, { lint: false }).result;
  clearInterval(timer);
  return { reason, overBytes: Math.max(0, ...peaks.values()) - rest - 32 * MB };
}

function readPeak(pid: number): number | null {
  try {
    const kb = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? null : Number(kb) * 1024;
  } catch {
    return null;
  }
}
