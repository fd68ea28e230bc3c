import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, startServer, type TestServer } from '../support/server.ts';
import { tempDir } from '../support/temp.ts';

/** How often the loop kills; `KILLS=100 node --test test/service/restart.test.ts` is the long one. */
const KILLS = Number(process.env.KILLS ?? 2);
const SLEEPER = 'await sleep(600_000);';

async function untilRunning(server: TestServer, id: string): Promise<void> {
  for (;;) {
    const { status } = (await server.ask(`/api/runs/${id}`)).body;
    if (status === 'running') return;
    await sleep(10);
  }
}

async function allRuns(server: TestServer): Promise<Answer['body'][]> {
  const runs: Answer['body'][] = [];
  for (let cursor = ''; ; ) {
    const { body } = await server.ask(`/api/runs?limit=500${cursor}`);
    runs.push(...body.runs);
    if (body.next === null) return runs;
    cursor = `&cursor=${body.next}`;
  }
}

describe('a server that is killed', () => {
  test('loses no run: what ran was lost with it, what waited begins, what had ended stays', async () => {
    using dir = tempDir();
    // One at a time: the second waits.
    const args = ['--set', 'load.active=1'];
    let ids: string[] = [];
    {
      await using server = await startServer(dir.path, args);
      const submit = async (source: string) =>
        (await server.ask('/api/runs', { body: { source, file: 'kept.js', seed: 3 } })).body.id;
      const ended = await server.ask('/api/runs?wait=60000', { body: { source: 'return 1' } });
      const running = await submit(SLEEPER);
      await untilRunning(server, running);
      ids = [ended.body.id, running, await submit('return 7')];
      assert.equal((await server.ask(`/api/runs/${ids[2]}`)).body.status, 'queued');
      await server.end('SIGKILL');
    }
    await using server = await startServer(dir.path, args);
    assert.match(server.stderr(), /1 that waited, 1 that were lost/);
    const [ended, running, waited] = await Promise.all(
      ids.map(async (id) => (await server.ask(`/api/runs/${id}?wait=60000`)).body),
    );
    assert.equal(ended.status, 'completed');
    assert.equal(running.status, 'killed');
    assert.equal(running.reason, 'worker-lost');
    assert.match(running.message, /server was killed/);
    assert.ok(running.endedAt >= running.startedAt);
    assert.equal(waited.status, 'completed');
    assert.equal(waited.end.value, 7);
    assert.equal(waited.macro, 'kept');
    // While it runs no other one starts on its port or its folder, nor anywhere that anybody could come in.
    const { port } = new URL(server.url);
    using other = tempDir();
    await assert.rejects(startServer(other.path, ['--port', port]), /another program does already/);
    await assert.rejects(startServer(dir.path), /another `corral serve` uses it/);
    await assert.rejects(startServer(other.path, ['--listen', '0.0.0.0']), /There is no API key/);
  });

  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    test(`and comes back holds what was held, whether or not it had begun (${signal})`, async () => {
      using dir = tempDir();
      const args = ['--set', 'load.active=1'];
      let held = '';
      {
        await using server = await startServer(dir.path, args);
        const submit = async (source: string) =>
          (await server.ask('/api/runs', { body: { source } })).body.id;
        await untilRunning(
          server,
          await submit(signal === 'SIGKILL' ? SLEEPER : 'await sleep(300)'),
        );
        held = await submit('return 7');
        const paused = await server.ask(`/api/runs/${held}/pause`, { method: 'POST' });
        assert.equal(paused.body.status, 'paused');
        await server.end(signal);
      }
      await using server = await startServer(dir.path, args);
      const status = async (query = '') =>
        (await server.ask(`/api/runs/${held}${query}`)).body.status;
      await server.ask('/api/runs?wait=60000', { body: { source: 'return 1' } });
      assert.equal(await status(), 'paused');
      const { runs } = (await server.ask('/api/runs?status=paused')).body;
      assert.deepEqual(
        runs.map(({ id }: { id: string }) => id),
        [held],
      );
      await server.ask(`/api/runs/${held}/resume`, { method: 'POST' });
      assert.equal(await status('?wait=60000'), 'completed');
      const { events } = (await server.ask(`/api/events/list?run=${held}`)).body;
      const states = events.map(({ state }: { state: string }) => state);
      assert.deepEqual(states.slice(0, 2), ['paused', 'queued']);
      assert.equal(states.at(-1), 'ended');
    });

  test('tells what was lost with it: an event, and what it had done', async () => {
    using dir = tempDir();
    let id = '';
    {
      await using server = await startServer(dir.path);
      const source = 'for (let n = 0; n < 3; n++) await movement.where({});\nawait sleep(600_000)';
      id = (await server.ask('/api/runs', { body: { source } })).body.id;
      while ((await server.ask(`/api/runs/${id}/commands`)).body.commands.length < 3);
      await server.end('SIGKILL');
    }
    await using server = await startServer(dir.path);
    const run = (await server.ask(`/api/runs/${id}`)).body;
    assert.equal(run.commands, 3);
    assert.ok(run.cpuMs > 0 && run.cpuMs === run.end.cpuMs, `${run.cpuMs}`);
    const { events } = (await server.ask(`/api/events/list?run=${id}`)).body;
    const { state, reason } = events.at(-1);
    assert.deepEqual([state, reason], ['ended', 'worker-lost']);
    assert.match(
      (await server.ask('/metrics')).body,
      /corral_runs_ended_total\{[^}]*worker-lost[^}]*\} 1/,
    );
  });

  test('and comes back is as strict as it was: level, emergency stop', async () => {
    using dir = tempDir();
    const guard = async (server: TestServer) => (await server.ask('/api/guard')).body;
    let pulled: unknown;
    {
      await using server = await startServer(dir.path);
      const level = { level: 'high' };
      await server.ask('/api/guard/level', { method: 'PUT', body: level });
      await server.ask('/api/guard/emergency', { body: { why: 'fire' } });
      pulled = (await guard(server)).emergency;
      await server.end('SIGKILL');
    }
    {
      await using server = await startServer(dir.path);
      const { level, emergency } = await guard(server);
      assert.deepEqual([level, emergency], ['high', pulled]);
      const refused = await server.ask('/api/runs', { body: { source: 'return 1' } });
      assert.equal(refused.status, 503);
      await server.ask('/api/guard/clear', { body: { why: 'it is out' } });
      await server.end('SIGTERM');
    }
    {
      await using server = await startServer(dir.path);
      const { level, emergency } = await guard(server);
      assert.deepEqual([level, emergency], ['high', null]);
      await server.end('SIGTERM');
    }
    // Whoever changes the configuration has spoken last.
    await using server = await startServer(dir.path, ['--set', 'level=low']);
    assert.equal((await guard(server)).level, 'low');
  });

  test(`accounts for every submission that was acknowledged, ${KILLS} times over`, async () => {
    using dir = tempDir();
    const acknowledged = new Set<string>();
    for (let kill = 0; kill < KILLS; kill++) {
      await using server = await startServer(dir.path, ['--log', 'silent']);
      let isDead = false;
      const submitter = async (n: number) => {
        for (let at = 0; !isDead; at++) {
          const body = { source: `log.info('x'); await sleep(${(n * 7 + at) % 20}); return ${at}` };
          const answer = await server.ask('/api/runs', { body }).catch(() => null);
          if (answer?.status === 202) acknowledged.add(answer.body.id);
        }
      };
      const submitters = [1, 2, 3, 4].map(submitter);
      const before = acknowledged.size;
      // At any moment, but not before there is something to lose.
      while (acknowledged.size < before + 5) await sleep(5);
      await sleep(Math.random() * 200);
      await server.end('SIGKILL');
      isDead = true;
      await Promise.all(submitters);
    }
    await using server = await startServer(dir.path);
    for (const id of acknowledged) {
      const { status, body } = await server.ask(`/api/runs/${id}?wait=60000`);
      assert.equal(status, 200, `run ${id} is gone`);
      assert.ok(
        body.status === 'completed' || body.reason === 'worker-lost',
        `run ${id}: ${body.status} ${body.reason} ${body.message}`,
      );
    }
    const runs = await allRuns(server);
    assert.deepEqual(
      runs.filter(({ endedAt }) => endedAt === null),
      [],
      'none runs for ever',
    );
    assert.ok(runs.length >= acknowledged.size && acknowledged.size >= KILLS * 5);
  });
});

describe('a server that is told to stop', () => {
  test('lets what runs come to its end, leaves what waits to the next, and stops at a second signal', async () => {
    using dir = tempDir();
    let ids: string[] = [];
    {
      await using server = await startServer(dir.path, ['--set', 'load.active=1']);
      const submit = async (source: string) =>
        (await server.ask('/api/runs', { body: { source } })).body.id;
      const running = await submit('await sleep(1500); return "done"');
      await untilRunning(server, running);
      ids = [running, await submit('return "later"')];
      server.child.kill('SIGTERM');
      // It answers until the last run has ended.
      for (;;) {
        const { status, body } = await server.ask('/readyz');
        if (status === 503) {
          assert.equal(body.status, 'not-ready');
          break;
        }
        await sleep(10);
      }
      const refused = await server.ask('/api/runs', { body: { source: 'return 1' } });
      assert.equal(refused.status, 503);
      assert.equal(refused.body.code, 'unavailable');
      const [code] = await once(server.child, 'exit');
      assert.equal(code, 0);
    }
    await using server = await startServer(dir.path);
    const [done, later] = await Promise.all(
      ids.map(async (id) => (await server.ask(`/api/runs/${id}?wait=60000`)).body),
    );
    assert.equal(done.end.value, 'done');
    assert.equal(later.status, 'completed', later.message);
    assert.equal(later.end.value, 'later');
    // A second signal stops what runs; two that come at once are one: a terminal's Ctrl-C reaches a process twice.
    const { id } = (await server.ask('/api/runs', { body: { source: SLEEPER } })).body;
    await untilRunning(server, id);
    server.child.kill('SIGINT');
    await sleep(400);
    assert.equal(await server.end('SIGINT'), 130);
  });
});
