// What becomes of runs that do what a pattern describes: real macros in real workers.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { readDump } from '../../../src/dumps/dump.ts';
import { defineCommand } from '../../../src/model/command.ts';
import type { EndEvent, InterventionEvent } from '../../../src/model/events.ts';
import type { Intervention } from '../../../src/model/guard.ts';
import { RISK_BOUNDS } from '../../../src/model/risk.ts';
import { replayDump } from '../../../src/supervisor/replay.ts';
import type { Run } from '../../../src/supervisor/run.ts';
import { livePattern } from '../../support/live-patterns.ts';
import { NotingLedger } from '../support/ledgers.ts';
import { until } from '../support/processes.ts';
import { createSupervisor } from '../support/supervisors.ts';

/** What reached the host: by whom, and in which state the run was. */
const rung: { by: string; state: string; n: number }[] = [];
const runs = new Map<string, Run>();

const ring = (category: string) =>
  defineCommand({
    name: `${category}.ring`,
    description: 'Rings.',
    input: z.object({ n: z.int().default(0) }),
    output: z.null(),
    run: ({ n }, { macro, runId }) => {
      rung.push({ by: macro, state: runs.get(runId)?.state ?? '?', n });
      return null;
    },
  });

/** Three in a minute are allowed; the time is such that no machine is too slow for it. */
const bell = (category: string, action: Intervention, autoResumeAfterMs?: number) =>
  livePattern(category, {
    action,
    timeWindowMs: 60_000,
    match: { command: { category } },
    recovery: {
      advice: `Ring ${category} less.`,
      ...(autoResumeAfterMs !== undefined && { autoResumeAfterMs }),
    },
  });

const patterns = [
  bell('warned', 'warn'),
  bell('paused', 'pause', 150),
  bell('held', 'pause'),
  bell('stopped', 'stop'),
  bell('everything', 'emergency'),
];
const commands = [...patterns.map(({ id }) => ring(id)), ring('free')];
const ledger = new NotingLedger();
const common = { commands, patterns: () => patterns, ledger };
const supervisor = createSupervisor(common);
after(() => supervisor.close());

/** A run and everything that was done about it. */
function watched(name: string, source: string, by = supervisor) {
  const run = by.start(source, { file: `${name}.js`, lint: false });
  runs.set(run.id, run);
  const interventions: InterventionEvent[] = [];
  run.on('intervention', (event) => interventions.push(event));
  return { run, interventions };
}

const rings = (category: string, times: number) =>
  `for (let n = 0; n < ${times}; n++) await ${category}.ring({ n });`;
const heardBy = (name: string) => rung.filter(({ by }) => by === name).map(({ n }) => n);

describe('a warning', () => {
  test('is told, with what was seen, and the run goes on', async () => {
    const { run, interventions } = watched('warned', `${rings('warned', 8)}\nreturn "done"`);
    assert.equal((await run.result).value, 'done');
    assert.deepEqual(
      interventions.map(({ offence }) => offence),
      [1, 2],
      'each time anew',
    );
    const [{ at, occurrences, ...first } = assert.fail('nothing was told')] = interventions;
    assert.deepEqual(first, {
      type: 'intervention',
      pattern: 'warned',
      title: 'Too much: warned',
      action: 'warn',
      message: '4 warned.ring in 1m; the limit is 3 in 1m',
      advice: 'Ring warned less.',
      scope: 'run',
      what: 'commands',
      measured: 4,
      allowed: 3,
      windowMs: 60_000,
      offence: 1,
      resumeAfterMs: null,
    });
    assert.deepEqual(
      occurrences.map(({ name, line }) => [name, line]),
      Array(4).fill(['warned.ring', 1]),
    );
    assert.ok(at >= (occurrences[0]?.at ?? Infinity));
    assert.equal(heardBy('warned').length, 8, 'all of them were carried out');
  });

  test('is told to the feed too, and noted for those who remember macros', async () => {
    const { run } = watched('noted', rings('warned', 4));
    await run.result;
    const told = supervisor.feed.recent.find(
      (event) => event.type === 'intervention' && event.runId === run.id,
    );
    assert.ok(told?.type === 'intervention');
    assert.deepEqual([told.macro, told.owner], ['noted', 'local']);
    assert.equal(told.risk, RISK_BOUNDS.medium, 'as its pattern says');
    const [key, hit] = ledger.hits.find(([, { runId }]) => runId === run.id) ?? [];
    assert.equal(key?.name, 'noted');
    assert.deepEqual(
      [hit?.pattern, hit?.action, hit?.risk, hit?.effects],
      ['warned', 'warn', 'medium', ['somebody is annoyed']],
    );
    assert.ok(!ledger.held.some(([{ name }]) => name === 'noted'));
  });
});

describe('a pause', () => {
  test('takes effect within one command: neither that one nor any behind it is carried out', async () => {
    const source =
      'await Promise.all(Array.from({ length: 40 }, (_, n) => held.ring({ n })));\nreturn "done"';
    const { run } = watched('line', source);
    await until('the pause', () => run.state === 'paused');
    await sleep(100);
    assert.deepEqual(heardBy('line'), [0, 1, 2]);
    await run.resume();
    await until('the next pause', () => heardBy('line').length === 6 && run.state === 'paused');
    assert.deepEqual(heardBy('line'), [0, 1, 2, 3, 4, 5], 'in order, and none is lost');
    await run.stop();
    assert.equal(heardBy('line').length, 6, 'what was held is never carried out');
  });

  test('or a stop in mid-burst has nothing carried out of what the macro gives before it can hear of it', async () => {
    const source = `for (let n = 0; n < 400; n++) {
  free.ring({ n });
  for (let i = 0; i < 1e6; i++);
}
await sleep(1);
return "done"`;
    const { run } = watched('burst', source);
    await until('some commands', () => heardBy('burst').length >= 3);
    const over = run.stop();
    const before = heardBy('burst').length;
    await over;
    assert.equal(heardBy('burst').length, before);
  });

  test('ends by itself after its time, which no clock of the run counts', async () => {
    const { run, interventions } = watched('briefly', `${rings('paused', 4)}\nreturn "done"`);
    const states: string[] = [];
    let pausedAt = 0;
    let resumedAt = 0;
    run.on('state', ({ state }) => {
      states.push(state);
      if (state === 'paused') pausedAt = performance.now();
      else if (pausedAt > 0 && state === 'running') resumedAt = performance.now();
    });
    const end = await run.result;
    assert.deepEqual([end.value, states.slice(-3)], ['done', ['paused', 'running', 'ended']]);
    assert.equal(interventions[0]?.resumeAfterMs, 150);
    assert.ok(end.durationMs + (resumedAt - pausedAt) < performance.now());
    assert.deepEqual(
      rung.filter(({ by }) => by === 'briefly').map(({ state }) => state),
      Array(4).fill('running'),
    );
  });

  test('without a time lasts until somebody resumes the run', async () => {
    const { run, interventions } = watched('until', `${rings('held', 4)}\nreturn "done"`);
    await until('the pause', () => run.state === 'paused');
    assert.equal(interventions[0]?.resumeAfterMs, null);
    await sleep(300);
    assert.equal(run.state, 'paused');
    assert.equal(await run.resume(), true);
    assert.equal((await run.result).value, 'done');
  });

  test('ends when a person resumes the run before its time, and its time then changes nothing', async () => {
    const { run } = watched('early', `${rings('paused', 4)}\nawait sleep(400);\nreturn "done"`);
    await until('the pause', () => run.state === 'paused');
    await run.resume();
    await run.pause();
    await sleep(300);
    assert.equal(run.state, 'paused', "a person's pause has no time");
    await run.resume();
    assert.equal((await run.result).value, 'done');
  });

  test('does not end by its time where a person has paused the run too', async () => {
    const { run } = watched('both', `${rings('paused', 4)}\nreturn "done"`);
    await until('the pause', () => run.state === 'paused');
    assert.equal(await run.pause(), true);
    await sleep(400);
    assert.equal(run.state, 'paused');
    await run.resume();
    assert.equal((await run.result).value, 'done');
  });

  test('becomes a stop after so many, and says so', async () => {
    const { run, interventions } = watched('again', rings('paused', 100));
    const end = await run.result;
    assert.equal(end.reason, 'pattern:paused');
    assert.deepEqual(
      interventions.map(({ action, offence }) => [action, offence]),
      [
        ['pause', 1],
        ['pause', 2],
        ['pause', 3],
        ['stop', 4],
      ],
    );
    assert.match(end.message, /it was paused for that 3 times before$/);
    assert.equal(heardBy('again').length, 12);
  });

  test('counts over all runs of a macro: starting it again does not help', async () => {
    const ends: EndEvent[] = [];
    for (let n = 0; n < 4; n++)
      ends.push(await watched('restarted', `${rings('paused', 4)}`).run.result);
    assert.deepEqual(
      ends.map(({ reason }) => reason),
      ['completed', 'completed', 'completed', 'pattern:paused'],
    );
  });

  test('holds what is in line for a pause by a person as well', async () => {
    const source =
      'for (let n = 0; n < 9; n++) free.ring({ n });\nawait sleep(200);\nreturn "done"';
    const run = supervisor.start(source, { file: 'by-hand.js', lint: false });
    runs.set(run.id, run);
    const leave = run.on('command', () => {
      leave();
      void run.pause();
    });
    await until('the pause', () => run.state === 'paused');
    const heard = heardBy('by-hand').length;
    await sleep(100);
    assert.equal(heardBy('by-hand').length, heard);
    await run.resume();
    assert.equal((await run.result).value, 'done');
    assert.equal(heardBy('by-hand').length, 9);
  });
});

describe('a stop', () => {
  test('is told in the end and the dump: what was counted, what is allowed, where, and what to do', async () => {
    const source = `// a comment
for (let n = 0; n < 30; n++)
  stopped.ring({ n });
await sleep(60_000);`;
    const { run, interventions } = watched('killed', source);
    const end = await run.result;
    assert.deepEqual([end.status, end.reason, end.line], ['killed', 'pattern:stopped', 3]);
    assert.equal(end.message, 'Too much: stopped: 4 stopped.ring in 1m; the limit is 3 in 1m');
    assert.deepEqual(heardBy('killed'), [0, 1, 2], 'nothing more is carried out');
    assert.equal(interventions.length, 1);
    const dump = await readDump(end.dump ?? '');
    const [kept] = dump.interventions ?? [];
    assert.deepEqual([kept?.measured, kept?.allowed, kept?.windowMs], [4, 3, 60_000]);
    assert.equal(kept?.occurrences.length, 4);
    assert.match(
      dump.diagnosis?.[0]?.text ?? '',
      /^it gave 4 commands in 1m, where 3 are allowed; /,
    );
    assert.match(dump.diagnosis?.[0]?.text ?? '', /: 4 × `stopped\.ring` at line 3$/);
    const json = end.dump ?? '';
    const text = readFileSync(
      json.replace('crash-dump', 'crash-summary').replace(/json$/, 'txt'),
      'utf8',
    );
    assert.match(text, /> 3 \| {3}stopped\.ring\(\{ n \}\);/);
    assert.match(text, /watched {4}.*stopped stopped 4 stopped\.ring in 1m; the limit is 3 in 1m/);
    assert.match(text, /What to try\n {2}- Ring stopped less\.\n/);
  });

  test('holds the macro until somebody lets it run again: who, when and why is noted', async () => {
    const { run } = watched('held-back', rings('stopped', 9));
    await run.result;
    const [key, quarantine] = ledger.held.find(([{ name }]) => name === 'held-back') ?? [];
    assert.equal(key?.owner, 'local');
    assert.deepEqual([quarantine?.by, quarantine?.runId], ['pattern:stopped', run.id]);
    assert.match(quarantine?.why ?? '', /^Too much: stopped: 4 stopped\.ring/);
    const told = supervisor.feed.recent.find(
      (event) => event.type === 'quarantine' && event.macro === 'held-back',
    );
    assert.ok(told?.type === 'quarantine' && told.held);
  });

  test('happens even where nothing can be noted', async () => {
    const broken = new NotingLedger();
    broken.isBroken = true;
    await using own = createSupervisor({ ...common, ledger: broken });
    const { run } = watched('unnoted', rings('stopped', 9), own);
    const warnings: string[] = [];
    run.on('warning', ({ message }) => warnings.push(message));
    assert.equal((await run.result).reason, 'pattern:stopped');
    assert.match(warnings[0] ?? '', /cannot be remembered: the disk is full/);
  });

  test('counts the commands of macros that the run calls', async () => {
    const caller = 'for (let n = 0; n < 9; n++) await macros.call("callee", { n });';
    const library = {
      find: async () => ({
        name: 'callee',
        file: 'callee.js',
        language: 'js' as const,
        source: 'await stopped.ring({ n: input.n });',
      }),
      names: async () => ['callee'],
    };
    const run = supervisor.start(caller, { file: 'caller.js', lint: false, library });
    const end = await run.result;
    assert.deepEqual([end.reason, end.file, end.line], ['pattern:stopped', 'callee.js', 1]);
  });

  test('comes again in a replay, which itself is not watched', async () => {
    const { run } = watched('replayed', `await free.ring();\n${rings('stopped', 9)}`);
    const end = await run.result;
    const heard = rung.length;
    const seen: unknown[] = [];
    const replay = await replayDump(await readDump(end.dump ?? ''), {
      onStart: (again) => again.on('intervention', (event) => seen.push(event)),
    });
    assert.deepEqual([replay.same, replay.end.reason], [true, 'pattern:stopped']);
    assert.deepEqual([seen, rung.length], [[], heard]);
  });
});

describe('a guard level', () => {
  test('makes something stricter of what a pattern asks for', async () => {
    await using strict = createSupervisor({ ...common, level: 'maximum' });
    const warned = watched('strict-warn', rings('warned', 9), strict);
    await until('the pause', () => warned.run.state === 'paused');
    assert.deepEqual(
      warned.interventions.map(({ action, resumeAfterMs }) => [action, resumeAfterMs]),
      [['pause', null]],
    );
    await warned.run.stop();
    const paused = watched('strict-pause', rings('paused', 9), strict);
    assert.equal((await paused.run.result).reason, 'pattern:paused');
    assert.deepEqual(
      paused.interventions.map(({ action }) => action),
      ['stop'],
    );
  });

  test('allows all runs of a macro together so many commands a minute; one more ends the run that gave it', async () => {
    await using few = createSupervisor({
      ...common,
      overrides: { medium: { commandsPerMinute: 10 } },
    });
    const idle = 'for (let n = 0; n < 6; n++) await free.ring({ n });\nawait sleep(60_000);';
    const first = watched('many', idle, few).run;
    await until('its commands', () => heardBy('many').length === 6);
    // Under another name, but the same text.
    const second = watched('many-too', idle, few).run;
    const end = await second.result;
    assert.deepEqual([end.reason, end.limit, end.line], ['command-limit', null, 1]);
    assert.equal(
      end.message,
      'all runs of many-too of local together gave more commands than they may: the limit is 10 in a minute (guard level medium)',
    );
    assert.equal(heardBy('many-too').length, 4);
    assert.equal(first.state, 'running', 'the other one did nothing');
  });
});

describe('an emergency', () => {
  test('that a pattern calls ends every run and lets none begin', async () => {
    await using own = createSupervisor(common);
    const bystander = watched('bystander', 'log("up"); await sleep(60_000)', own).run;
    await until('its start', () => bystander.state === 'running');
    const { run, interventions } = watched('alarm', rings('everything', 9), own);
    const ends = await Promise.all([run.result, bystander.result]);
    assert.deepEqual(
      ends.map(({ reason }) => reason),
      ['emergency', 'emergency'],
    );
    assert.match(ends[1].message, /pulled by pattern:everything: alarm: Too much: everything: 4 /);
    assert.equal(interventions[0]?.action, 'emergency');
    assert.equal(own.emergencyState?.by, 'pattern:everything');
    assert.ok(ledger.held.some(([{ name }]) => name === 'alarm'));
    assert.ok(!ledger.held.some(([{ name }]) => name === 'bystander'));
    const refused = await own.start('return 1', {}).result;
    assert.deepEqual(refused.refusal, { code: 'emergency', retryAfterMs: null });
  });
});

describe('a run that is cancelled while it is paused', () => {
  test('may tidy up, but what was held is not carried out', async () => {
    const source = `const codes = new Set();
for (let n = 0; n < 30; n++) held.ring({ n }).catch((error) => codes.add(error.code));
try { await sleep(60_000); } catch {}
await free.ring({ n: 98 });
log([...codes].join());
await free.ring({ n: 99 });`;
    const { run } = watched('tidy', source);
    const codes: string[] = [];
    run.on('log', ({ text }) => codes.push(text));
    await until('the pause', () => run.state === 'paused');
    const end = await run.stop();
    assert.equal(end.reason, 'cancelled');
    assert.deepEqual(heardBy('tidy'), [0, 1, 2, 98, 99]);
    assert.deepEqual(codes, ['cancelled']);
  });
});
