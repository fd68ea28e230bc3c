import assert from 'node:assert/strict';
import { cpSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { corral } from '../support/cli.ts';
import { startServer } from '../support/server.ts';
import { tempDir } from '../support/temp.ts';

/** The value of a metric's line; NaN where there is none. */
function metricOf(text: string, line: string): number {
  const found = text.split('\n').find((each) => each.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1));
}

describe('operations', () => {
  test('metrics count, a backup is whole while the server runs, and can be started from', async () => {
    using dir = tempDir();
    await using server = await startServer(dir.path);
    const run = async (body: object): Promise<string> =>
      (await server.ask('/api/runs?wait=60000', { body })).body.id;
    const id = await run({ source: 'await movement.where({}); return 1' });
    await run({ source: 'while (true);', lint: false, limits: { cpu: '50ms' } });
    const { body, headers } = await server.ask('/metrics');
    assert.match(headers.get('content-type') ?? '', /^text\/plain; version=/);
    for (const [line, least] of [
      ['corral_runs_ended_total{status="completed",reason="completed"}', 1],
      ['corral_runs_ended_total{status="killed",reason="cpu-limit"}', 1],
      ['corral_run_duration_seconds_count{status="killed"}', 1],
      ['corral_run_start_latency_seconds_count', 2],
      ['corral_kill_overshoot_seconds_count{limit="cpu"}', 1],
      ['corral_commands_total', 1],
      ['corral_workers', 1],
      ['process_resident_memory_bytes', 1],
    ] as const)
      assert.ok(metricOf(body, line) >= least, `${line}: ${metricOf(body, line)}`);
    assert.match(
      body,
      /corral_http_request_duration_seconds_count\{method="POST",route="\/api\/runs",status="200"\} 2/,
    );
    // Names by Prometheus's conventions, each with its help.
    for (const name of new Set<string>(body.match(/^corral_\w+/gm)))
      assert.match(name, /^[a-z_]+$/);

    const file = join(dir.path, 'copy.sqlite');
    const data = ['--data-dir', join(dir.path, 'data')];
    const made = await corral(['backup', file, ...data]);
    assert.equal(made.code, 0, made.stderr);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const again = await corral(['backup', file, ...data]);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /--force writes over it/);
    // To write over what the server has open would destroy everything.
    for (const own of ['history.sqlite', 'history.sqlite-wal', '../data/history.sqlite']) {
      const onto = await corral(['backup', join(dir.path, 'data', own), '--force', ...data]);
      assert.equal(onto.code, 2, own);
      assert.match(onto.stderr, /is the history itself; .* Name another file/);
    }
    const none = await corral(['backup', file, '--data-dir', join(dir.path, 'none')]);
    assert.match(none.stderr, /There is no history/);
    await run({ source: 'return 3' });

    const restored = join(dir.path, 'restored');
    mkdirSync(join(restored, 'data'), { recursive: true });
    cpSync(file, join(restored, 'data', 'history.sqlite'));
    await using other = await startServer(restored);
    const { runs } = (await other.ask('/api/runs')).body;
    assert.equal(runs.length, 2, 'those of the moment it was made');
    assert.equal((await other.ask(`/api/runs/${id}`)).body.end.value, 1);
  });

  test('the log has a line a request, with the run of each event, and no key', async () => {
    using dir = tempDir();
    await using server = await startServer(dir.path);
    const key = 'corral_secret_secret_secret';
    await server.ask('/api/runs?token=hidden', { key });
    const { id } = (await server.ask('/api/runs?wait=60000', { body: { source: 'return 1' } }))
      .body;
    assert.equal(await server.end('SIGTERM'), 0);
    const lines = server
      .stdout()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.ok(lines.some(({ path, status }) => path === '/api/runs' && status === 401));
    assert.ok(lines.some(({ runId, msg }) => runId === id && /ended: completed/.test(msg)));
    assert.equal(lines.at(-1).msg, 'drained');
    assert.doesNotMatch(server.stdout(), /secret|hidden/);
  });

  test('SIGHUP reads the configuration again', async () => {
    using dir = tempDir();
    const file = join(dir.path, 'corral.yaml');
    writeFileSync(file, 'level: low\n');
    await using server = await startServer(dir.path, ['--config', file]);
    const level = async () => (await server.ask('/api/guard')).body.level;
    assert.equal(await level(), 'low');
    writeFileSync(file, 'level: high\n');
    server.child.kill('SIGHUP');
    while ((await level()) === 'low') await sleep(10);
    assert.equal(await level(), 'high');
  });
});
