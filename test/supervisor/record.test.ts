import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RunRecord } from '../../src/supervisor/record.ts';

const sample = (at: number, heapUsed = 1, external = 0, rss = 1) =>
  ({ type: 'sample', at, heapUsed, heapTotal: 1, external, rss, cpuMs: 0 }) as const;

describe('the record of a run', () => {
  test('keeps the last 50 commands and counts all by name', () => {
    const record = new RunRecord();
    for (let at = 0; at < 120; at++)
      record.addCommand({
        type: 'command',
        at,
        name: at % 3 === 0 ? 'chat.say' : 'combat.attack',
        args: null,
        durationMs: 0,
        line: null,
      });
    assert.equal(record.commands.length, 50);
    assert.equal(record.commands[0]?.at, 70);
    assert.deepEqual(Object.fromEntries(record.commandsByName), {
      'chat.say': 40,
      'combat.attack': 80,
    });
  });

  test('keeps the last 100 log lines and counts all', () => {
    const record = new RunRecord();
    for (let at = 0; at < 250; at++)
      record.addLog({ type: 'log', at, level: 'info', text: `${at}` });
    assert.equal(record.logs.length, 100);
    assert.equal(record.logs[0]?.text, '150');
    assert.equal(record.logLines, 250);
  });

  test('thins samples out so that a long run keeps its shape', () => {
    const record = new RunRecord();
    for (let at = 0; at < 50_000; at++) record.addSample(sample(at));
    assert.ok(record.samples.length <= 1200);
    assert.ok(record.samples.length >= 600);
    assert.equal(record.samples[0]?.at, 0);
    assert.equal(record.samples.at(-1)?.at, 49_999);
    assert.equal(record.samplesTaken, 50_000);
    const ats = record.samples.map(({ at }) => at);
    assert.deepEqual(
      ats,
      ats.toSorted((a, b) => a - b),
    );
  });

  test('knows the peaks, thinned out or not', () => {
    const record = new RunRecord();
    record.addSample(sample(0, 10, 5, 100));
    record.addSample(sample(1, 20, 7, 90));
    record.addSample(sample(2, 1, 1, 1));
    assert.equal(record.peakHeap, 27);
    assert.equal(record.peakRss, 100);
  });
});
