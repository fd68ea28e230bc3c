import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { CorralClient } from '../../src/client/client.ts';
import { ServerError } from '../../src/client/server-error.ts';
import { corral, jsonLines } from '../support/cli.ts';
import { sharedServer } from '../support/server.ts';

describe('the client', () => {
  const server = sharedServer();
  let client: CorralClient;
  before(() => {
    client = new CorralClient({ url: server.url });
  });
  const macro = (name: string, text: string): string => {
    const file = join(server.dir, name);
    writeFileSync(file, text);
    return file;
  };
  const problemOf = async (work: Promise<unknown>): Promise<ServerError> => {
    try {
      await work;
    } catch (error) {
      assert.ok(error instanceof ServerError, String(error));
      return error;
    }
    return assert.fail('it did not throw');
  };

  test('submits, waits, lists, retries, and reads what was kept', async () => {
    const source = 'log.info("x"); await movement.where({}); return input';
    const { id } = await client.submit({ source, input: 5, file: 'kept.js' });
    const run = await client.run(id, { waitMs: 60_000 });
    assert.deepEqual([run.status, run.end?.value, run.macro], ['completed', 5, 'kept']);
    const { runs } = await client.runs({ macro: 'kept', status: ['completed', 'failed'] });
    assert.deepEqual(
      runs.map((each) => each.id),
      [id],
    );
    assert.deepEqual(
      (await client.commands(id)).map(({ name }) => name),
      ['movement.where'],
    );
    assert.deepEqual(
      (await client.logs(id)).map(({ text }) => text),
      ['x'],
    );
    const again = await client.retry(id);
    assert.equal((await client.run(again.id, { waitMs: 60_000 })).end?.value, 5);
    assert.equal((await client.lint('while (true);', { file: 'a.js' })).verdict, 'refuse');
  });

  test('holds a run, is told what holds it, lets it go on and stops it', async () => {
    const { id } = await client.submit({ source: 'await sleep(600_000)' });
    while ((await client.run(id)).status !== 'running');
    assert.equal((await client.run(id)).held, null);
    const { status, held } = await client.pause(id);
    assert.deepEqual([status, held?.by, held?.until], ['paused', 'local', null]);
    assert.equal((await client.resume(id)).held, null);
    assert.equal((await client.stop(id)).status, 'cancelled');
  });

  test('follows a run from its first event to its end, and stops it', async () => {
    const run = await client.follow({ source: 'log.info("hi"); await sleep(600_000)' });
    const told: string[] = [];
    for (const type of ['admission', 'state', 'log', 'end'] as const)
      run.on(type, (event) => told.push(event.type));
    await new Promise<void>((resolve) => run.on('log', () => resolve()));
    assert.equal(run.state, 'running');
    const end = await run.stop();
    assert.equal(end.status, 'cancelled');
    assert.deepEqual(told, ['admission', 'state', 'state', 'log', 'state', 'state', 'end']);
  });

  test('throws what the server refuses with, and says where none is', async () => {
    const none = await problemOf(client.run('000000000000'));
    assert.deepEqual([none.status, none.problem, none.code], [404, 'not-found', 'no-server']);
    const bad = await problemOf(client.submit({ source: 'return 1', macro: 'a' }));
    assert.equal(bad.problem, 'bad-request');
    const nobody = await problemOf(new CorralClient({ url: 'http://127.0.0.1:9' }).runs());
    assert.equal(nobody.status, null);
    assert.match(nobody.message, /nobody listens there|bad port/);
    assert.throws(() => new CorralClient({ url: 'file:///etc' }), /by its address/);
    const other = createServer((_request, response) => response.writeHead(500).end('<html>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const odd = await problemOf(new CorralClient({ url: `http://127.0.0.1:${port}` }).runs());
    assert.match(odd.message, /not as a Corral does/);
    other.close();
  });

  test('corral run --server shows and ends as corral run does', async () => {
    const file = macro('six.js', 'log.info("hello"); return input.a * 7');
    const args = ['run', file, '--input', '{"a":6}', '--seed', '1'];
    const remote = ['--server', server.url];
    const [here, there] = [await corral(args), await corral([...args, ...remote])];
    assert.deepEqual([there.code, there.stdout], [here.code, here.stdout]);
    assert.match(there.stderr, /info {2}hello/);
    assert.match(there.stderr, /✔ six completed/);
    const json = await corral([...args, ...remote, '--json']);
    const types = jsonLines(json.stdout).map(({ type }) => type);
    assert.equal(types[0], 'admission');
    assert.equal(types.at(-1), 'end');
    assert.ok(types.includes('log'));
  });

  test('corral run --server says why a macro was refused or stopped, and where its dump is', async () => {
    const file = macro('spin.js', 'let n = 0;\nwhile (true) n++;');
    const remote = ['--server', server.url];
    const refused = await corral(['run', file, ...remote]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /spin was refused/);
    assert.match(refused.stderr, /while \(true\)/);
    const killed = await corral(['run', file, ...remote, '--no-lint', '--limit', 'cpu=50ms']);
    assert.equal(killed.code, 1);
    assert.match(killed.stderr, /cpu-limit/);
    const dump = /dump +(http\S+)/.exec(killed.stderr)?.[1] ?? '';
    assert.equal((await fetch(dump)).status, 200);
    const wrong = await corral(['run', file, ...remote, '--level', 'high']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /--level is the server's to say/);
    const nobody = await corral(['run', file, '--server', 'http://127.0.0.1:9']);
    assert.equal(nobody.code, 2);
  });

  test('a server that goes away is told as that, and where to ask for the run', async () => {
    const dying = createServer((_, response) => {
      response.write('{"type":"accepted","id":"0123456789ab"}\n');
      setTimeout(() => response.destroy(), 200);
    }).listen(0, '127.0.0.1');
    await once(dying, 'listening');
    const url = `http://127.0.0.1:${(dying.address() as AddressInfo).port}`;
    const run = await new CorralClient({ url }).follow({ source: 'return 1' });
    assert.match((await problemOf(run.result)).message, /connection to the server was lost/);
    const { code, stdout, stderr } = await corral([
      'run',
      macro('gone.js', 'return 1'),
      '--server',
      url,
    ]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^error The connection .* lost; .*GET \/api\/runs\/0123456789ab\.$/m);
    assert.doesNotMatch(stderr, /broken|\n {4}at /);
    dying.close();
  });

  test('what works on this machine only is told as that', async () => {
    for (const flags of [['--batch', 'items.ndjson'], ['--inspect']]) {
      const { code, stderr } = await corral(['run', 'a.js', '--server', server.url, ...flags]);
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`error ${flags[0]} works on this machine only`));
    }
  });

  test('corral lint --server says what corral lint says', async () => {
    const spam = macro('spam.js', "for (;;) await chat.say({ text: 'x' });\n");
    const quiet = macro('quiet.js', '// corral-disable-next-line\nwhile (true);\nreturn 1\n');
    const circle = macro(
      'circle.js',
      'function a(n) { return b(n); }\nfunction b(n) { return a(n); }\nreturn a(1);\n',
    );
    const files = [spam, quiet, circle];
    for (const args of [['--json'], []]) {
      const here = await corral(['lint', ...files, ...args]);
      const there = await corral(['lint', ...files, ...args, '--server', server.url]);
      assert.match(here.stdout, /chat-spam/);
      const read = (text: string) => (args.length > 0 ? JSON.parse(text) : text);
      assert.deepEqual([there.code, read(there.stdout)], [here.code, read(here.stdout)]);
    }
    const wrong = await corral(['lint', spam, '--server', server.url, '--fix']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /--fix does not go with --server/);
  });

  test('Ctrl-C stops the run on the server', async () => {
    const file = macro('sleeper.js', 'log.info("asleep"); await sleep(600_000)');
    const { code, stderr } = await corral(['run', file, '--server', server.url], {
      interrupt: { after: /asleep/, signal: 'SIGINT' },
    });
    assert.equal(code, 130);
    const id = /run ([0-9a-f]{12})/.exec(stderr)?.[1] ?? '';
    assert.equal((await client.run(id)).status, 'cancelled');
  });
});
