import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { EndEvent, FeedPayload } from '../../src/corral.ts';
import { History } from '../../src/store/history/history.ts';
import { sharedServer } from '../support/server.ts';

type Schema = Readonly<Record<string, unknown>>;
interface Response {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}
interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Response>>;
  readonly requestBody?: Response;
}

/** Answers that are no JSON: nothing at all, or the text of Prometheus. */
const NO_JSON = [
  'DELETE /api/patterns/{id} 204',
  'DELETE /api/dumps/{run} 204',
  'DELETE /api/macros/{name} 204',
  'GET /metrics 200',
];
/** What a macro chose, or its syntax tree: any JSON. */
const ANY_JSON = ['args', 'result', 'value', 'input', 'ast'];
/** What says of a value what it is. */
const SAYS = ['type', 'anyOf', 'oneOf', 'enum', 'const', '$ref'];

/** The parts of a schema, by their paths, that say nothing of a value. */
function blanks(schema: Schema | undefined, path: string): string[] {
  if (!schema || !SAYS.some((key) => key in schema)) return [path];
  const { properties = {}, items, anyOf = [], oneOf = [] } = schema;
  return [
    ...Object.entries(properties as Record<string, Schema>).flatMap(([name, each]) =>
      ANY_JSON.includes(name) ? [] : blanks(each, `${path}.${name}`),
    ),
    ...(items === undefined ? [] : blanks(items as Schema, `${path}[]`)),
    ...[anyOf, oneOf].flat().flatMap((each) => blanks(each as Schema, path)),
  ];
}

describe('the OpenAPI document', () => {
  const server = sharedServer();
  const ajv = new Ajv2020({ strict: false });
  let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;

  const run = async (source: string, more: object = {}): Promise<string> =>
    (await server.ask('/api/runs?wait=60000', { body: { source, ...more } })).body.id;
  /** Asks, and fails where the answer is not whole, or has what the document does not name. */
  const assertTold = async (route: string, path = route, body?: unknown) => {
    const method = body === undefined ? 'get' : 'post';
    const answer = await server.ask(path, body === undefined ? {} : { body });
    assert.equal(answer.status, 200, path);
    const { schema } =
      paths[route]?.[method]?.responses['200']?.content?.['application/json'] ?? {};
    assert.ok(ajv.validate(schema ?? false, answer.body), `${path}: ${ajv.errorsText()}`);
    return answer.body;
  };

  before(async () => {
    ({ paths } = (await server.ask('/openapi.json')).body);
  });

  test('names every operation once, sends problems as such, and says what a form has', () => {
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    const names = operations.map(({ operationId }) => operationId);
    assert.equal(new Set(names).size, operations.length);
    assert.ok(names.includes('postApiRunsIdStop'));
    for (const { operationId, responses } of operations)
      for (const [status, { content }] of Object.entries(responses))
        if (/^[45]/.test(status))
          assert.deepEqual(Object.keys(content ?? {}), ['application/problem+json'], operationId);
    const form = paths['/api/runs/upload']?.post?.requestBody?.content?.['multipart/form-data'];
    assert.deepEqual(Object.keys(form?.schema?.properties ?? {}), [
      'file',
      'input',
      'limits',
      'owner',
      'priority',
      'seed',
      'lint',
    ]);
  });

  test('says of every answer what it gives', () => {
    const faults: string[] = [];
    let walked = 0;
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { responses }] of Object.entries(methods)) {
        const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
        if (good.length === 0) faults.push(`${method} ${path}: no answer`);
        for (const [status, { content = {} }] of good) {
          const name = `${method.toUpperCase()} ${path} ${status}`;
          if (NO_JSON.includes(name)) continue;
          const schemas = Object.values(content).map(({ schema }) => schema);
          walked += schemas.length;
          faults.push(...(schemas.length === 0 ? [name] : []));
          faults.push(...schemas.flatMap((schema) => blanks(schema, name)));
        }
      }
    assert.deepEqual(faults, []);
    assert.ok(walked > 60, `${walked} answers`);
  });

  test('names whatever is in an answer', async () => {
    const completed = await run(
      'log.info("hi"); await movement.where({}); await movement.goto({}).catch(() => 0); await sleep(300); return 5n',
    );
    const failed = await run('null.x');
    const killed = await run('while (true);', { lint: false, limits: { cpu: '50ms' } });
    const refused = await run('while (true);');
    for (const id of [completed, failed, killed, refused])
      for (const more of ['', '/commands', '/logs', '/samples'])
        await assertTold(`/api/runs/{id}${more}`, `/api/runs/${id}${more}`);
    const { commands } = await assertTold(
      '/api/runs/{id}/commands',
      `/api/runs/${completed}/commands`,
    );
    assert.deepEqual(
      commands.map((each: object) => 'error' in each),
      [false, true],
    );
    for (const path of Object.keys(paths))
      if (paths[path]?.get?.responses['200']?.content?.['application/json'] && !path.includes('{'))
        await assertTold(path);
    const { patterns } = (await server.ask('/api/patterns')).body;
    for (const { id } of patterns) await assertTold('/api/patterns/{id}', `/api/patterns/${id}`);
    await assertTold('/api/dumps/{run}', `/api/dumps/${killed}`);
    await assertTold('/api/dumps/{run}/replay', `/api/dumps/${killed}/replay`, {});
    await assertTold('/api/lint', '/api/lint', { source: 'while (true) await chat.say({})' });
    await assertTold('/api/lint/batch', '/api/lint/batch', [{ source: 'let x = (' }]);
  });

  test('does not keep what an earlier Corral has kept from being shown', async () => {
    const id = 'aabbccddeeff';
    const macro = 'old';
    const end = { type: 'end', runId: id, macro, status: 'completed', reason: 'completed' };
    const event = { type: 'run', runId: id, macro, owner: 'local', state: 'ended', reason: 'x' };
    {
      await using history = new History({
        dir: `${server.dir}/data`,
        onFailed: (error) => assert.fail(String(error)),
      });
      const of = { id, owner: 'local', macro, digest: '', version: null };
      history.runs.add({ ...of, source: '', options: '{}', at: Date.now(), server: 'x' });
      const kept = { ...end, message: '', durationMs: 1, cpuMs: 1, peakHeap: 1, commands: 0 };
      history.runs.end(id, { ...kept, dump: null } as unknown as EndEvent, Date.now(), null);
      history.events.add(1, event as FeedPayload);
    }
    const { status, body } = await server.ask(`/api/runs/${id}`);
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.end.reason, 'completed');
    const { events } = (await server.ask(`/api/events/list?run=${id}`)).body;
    assert.deepEqual(events, [{ ...event, id: events[0].id, time: 1 }]);
  });
});
