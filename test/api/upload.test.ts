import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Answer, sharedServer } from '../support/server.ts';

describe('a form over HTTP', () => {
  const server = sharedServer();

  const upload = (fields: Readonly<Record<string, string | Blob>>): Promise<Answer> => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields))
      if (typeof value === 'string') form.append(name, value);
      else form.append(name, value, 'up.js');
    return server.ask('/api/runs/upload', { body: form });
  };
  const raw = (body: string, type = 'multipart/form-data; boundary=x'): Promise<Answer> =>
    server.ask('/api/runs/upload', { body, headers: { 'content-type': type } });
  const assertRefused = ({ status, body }: Answer, code: string, detail: RegExp): void => {
    assert.deepEqual([status, body.code], [code === 'too-large' ? 413 : 400, code], body.detail);
    assert.match(body.detail, detail);
  };

  test('has the fields that JSON has, before the file and after it', async () => {
    const file = new Blob(['return [input.a, random()]']);
    const { status, body } = await upload({
      seed: '7',
      input: '{"a":2}',
      file,
      owner: 'ann',
      lint: 'false',
      priority: '3',
      limits: '{"cpu":"90ms"}',
    });
    assert.equal(status, 202, JSON.stringify(body));
    const run = (await server.ask(`/api/runs/${body.id}?wait=60000`)).body;
    const same = await server.ask('/api/runs?wait=60000', {
      body: { source: 'return [input.a, random()]', input: { a: 2 }, seed: 7 },
    });
    assert.deepEqual(run.end.value, same.body.end.value);
    assert.equal(run.owner, 'ann');
  });

  test('has no other field, none twice, and one file', async () => {
    const file = new Blob(['return 1']);
    assertRefused(await upload({ file, macro: 'walk' }), 'bad-request', /no field macro/);
    assertRefused(
      await upload({ file, odd: '1' }),
      'bad-request',
      /no field odd.*it has file, input/,
    );
    assertRefused(await upload({ file, seed: 'x' }), 'bad-request', /seed is not JSON/);
    assertRefused(await upload({ file, seed: '-1' }), 'bad-request', /^\/seed: /);
    assertRefused(await upload({ input: '1' }), 'bad-request', /no file/);
    const form = new FormData();
    form.append('file', file, 'a.js');
    form.append('file', file, 'b.js');
    const twice = await server.ask('/api/runs/upload', { body: form });
    assertRefused(twice, 'bad-request', /two files/);
  });

  test('that is none is a bad request, and no fault of the server', async () => {
    const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.js"\r\n\r\n';
    for (const answer of [
      await raw(`${head}return 1`),
      await raw(head.slice(0, 20)),
      await raw('nonsense'),
      await raw('nonsense', 'multipart/form-data'),
      await raw(`${head}return 1\r\n--x--`, 'multipart/form-data; boundary='),
    ])
      assertRefused(answer, 'bad-request', /^The form cannot be read/);
    assertRefused(await raw(''), 'bad-request', /no file/);
  });

  test('that is too large says so in plain words', async () => {
    for (const megabytes of [2.1, 40]) {
      const file = new Blob(['x'.repeat(megabytes * 1024 * 1024)]);
      assertRefused(await upload({ file }), 'too-large', /^The file is larger than 2 MB\.$/);
    }
    const input = JSON.stringify('x'.repeat(1_200_000));
    const file = new Blob(['return 1']);
    assertRefused(
      await upload({ input, file }),
      'too-large',
      /^The field input is larger than 1 MB/,
    );
  });
});
