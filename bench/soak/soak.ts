// `npm run soak -- --minutes 10`: a hundred macros at once, calm and hostile, with workers killed at random and memory taken
// by others. Says what was lost, what grew and what was left behind; exit code 1 when anything was.

import { mkdtemp, rm } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Corral, createCorral, createTrainingGround } from '../../src/corral.ts';
import { percentile } from '../measure.ts';
import { type Section, toMarkdown } from '../section.ts';
import { Account } from './account.ts';
import { descendants, descriptors, temporaryFiles } from './leftovers.ts';
import { type Kind, MIX, mixed, mulberry32 } from './mix.ts';
import { bytesPerMinute, type Reading } from './slope.ts';
import { blow, type StormTally } from './storm.ts';

const MB = 1024 * 1024;
/** A supervisor that grows by less than this in a minute is flat (bytes): over a day it would be 1.4 GB at the most. */
const SLOPE_MAX = 1 * MB;
/** Memory settles first: caches fill, code is compiled. Readings of this share of the time are not counted. */
const SETTLING = 0.3;
/** In less than this, a leak cannot be told from what settles: the slope is printed then, and not judged. */
const SLOPE_MINUTES_MIN = 5;
const READ_EVERY_MS = 1_000;
/** How long what was submitted may take to end once nothing more comes (ms). */
const ENDING_MS = 120_000;
/** What the outside takes away at a time, and what must stay free for a start. */
const HOG_BYTES = 1024 * MB;
/** How often a worker is killed: much more often, and the breaker opens, as it should where workers die one after another. */
const KILL_EVERY_MS = 2_500;

interface Flags {
  readonly minutes: number;
  readonly concurrent: number;
  readonly seed: number;
}

const flags = readFlags();
const before = { files: temporaryFiles(), descriptors: 0, children: descendants() };
const folder = await mkdtemp(join(tmpdir(), 'corral-soak-'));
const account = new Account();
const readings: Reading[] = [];
let faults: string[] = [];
try {
  const { calmMs, stormMs, tally } = await soak();
  faults = [...account.faults, ...leftovers()];
  print(calmMs, stormMs, tally);
} finally {
  await rm(folder, { recursive: true, force: true });
}
for (const fault of faults) process.stderr.write(`fault  ${fault}\n`);
process.stderr.write(faults.length === 0 ? 'clean\n' : `${faults.length} faults\n`);
process.exitCode = faults.length === 0 ? 0 : 1;

function readFlags(): Flags {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      concurrent: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
    },
  });
  const flags = {
    minutes: Number(values.minutes),
    concurrent: Number(values.concurrent),
    seed: Number(values.seed),
  };
  if (Object.values(flags).every((each) => Number.isFinite(each) && each > 0)) return flags;
  process.stderr.write('error --minutes, --concurrent and --seed take numbers above 0\n');
  process.exit(2);
}

async function soak(): Promise<{ calmMs: number[]; stormMs: number[]; tally: StormTally }> {
  const corral = createHouse();
  // Opened once and kept: not what a run leaves behind.
  await corral.start('return 1').result;
  before.descriptors = descriptors().length;
  const allMs = flags.minutes * 60_000;
  const calmMs = await probes(corral, Math.max(5_000, allMs * 0.1));
  process.stderr.write(`calm: ${calmMs.length} probes; now the storm, ${flags.minutes} min\n`);
  const stop = new AbortController();
  const random = mulberry32(flags.seed);
  const reader = setInterval(() => read(), READ_EVERY_MS);
  const storm = blow(
    {
      corral,
      random,
      killEveryMs: KILL_EVERY_MS,
      hogBytes: HOG_BYTES,
      hogMs: 2_000,
      hogEveryMs: 10_000,
    },
    stop.signal,
  );
  const load = submitAll(corral, stop.signal);
  const stormMs = await probes(corral, allMs * 0.9);
  stop.abort();
  clearInterval(reader);
  const tally = await storm;
  // Not kept waiting for by this process: the runs are.
  const late = sleep(ENDING_MS, false, { ref: false });
  const isOver = await Promise.race([load.then(() => true), late]);
  if (!isOver) account.faults.push(`never ended: ${account.open.slice(0, 5).join(', ')}`);
  await corral.close();
  await sleep(1_000);
  return { calmMs, stormMs, tally };
}

function createHouse(): Corral {
  return createCorral({
    commands: createTrainingGround({ seed: flags.seed }).commands,
    limits: { cpu: '300ms', burst: '300ms', wall: '20s', heap: '24mb', commands: 1000 },
    dumpDir: join(folder, 'dumps'),
    dumpKeep: { count: 200 },
    stateDir: join(folder, 'state'),
    load: { active: flags.concurrent },
  });
}

/** Keeps as many runs going as were asked for, until the signal aborts; resolves when all have ended. */
async function submitAll(corral: Corral, signal: AbortSignal): Promise<void> {
  const stream = mixed(flags.seed);
  const submitters = Array.from({ length: flags.concurrent }, async () => {
    while (!signal.aborted) {
      const { kind, source } = stream.next().value as { kind: Kind; source: string };
      const end = await account.book(corral.start(source, { lint: false }), kind);
      // Who is not let in comes back when told to, as a good client does.
      if (end.refusal)
        await sleep(Math.min(end.refusal.retryAfterMs ?? 0, 1_000), undefined, { signal }).catch(
          () => undefined,
        );
    }
  });
  await Promise.all(submitters);
}

/** Calm macros one after another: how long each takes from its start to its result (ms), sorted. */
async function probes(corral: Corral, forMs: number): Promise<number[]> {
  const until = performance.now() + forMs;
  const times: number[] = [];
  const kind = MIX[0] as Kind;
  for (let n = 0; performance.now() < until; n++) {
    const from = performance.now();
    // Not always the same macro: that would be one that spams. And somebody's who has nothing to do with the storm.
    const source = `// ==Macro==\n// @name probe-${n}\n// ==/Macro==\nawait chat.say({ text: 'probe' });\nreturn ${n};`;
    const run = corral.start(source, { owner: 'calm' });
    const { reason } = await account.book(run, kind);
    if (reason === 'completed') times.push(performance.now() - from);
    await sleep(50);
  }
  return times.sort((a, b) => a - b);
}

function read(): void {
  globalThis.gc?.();
  readings.push({ at: performance.now(), bytes: process.memoryUsage().heapUsed });
}

/** What must not be there any more. */
function leftovers(): string[] {
  const found: string[] = [];
  if (account.submitted !== account.ended)
    found.push(`${account.submitted} runs were submitted, ${account.ended} ended`);
  const children = descendants().filter((pid) => !before.children.includes(pid));
  if (children.length > 0) found.push(`processes left: ${children.join(', ')}`);
  const open = descriptors();
  // Fewer is fine: the warm worker's own are gone too.
  if (open.length > before.descriptors)
    found.push(
      `descriptors: ${before.descriptors} before, ${open.length} after: ${open.join(' ')}`,
    );
  const files = temporaryFiles().filter(
    (name) => !before.files.includes(name) && !folder.endsWith(name),
  );
  if (files.length > 0) found.push(`temporary files left: ${files.join(', ')}`);
  const slope = bytesPerMinute(settled());
  if (slope > SLOPE_MAX && flags.minutes >= SLOPE_MINUTES_MIN)
    found.push(`the supervisor grows by ${(slope / MB).toFixed(2)} MB a minute`);
  return found;
}

function settled(): readonly Reading[] {
  return readings.slice(Math.floor(readings.length * SETTLING));
}

function print(calmMs: readonly number[], stormMs: readonly number[], tally: StormTally): void {
  const reasons = (name: string) =>
    [...(account.ends.get(name) ?? [])]
      .toSorted((a, b) => b[1] - a[1])
      .map(([reason, count]) => `${reason} ${count}`)
      .join(', ');
  const ends: Section = {
    title: `Soak: ${flags.minutes} min, ${flags.concurrent} macros at once`,
    note: `${account.submitted} runs submitted, ${account.ended} ended; ${tally.workersKilled} workers killed from outside, ${tally.hogs} times ${HOG_BYTES / MB} MB taken by another program; ${(freemem() / MB / 1024).toFixed(1)} GB free at the end.`,
    columns: ['macros', 'ended as'],
    rows: MIX.map(({ name }) => [name, reasons(name)]),
  };
  const at = (times: readonly number[], share: number) => percentile(times, share).toFixed(1);
  const ratio = percentile(stormMs, 0.99) / percentile(calmMs, 0.99);
  const heap = settled().map(({ bytes }) => bytes / MB);
  const figures: Section = {
    title: 'Soak: what it does to calm macros and to the supervisor',
    note: 'A calm macro that gives one command, from its start to its result, in the storm and before it. The slope is the Theil–Sen estimate of the live heap after collections.',
    columns: ['what', 'value'],
    rows: [
      ['calm macros before the storm, p50 / p99 (ms)', `${at(calmMs, 0.5)} / ${at(calmMs, 0.99)}`],
      ['calm macros in the storm, p50 / p99 (ms)', `${at(stormMs, 0.5)} / ${at(stormMs, 0.99)}`],
      ['p99 in the storm against before', `${ratio.toFixed(1)} ×`],
      [
        "the supervisor's live heap, least / most (MB)",
        `${Math.min(...heap).toFixed(1)} / ${Math.max(...heap).toFixed(1)}`,
      ],
      ['its slope (MB a minute)', (bytesPerMinute(settled()) / MB).toFixed(3)],
      ['runs a second', (account.ended / (flags.minutes * 60)).toFixed(1)],
    ],
  };
  process.stdout.write(`${toMarkdown(ends)}\n${toMarkdown(figures)}`);
}
