import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { parseSlash } from '../../src/hosts/slash.ts';
import { type CommandDeclaration, defineCommand } from '../../src/model/command.ts';
import {
  CommandDesk,
  CommandLimitPassed,
  CommandRefusal,
  CommandTally,
  type DeskOptions,
} from '../../src/supervisor/command-desk.ts';
import { RunGate } from '../../src/supervisor/run-gate.ts';

type Declared = CommandDeclaration<z.ZodObject, z.ZodType>;

function declare(name: string, rest: Partial<Declared> = {}) {
  return defineCommand({
    name,
    description: 'For the test.',
    input: z.object({ text: z.string().max(5).optional() }),
    output: z.unknown(),
    run: (input) => input,
    ...rest,
  });
}

function desk(commands: DeskOptions['commands'], rest: Partial<DeskOptions> = {}): CommandDesk {
  const { signal = new AbortController().signal } = rest;
  return new CommandDesk({
    runId: 'run-1',
    macro: 'patrol',
    commands,
    grants: null,
    privileged: new Set(),
    parseSlash,
    signal,
    gate: new RunGate(signal),
    permit: null,
    tally: new CommandTally(),
    ...rest,
  });
}

function give(served: CommandDesk, name: string, args: unknown = {}) {
  return served.give('command', name, JSON.stringify(args), {
    name,
    args: null,
    file: 'macro.js',
    line: null,
  });
}

async function refused(giving: Promise<unknown>, code: CommandRefusal['code'], message = /./) {
  await assert.rejects(giving, (error) => {
    assert.ok(error instanceof CommandRefusal, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

describe('a command', () => {
  test('reaches the host with checked input, and its answer comes back', async () => {
    const told: unknown[] = [];
    const say = declare('chat.say', {
      input: z.object({ text: z.string(), loud: z.boolean().default(false) }),
      run: (input, { runId, macro }) => {
        told.push(input, runId, macro);
        return { heard: 3 };
      },
    });
    const outcome = await give(desk([say]), 'chat.say', { text: 'hi' });
    assert.deepEqual(outcome, { name: 'chat.say', args: { text: 'hi' }, result: { heard: 3 } });
    assert.deepEqual(told, [{ text: 'hi', loud: false }, 'run-1', 'patrol']);
  });

  test('with bad arguments never reaches the host', async () => {
    let given = 0;
    const say = declare('chat.say', { run: () => ++given });
    const served = desk([say]);
    await refused(give(served, 'chat.say', { text: 5 }), 'bad-arguments', /chat\.say: text: /);
    await refused(give(served, 'chat.say', { text: 'too long' }), 'bad-arguments');
    await refused(give(served, 'chat.say', 'text'), 'bad-arguments');
    await refused(give(served, 'chat.say', [1]), 'bad-arguments');
    await assert.rejects(
      served.give('command', 'chat.say', '{not json', {
        name: '',
        args: null,
        file: 'macro.js',
        line: null,
      }),
    );
    assert.equal(given, 0);
    assert.equal((await give(served, 'chat.say', null)).result, 1);
  });

  test('nobody declared is unknown', async () => {
    const served = desk([declare('chat.say')]);
    await refused(give(served, 'chat.shout'), 'unknown-command', /no command chat\.shout/);
    await refused(give(served, '__proto__'), 'unknown-command');
    await refused(give(served, 'x'.repeat(9999)), 'unknown-command', /^.{0,130}$/);
  });

  test('may be given as a slash line', async () => {
    const say = declare('chat.say', { input: z.object({ text: z.string() }) });
    const asked = { name: '', args: null, file: 'macro.js', line: null };
    const line = JSON.stringify('/say hello');
    assert.deepEqual((await desk([say]).give('slash', '', line, asked)).args, { text: 'hello' });
    assert.deepEqual(asked, {
      name: 'chat.say',
      args: { text: 'hello' },
      file: 'macro.js',
      line: null,
    });
    const bad = desk([say]).give('slash', '', JSON.stringify('/sing la'), asked);
    await refused(bad, 'bad-arguments', /sing/);
  });
});

describe('what a macro is granted', () => {
  const plain = declare('chat.say');
  const other = declare('combat.attack');
  const secret = declare('admin.kick', { privileged: true });
  const names = (rest: Partial<DeskOptions>) =>
    desk([plain, other, secret], rest).allowed.map(({ name }) => name);

  test('is every unprivileged command without a @grant line', () => {
    assert.deepEqual(names({}), ['chat.say', 'combat.attack']);
    assert.deepEqual(names({ privileged: new Set(['admin.kick']) }), ['chat.say', 'combat.attack']);
  });

  test('is what it asks for, by category or by name', async () => {
    assert.deepEqual(names({ grants: ['chat'] }), ['chat.say']);
    assert.deepEqual(names({ grants: ['combat.attack'] }), ['combat.attack']);
    assert.deepEqual(names({ grants: [] }), []);
    const served = desk([plain, other], { grants: ['chat'] });
    await refused(give(served, 'combat.attack'), 'not-granted');
    assert.deepEqual(served.catalogue, { chat: ['say'] });
  });

  test('is a privileged command only where both sides say so', () => {
    assert.deepEqual(names({ grants: ['admin'] }), []);
    assert.deepEqual(names({ grants: ['admin.kick'] }), []);
    assert.deepEqual(names({ grants: ['admin'], privileged: new Set(['admin.kick']) }), [
      'admin.kick',
    ]);
  });

  test('does not reach slash lines either', async () => {
    const served = desk([plain, secret]);
    const line = JSON.stringify('/kick bob');
    await refused(
      served.give('slash', '', line, { name: '', args: null, file: 'macro.js', line: null }),
      'bad-arguments',
    );
  });
});

describe('a command over its rate', () => {
  const rate = { perSecond: 20, burst: 1 };

  test('waits its turn, in order', async () => {
    const order: unknown[] = [];
    const say = declare('chat.say', { rate, run: ({ text }) => order.push(text) });
    const served = desk([say]);
    await Promise.all(['a', 'b', 'c'].map((text) => give(served, 'chat.say', { text })));
    assert.deepEqual(order, ['a', 'b', 'c']);
  });

  test('throws where it says so, with the time it is free again', async () => {
    const served = desk([declare('chat.say', { rate, onLimit: 'throw' })]);
    await give(served, 'chat.say');
    await refused(give(served, 'chat.say'), 'rate-limited', /20 per second.*free again in \d+ ms/);
  });

  test('ends the run where it says so', async () => {
    const served = desk([declare('chat.say', { rate, onLimit: 'kill' })]);
    await give(served, 'chat.say');
    await assert.rejects(give(served, 'chat.say'), CommandLimitPassed);
  });

  test('stops waiting when the run ends', async () => {
    const abort = new AbortController();
    let given = 0;
    const say = declare('chat.say', { rate: { perSecond: 0.01, burst: 1 }, run: () => ++given });
    const served = desk([say], { signal: abort.signal });
    await give(served, 'chat.say');
    const waiting = give(served, 'chat.say');
    abort.abort();
    await assert.rejects(waiting);
    assert.equal(given, 1);
  });
});

describe('a command with maxPerRun', () => {
  test('is refused beyond it, and the macro goes on', async () => {
    const served = desk([declare('chat.say', { maxPerRun: 2 }), declare('chat.nod')]);
    await give(served, 'chat.say');
    await give(served, 'chat.say');
    await refused(give(served, 'chat.say'), 'max-per-run', /2 times a run/);
    await give(served, 'chat.nod');
  });

  test('ends the run where onLimit is kill', async () => {
    const served = desk([declare('chat.say', { maxPerRun: 1, onLimit: 'kill' })]);
    await give(served, 'chat.say');
    await assert.rejects(give(served, 'chat.say'), CommandLimitPassed);
  });

  test('counts over all macros of a run, as the rate does', async () => {
    const tally = new CommandTally();
    const commands = [
      declare('chat.say', { maxPerRun: 1 }),
      declare('chat.nod', { rate: { perSecond: 0.01, burst: 1 }, onLimit: 'throw' }),
    ];
    const caller = desk(commands, { tally });
    const called = desk(caller.allowed, { tally, macro: 'called' });
    await give(caller, 'chat.say');
    await refused(give(called, 'chat.say'), 'max-per-run');
    await give(called, 'chat.nod');
    await refused(give(caller, 'chat.nod'), 'rate-limited');
  });
});

describe('a host that misbehaves', () => {
  test('by throwing fails the command alone', async () => {
    const boom = () => {
      throw new Error('no such door');
    };
    const rejects = async () => Promise.reject('not even an error');
    await refused(
      give(desk([declare('door.open', { run: boom })]), 'door.open'),
      'host-failed',
      /door\.open: no such door/,
    );
    await refused(
      give(desk([declare('door.open', { run: rejects })]), 'door.open'),
      'host-failed',
      /not even/,
    );
  });

  test('by answering something else than it declares', async () => {
    const output = z.object({ open: z.boolean() });
    const served = desk([declare('door.open', { output, run: () => ({ open: 'yes' }) })]);
    await refused(give(served, 'door.open'), 'bad-answer', /open: /);
  });

  test('by answering something that cannot cross', async () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    for (const answer of [() => 1, cycle, 'x'.repeat(300_000), new Array(30_000).fill(0)]) {
      const served = desk([declare('door.open', { run: () => answer })]);
      await refused(give(served, 'door.open'), 'bad-answer', /door\.open's answer/);
    }
  });

  test('by never answering is told by the signal that nobody waits any more', async () => {
    const abort = new AbortController();
    const wait = declare('door.wait', {
      run: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('gave up')));
        }),
    });
    const giving = give(desk([wait], { signal: abort.signal }), 'door.wait');
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    await refused(giving, 'host-failed', /gave up/);
  });
});

describe('a command that is about to be carried out', () => {
  function gated(rest: Partial<DeskOptions> = {}) {
    const gate = new RunGate(new AbortController().signal);
    const done: unknown[] = [];
    const say = declare('chat.say', {
      rate: { perSecond: 1000, burst: 1 },
      run: ({ text }) => done.push(text),
    });
    return { gate, done, served: desk([say], { gate, ...rest }) };
  }

  test('waits while the run is paused, and so does everybody behind it, in order', async () => {
    const { gate, done, served } = gated();
    gate.close();
    const giving = ['a', 'b', 'c'].map((text) => give(served, 'chat.say', { text }));
    await sleep(30);
    assert.deepEqual(done, []);
    gate.open();
    await Promise.all(giving);
    assert.deepEqual(done, ['a', 'b', 'c']);
  });

  test('does not come nearer to its turn while the run is paused', async () => {
    const { gate, done } = gated();
    const slow = declare('chat.slow', {
      rate: { perSecond: 20, burst: 1 },
      run: ({ text }) => done.push([text, gate.now()]),
    });
    const line = desk([slow], { gate });
    const from = gate.now();
    const giving = ['a', 'b', 'c', 'd'].map((text) => give(line, 'chat.slow', { text }));
    await giving[0];
    gate.close();
    // Long enough for all of them to have had their turn.
    await sleep(200);
    gate.open();
    await Promise.all(giving);
    // On the clock that stands still while the run is paused, each has its turn when it would have had it.
    for (const [index, [, at]] of (done as [string, number][]).entries())
      assert.ok(at - from >= index * 50 - 1, JSON.stringify({ from, done }));
  });

  test('is asked for right before, and never carried out when the run is ended for it', async () => {
    const asked: unknown[] = [];
    const { done, served } = gated({
      permit: ({ name }, { line }) => {
        asked.push([name, line]);
        if (asked.length > 2) throw new CommandLimitPassed('too often', 'pattern:x');
        return true;
      },
    });
    await give(served, 'chat.say', { text: 'a' });
    await refused(give(served, 'chat.say', { text: 5 }), 'bad-arguments');
    await give(served, 'chat.say', { text: 'b' });
    const third = served.give('command', 'chat.say', '{}', {
      name: '',
      args: null,
      file: 'macro.js',
      line: 7,
    });
    await assert.rejects(third, { reason: 'pattern:x' });
    assert.deepEqual(asked, [
      ['chat.say', null],
      ['chat.say', null],
      ['chat.say', 7],
    ]);
    assert.deepEqual(done, ['a', 'b']);
  });

  test('is asked for again once a pause that it caused is over', async () => {
    const answers = [false, false, true];
    const { gate, done, served } = gated({
      permit: () => {
        const answer = answers.shift() ?? true;
        if (!answer) gate.close();
        return answer;
      },
    });
    const giving = give(served, 'chat.say', { text: 'a' });
    for (const left of [2, 1]) {
      await sleep(10);
      assert.deepEqual([done, answers.length], [[], left]);
      gate.open();
    }
    await giving;
    assert.deepEqual(done, ['a']);
  });

  test('is refused when the run is being ended', async () => {
    const { gate, done, served } = gated();
    gate.close();
    const held = give(served, 'chat.say', { text: 'held' });
    gate.end(true);
    await refused(held, 'cancelled', /being stopped/);
    await give(served, 'chat.say', { text: 'tidy' });
    gate.end(false);
    await refused(give(served, 'chat.say', { text: 'late' }), 'cancelled');
    assert.deepEqual(done, ['tidy']);
    const unwilling = gated({ permit: () => false });
    await refused(give(unwilling.served, 'chat.say'), 'cancelled');
  });
});
