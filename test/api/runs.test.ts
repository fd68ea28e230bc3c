import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Answer, sharedServer } from '../support/server.ts';

/** Waits as long as it is left alone. */
const SLEEPER = 'await sleep(600_000);';

describe('runs over HTTP', () => {
  const server = sharedServer();

  const submit = async (body: object, headers = {}): Promise<string> => {
    const { status, body: answer } = await server.ask('/api/runs', { body, headers });
    assert.equal(status, 202, JSON.stringify(answer));
    return answer.id;
  };
  const post = (path: string) => server.ask(path, { method: 'POST' });
  /** The run once it has this status; asked again and again, for nothing tells of it from here. */
  const until = async (id: string, status: string): Promise<Answer['body']> => {
    for (;;) {
      const { body } = await server.ask(`/api/runs/${id}`);
      if (body.status === status) return body;
      assert.equal(body.endedAt, null, `it ended: ${JSON.stringify(body)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  test('a submission is acknowledged, and tells how it ended', async () => {
    const { status, body, headers } = await server.ask('/api/runs', {
      body: { source: 'log.info("hello"); return input.a * 7', input: { a: 6 }, file: 'six.js' },
    });
    assert.equal(status, 202);
    assert.match(body.id, /^[0-9a-f]{12}$/);
    assert.equal(headers.get('location'), `/api/runs/${body.id}`);
    const run = (await server.ask(`/api/runs/${body.id}?wait=60000`)).body;
    assert.equal(run.status, 'completed');
    assert.equal(run.reason, 'completed');
    assert.equal(run.macro, 'six');
    assert.equal(run.owner, 'local');
    assert.equal(run.end.value, 42);
    assert.ok(run.submittedAt <= run.startedAt && run.startedAt <= run.endedAt);
    const { logs } = (await server.ask(`/api/runs/${body.id}/logs`)).body;
    assert.deepEqual(
      logs.map(({ level, text }: { level: string; text: string }) => [level, text]),
      [['info', 'hello']],
    );
  });

  test('with wait it answers once the run has ended', async () => {
    const answer = await server.ask('/api/runs?wait=60000', { body: { source: 'return 1' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.end.value, 1);
    const late = await server.ask('/api/runs?wait=1', { body: { source: SLEEPER } });
    assert.equal(late.status, 202);
    await post(`/api/runs/${late.body.id}/stop`);
  });

  test('one that is killed says why, and has its dump', async () => {
    const { body } = await server.ask('/api/runs?wait=60000', {
      body: {
        source: 'let n = 0;\nwhile (true) n++;',
        lint: false,
        limits: { cpu: '50ms' },
        file: 'spin.js',
      },
    });
    assert.equal(body.status, 'killed');
    assert.equal(body.reason, 'cpu-limit');
    assert.equal(body.end.line, 2);
    assert.match(body.dump, /^corral-crash-dump-.*\.json$/);
  });

  test('one that lint refuses is kept as refused, and one that throws as failed', async () => {
    const refused = await server.ask('/api/runs?wait=60000', { body: { source: 'while (true);' } });
    assert.equal(refused.body.status, 'refused');
    assert.equal(refused.body.end.refusal.code, 'lint');
    const failed = await server.ask('/api/runs?wait=60000', { body: { source: 'null.x' } });
    assert.equal(failed.body.status, 'failed');
    assert.equal(failed.body.end.error.name, 'TypeError');
  });

  test('an Idempotency-Key answers with the run of the first time', async () => {
    const headers = { 'idempotency-key': 'order 1' };
    const body = { source: 'return 1' };
    // At once, too: the second comes before the first is on disk.
    const ids = await Promise.all([1, 2, 3].map(() => submit(body, headers)));
    assert.equal(new Set(ids).size, 1);
    assert.equal(await submit(body, headers), ids[0]);
    const other = await server.ask('/api/runs', { body: { source: 'return 2' }, headers });
    assert.equal(other.status, 422);
    assert.equal(other.body.code, 'idempotency-mismatch');
    const { runs } = (await server.ask('/api/runs?limit=500')).body;
    assert.equal(runs.filter(({ id }: { id: string }) => id === ids[0]).length, 1);
  });

  test('pages of the list hold each run once, the newest first', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift(await submit({ source: 'return 1', file: 'page.js' }));
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await server.ask(`/api/runs?macro=page&limit=2${cursor}`);
      seen.push(...body.runs.map(({ id }: { id: string }) => id));
      // What comes meanwhile belongs to none of the pages that follow.
      await submit({ source: 'return 1', file: 'page.js' });
      cursor = body.next === null ? '' : `&cursor=${body.next}`;
    } while (cursor !== '');
    assert.deepEqual(seen, ids);
    for (const bad of ['nonsense', 'Yy0x'])
      assert.equal((await server.ask(`/api/runs?cursor=${bad}`)).status, 400, bad);
  });

  test('the list is filtered by status, reason and time', async () => {
    const { body } = await server.ask('/api/runs?wait=60000', {
      body: { source: 'throw new Error("x")', file: 'filter.js' },
    });
    const idsOf = async (query: string): Promise<string[]> =>
      (await server.ask(`/api/runs?macro=filter&${query}`)).body.runs.map(
        ({ id }: { id: string }) => id,
      );
    assert.deepEqual(await idsOf('status=failed'), [body.id]);
    assert.deepEqual(await idsOf('status=failed&status=killed&reason=failed'), [body.id]);
    assert.deepEqual(await idsOf('status=completed'), []);
    assert.deepEqual(await idsOf(`from=${body.submittedAt}`), [body.id]);
    assert.deepEqual(await idsOf(`to=${body.submittedAt}`), []);
    assert.equal((await server.ask('/api/runs?status=odd')).status, 400);
  });

  test('a run is paused, resumed and stopped', async () => {
    const id = await submit({ source: SLEEPER });
    await until(id, 'running');
    const paused = (await post(`/api/runs/${id}/pause`)).body;
    assert.equal(paused.status, 'paused');
    assert.deepEqual(paused.held, { by: 'local', why: 'it was paused by local', until: null });
    const resumed = (await post(`/api/runs/${id}/resume`)).body;
    assert.deepEqual([resumed.status, resumed.held], ['running', null]);
    const stopped = await post(`/api/runs/${id}/stop`);
    assert.equal(stopped.status, 200);
    assert.equal(stopped.body.status, 'cancelled');
    assert.match(stopped.body.message, /stopped by local/);
    const again = await post(`/api/runs/${id}/stop`);
    assert.equal(again.status, 409);
    assert.equal(again.body.code, 'conflict');
  });

  test('a run that a pattern holds says which, and when it goes on', async () => {
    const source = "for (let n = 0; n < 200; n++) await chat.say({ text: 'hi' });";
    const id = await submit({ source, lint: false });
    const { held } = await until(id, 'paused');
    assert.match(held.by, /^pattern:chat-spam$/);
    assert.match(held.why, /chat/i);
    assert.ok(held.until > Date.now() - 1_000);
    await post(`/api/runs/${id}/stop`);
  });

  test('a run says what it was submitted with, and what it has used so far', async () => {
    const source = 'await movement.where({}); await sleep(600_000);';
    const body = {
      source,
      input: { a: 5 },
      seed: 9,
      priority: 2,
      file: 'a.js',
      limits: { cpu: '1s' },
    };
    const id = await submit(body);
    await until(id, 'running');
    for (;;) {
      const { commands, cpuMs, peakHeap } = (await server.ask(`/api/runs/${id}`)).body;
      if (commands === 1 && cpuMs > 0 && peakHeap > 100_000) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await post(`/api/runs/${id}/stop`);
    const given = { file: 'a.js', limits: { cpu: '1s' }, priority: 2, seed: 9, lint: null };
    const submitted = { by: 'local', retryOf: null, ...given };
    assert.deepEqual((await server.ask(`/api/runs/${id}`)).body.submitted, submitted);
    const whole = (await server.ask(`/api/runs/${id}/submission`)).body;
    assert.deepEqual(whole, { ...submitted, source, input: { a: 5 } });
    const again = (await post(`/api/runs/${id}/retry`)).body.id;
    const { body: retried } = await server.ask(`/api/runs/${again}`);
    assert.deepEqual(retried.submitted, { ...submitted, retryOf: id });
    await post(`/api/runs/${again}/stop`);
  });

  test('a run is retried as it was submitted', async () => {
    const first = await server.ask('/api/runs?wait=60000', {
      body: { source: 'return [input.a, random()]', input: { a: 5 }, seed: 9, file: 'again.js' },
    });
    const { status, body } = await post(`/api/runs/${first.body.id}/retry`);
    assert.equal(status, 202);
    assert.notEqual(body.id, first.body.id);
    const second = await server.ask(`/api/runs/${body.id}?wait=60000`);
    assert.deepEqual(second.body.end.value, first.body.end.value);
    assert.equal(second.body.macro, 'again');
  });

  test('commands and samples are kept', async () => {
    const { body } = await server.ask('/api/runs?wait=60000', {
      body: {
        source: 'for (let n = 0; n < 3; n++) await movement.where({}); await sleep(300); return 0',
      },
    });
    assert.equal(body.status, 'completed', body.message);
    const { commands } = (await server.ask(`/api/runs/${body.id}/commands`)).body;
    assert.deepEqual(
      commands.map(({ n, name }: { n: number; name: string }) => [n, name]),
      [0, 1, 2].map((n) => [n, 'movement.where']),
    );
    const later = (await server.ask(`/api/runs/${body.id}/commands?after=0&limit=1`)).body;
    assert.deepEqual(later.commands, [commands[1]]);
    const { samples } = (await server.ask(`/api/runs/${body.id}/samples`)).body;
    assert.ok(samples.length > 0);
    assert.ok(samples.every(({ heapUsed }: { heapUsed: number }) => heapUsed > 0));
  });

  test('many are submitted at once, each with its own answer', async () => {
    const { status, body } = await server.ask('/api/runs/batch', {
      body: [{ source: 'return 1' }, { macro: 'nobody' }, { source: 'return 3' }],
    });
    assert.equal(status, 202);
    assert.match(body[0].id, /^[0-9a-f]{12}$/);
    assert.equal(body[1].code, 'not-found');
    assert.match(body[2].id, /^[0-9a-f]{12}$/);
  });

  test('a file is uploaded', async () => {
    const form = new FormData();
    form.set('input', '{"a":2}');
    form.set('file', new Blob(['return input.a + 1']), 'up.js');
    const { status, body } = await server.ask('/api/runs/upload', { body: form });
    assert.equal(status, 202, JSON.stringify(body));
    const run = (await server.ask(`/api/runs/${body.id}?wait=60000`)).body;
    assert.equal(run.end.value, 3);
    assert.equal(run.macro, 'up');
  });

  test('what cannot be taken is said with the field that is wrong', async () => {
    for (const [body, detail] of [
      [{}, /source or macro/],
      [{ source: 'return 1', macro: 'a' }, /source or macro/],
      [{ source: 1 }, /source/],
      [{ source: 'return 1', limits: { cpu: 'lots' } }, /cpu/],
      [{ source: 'return 1', limits: { odd: 1 } }, /odd/],
      [{ source: 'return 1', odd: 1 }, /odd/],
      [{ source: '// ==Macro==\n// @input n:number\n// ==/Macro==', input: { n: 'x' } }, /n/],
    ] as const) {
      const answer = await server.ask('/api/runs', { body });
      assert.equal(answer.status, 400, JSON.stringify(body));
      assert.match(answer.body.detail, detail);
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
    }
    assert.equal((await server.ask('/api/runs', { body: { macro: 'nobody' } })).status, 404);
    assert.equal((await server.ask('/api/runs/000000000000')).status, 404);
    assert.equal((await server.ask('/api/runs/..%2f..%2fetc')).status, 400);
  });
});
