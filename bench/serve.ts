// Owns what the HTTP service costs: requests a second against the same in-process, how soon it answers while hostile macros run,
// and a thousand listeners of its events.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCorral } from '../src/corral.ts';
import { formatCount } from '../src/model/units.ts';
import { readResidentBytes } from '../src/supervisor/process-clock.ts';
import { EventListener } from '../test/support/event-listener.ts';
import { startServer, type TestServer } from '../test/support/server.ts';
import { percentile } from './measure.ts';
import type { Section } from './section.ts';

const SOURCE = 'let n = 0; for (let at = 0; at < 10; at++) n += at; return n';
const HOSTILE = 'let n = 0; while (true) n++;';
const AT_ONCE = 8;
const REQUESTS = 1_000;
const PROBES = 100;
const PROBE_EVERY_MS = 5;
const REST_MS = 10_000;
const ROUNDS = 5;
const HOSTILES = 100;
const LISTENERS = 1_000;
const QUEUED = 10_000;
/** As many as one request may bring. */
const BATCH = 100;
const LOOK_MS = 500;

/** The service against the same in-process. */
export async function benchServe(): Promise<Section> {
  const dir = mkdtempSync(join(tmpdir(), 'corral-bench-'));
  try {
    const room = ['--set', 'load.queue=20000', '--set', 'load.queuePerOwner=20000'];
    const flags = ['--log', 'silent', '--rate', '10000000', ...room];
    await using server = await startServer(dir, flags, { lifeMs: 15 * 60_000 });
    await using corral = createCorral({ dump: 'never' });
    const lint = () => server.ask('/api/lint', { body: { source: SOURCE } });
    const run = () => server.ask('/api/runs?wait=60000', { body: { source: SOURCE } });
    await perSecond(run, 100);
    const rows = [
      ['lint over HTTP, requests/s', (await perSecond(lint)).toFixed(0)],
      ['lint in-process, texts/s', (await perSecond(async () => corral.lint(SOURCE))).toFixed(0)],
      ['warm runs over HTTP, each on disk, runs/s', (await perSecond(run)).toFixed(0)],
      [
        'warm runs in-process, runs/s',
        (await perSecond(() => corral.start(SOURCE).result)).toFixed(0),
      ],
      ...(await livez(server)),
      ['an event to all of 1,000 listeners, ms', (await toListeners(server)).toFixed(0)],
      ...(await queued(server)),
    ];
    return {
      title: 'Serve: over HTTP against in-process',
      note: `${REQUESTS} requests, ${AT_ONCE} at once, from one process to another; /livez every ${PROBE_EVERY_MS} ms, for ${REST_MS / 1000} s at rest and all the while that ${HOSTILES} macros that never end, submitted at once, are run and stopped.`,
      columns: ['what', 'value'],
      rows,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function perSecond(work: () => Promise<unknown>, count = REQUESTS): Promise<number> {
  const from = performance.now();
  let left = count;
  const worker = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return (count * 1000) / (performance.now() - from);
}

async function livez(server: TestServer): Promise<string[][]> {
  const rounds: Round[] = [];
  for (let n = 0; n < ROUNDS; n++) rounds.push(await livezRound(server));
  rounds.sort((a, b) => a.busy / a.idle - b.busy / b.idle);
  const { idle, busy } = rounds[Math.floor(ROUNDS / 2)] ?? { idle: Number.NaN, busy: Number.NaN };
  const ratios = rounds.map((each) => (each.busy / each.idle).toFixed(1));
  return [
    ['/livez at rest, p99 ms', idle.toFixed(1)],
    [`/livez with ${HOSTILES} hostile macros, p99 ms`, busy.toFixed(1)],
    [`ratio, of ${ROUNDS} rounds the middle one (${ratios.join(', ')})`, (busy / idle).toFixed(1)],
  ];
}

interface Round {
  /** p99 (ms). */
  readonly idle: number;
  readonly busy: number;
}

async function livezRound(server: TestServer): Promise<Round> {
  const restUntil = performance.now() + REST_MS;
  const idle = await p99(server, async () => performance.now() < restUntil);
  const body = { source: HOSTILE, lint: false, limits: { cpu: '200ms' } };
  const batch = Array.from({ length: HOSTILES }, () => body);
  await server.ask('/api/runs/batch', { body: batch });
  return { idle, busy: await p99(server, () => isOpen(server)) };
}

/** Asked again and again until it is over, which is looked at now and then. */
async function p99(server: TestServer, goesOn: () => Promise<boolean>): Promise<number> {
  const timesMs: number[] = [];
  do {
    for (let n = 0; n < PROBES; n++) {
      const from = performance.now();
      await server.ask('/livez');
      timesMs.push(performance.now() - from);
      await sleep(PROBE_EVERY_MS);
    }
  } while (await goesOn());
  return percentile(
    timesMs.sort((a, b) => a - b),
    0.99,
  );
}

async function isOpen(server: TestServer): Promise<boolean> {
  const { body } = await server.ask('/api/runs?status=queued&status=running&limit=1');
  return body.runs.length > 0;
}

/** Many at once: how fast they are taken, what they hold while they wait, and that each ends. */
async function queued(server: TestServer): Promise<string[][]> {
  const { pid = -1 } = server.child;
  const before = readResidentBytes(pid) ?? 0;
  const from = performance.now();
  const ids: string[] = [];
  const submit = async () => {
    const body = Array.from({ length: BATCH }, (_, n) => ({ source: `${SOURCE} + ${n}` }));
    const { body: answers } = await server.ask('/api/runs/batch', { body });
    for (const { id } of answers as { id?: string }[]) if (id !== undefined) ids.push(id);
  };
  await perSecond(submit, QUEUED / BATCH);
  const takenMs = performance.now() - from;
  const bytes = (readResidentBytes(pid) ?? 0) - before;
  while (await isOpen(server)) await sleep(LOOK_MS);
  const endedMs = performance.now() - from;
  const completed = new Set<string>();
  for (let at: string | null = ''; at !== null; ) {
    const { body } = await server.ask(`/api/runs?status=completed&limit=500${at}`);
    for (const { id } of body.runs as { id: string }[]) completed.add(id);
    at = body.next === null ? null : `&cursor=${body.next}`;
  }
  return [
    [`${formatCount(QUEUED)} submitted at once: taken, each on disk`, formatCount(ids.length)],
    ['taken a second', ((ids.length * 1000) / takenMs).toFixed(0)],
    ['ended a second', ((ids.length * 1000) / endedMs).toFixed(0)],
    ['of them completed', formatCount(ids.filter((id) => completed.has(id)).length)],
    ['memory of the server for each, KB', (bytes / 1024 / QUEUED).toFixed(1)],
  ];
}

async function toListeners(server: TestServer): Promise<number> {
  const listeners: EventListener[] = [];
  try {
    while (listeners.length < LISTENERS)
      listeners.push(
        ...(await Promise.all(
          Array.from({ length: 50 }, () =>
            EventListener.open(server.url, { query: '?type=settings' }),
          ),
        )),
      );
    const from = performance.now();
    await server.ask('/api/guard/level', { method: 'PUT', body: { level: 'high' } });
    await Promise.all(listeners.map((each) => each.first(({ type }) => type === 'settings')));
    return performance.now() - from;
  } finally {
    for (const each of listeners) each[Symbol.dispose]();
  }
}
