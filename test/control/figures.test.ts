import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Figures } from '../../src/control/figures.ts';
import { LiveRun } from '../../src/supervisor/run.ts';

const START = 1_000_000;

/** A run whose clock stands at {@link START} until it is set. */
function running(riskNow: () => number | null = () => null): { run: LiveRun; figures: Figures } {
  const run = new LiveRun('abc', 'patrol', {
    stop: () => undefined,
    hold: () => undefined,
    pause: async () => undefined,
    look: async () => null,
    resume: async () => undefined,
  });
  const figures = new Figures(run, { owner: 'local', riskNow }, START);
  run.move('start', 0);
  run.move('ready', 0);
  return { run, figures };
}

/** Lets it in, with this risk of its text. */
function admit(run: LiveRun, risk: number): void {
  const limit = { value: 64, setBy: 'host' } as const;
  run.emit({
    type: 'admission',
    liveRisk: null,
    runId: 'abc',
    macro: 'patrol',
    verdict: 'admit',
    risk,
    findings: [],
    limits: {
      wall: limit,
      cpu: limit,
      burst: limit,
      idle: limit,
      heap: limit,
      commands: limit,
      output: limit,
    },
    seed: 1,
  });
}

/** A pattern matches what it does. */
function intervene(run: LiveRun): void {
  run.emit({
    type: 'intervention',
    at: 0,
    pattern: 'chat-spam',
    title: 'Chat spam',
    action: 'warn',
    message: 'it chats',
    advice: 'chat less',
    scope: 'run',
    what: 'commands',
    measured: 4,
    allowed: 3,
    windowMs: 1000,
    occurrences: [],
    offence: 1,
    resumeAfterMs: null,
  });
}

function command(run: LiveRun): void {
  run.emit({ type: 'command', at: 0, name: 'a.b', args: {}, durationMs: 0, line: null });
}

function sample(run: LiveRun, at: number, cpuMs: number): void {
  run.emit({ type: 'sample', at, heapUsed: 1000, heapTotal: 2000, external: 24, rss: 9000, cpuMs });
}

describe('the figures of a run', () => {
  test('count commands over the last five seconds, and forget them after', (context) => {
    context.mock.timers.enable({ apis: ['Date'], now: START });
    const { run, figures } = running();
    for (let second = 0; second < 20; second++) {
      context.mock.timers.setTime(START + second * 1000);
      for (let each = 0; each < 30; each++) command(run);
    }
    const rate = figures.at(START + 19_999).commandsPerSecond;
    assert.ok(Math.abs(rate - 30) < 1, `30 a second, not ${rate}`);
    assert.equal(figures.at(START + 19_999).commands, 600);
    assert.equal(figures.at(START + 26_000).commandsPerSecond, 0);
    assert.equal(figures.at(START + 1e9).commandsPerSecond, 0);
  });

  test('of a second that has just begun are no hundred times too high', (context) => {
    context.mock.timers.enable({ apis: ['Date'], now: START });
    const { run, figures } = running();
    for (let each = 0; each < 10; each++) command(run);
    assert.equal(figures.at(START + 10).commandsPerSecond, 10);
  });

  test('give CPU as a share of one core over the last second', (context) => {
    context.mock.timers.enable({ apis: ['Date'], now: START });
    const { run, figures } = running();
    sample(run, 100, 100);
    assert.equal(figures.at(START).cpuShare, 1, 'what there is, at first');
    for (let at = 1000; at <= 4000; at += 100) sample(run, at, 100 + (at - 1000) / 4);
    assert.equal(figures.at(START).cpuShare, 0.25);
    assert.equal(figures.at(START + 60_000).cpuShare, 0, 'nothing was told for a minute');
    run.move('pause', 4000);
    assert.equal(figures.at(START).cpuShare, 0, 'one that is paused uses none');
  });

  test('hold the heap with its buffers, and the limits once it was let in', () => {
    const { run, figures } = running();
    assert.deepEqual([figures.at(START).risk, figures.at(START).heapBytesMax], [null, null]);
    admit(run, 0.25);
    sample(run, 10, 1);
    const { heapBytes, heapBytesMax, risk } = figures.at(START);
    assert.deepEqual(
      { heapBytes, heapBytesMax, risk },
      { heapBytes: 1024, heapBytesMax: 64, risk: 0.25 },
    );
  });

  test('hold the risk its macro has shown by now, asked for when a pattern has matched, else every few seconds', () => {
    let score: number | null = null;
    let asked = 0;
    const { run, figures } = running(() => {
      asked += 1;
      return score;
    });
    const riskAt = (afterMs: number) => figures.at(START + afterMs).risk;
    assert.deepEqual([riskAt(0), asked], [null, 0], 'before it is let in there is none');
    admit(run, 0.03);
    assert.equal(riskAt(0), 0.03, 'that of its text where nobody remembers');
    score = 0.4;
    assert.equal(riskAt(1000), 0.03);
    intervene(run);
    assert.equal(riskAt(1100), 0.4);
    score = 0.3;
    for (let at = 1200; at < 6000; at += 100) riskAt(at);
    assert.deepEqual([riskAt(6000), asked], [0.4, 2], 'a hundred looks cost one question');
    assert.equal(riskAt(6200), 0.3, 'it has faded');
  });
});
