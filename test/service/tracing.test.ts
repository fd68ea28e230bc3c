import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  StackContextManager,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { toTraceParent } from '../../src/service/tracing.ts';
import { serveHere } from '../support/serve-here.ts';
import { type Ask, askAt } from '../support/server.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const traceparent = `00-${TRACE}-${PARENT}-01`;

const spanMs = ({ duration: [seconds, nanos] }: ReadableSpan) => seconds * 1e3 + nanos / 1e6;

describe('a trace', () => {
  const exporter = new InMemorySpanExporter();
  before(() => {
    trace.setGlobalTracerProvider(
      new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
    );
    context.setGlobalContextManager(new StackContextManager());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  });
  afterEach(() => exporter.reset());
  after(() => {
    trace.disable();
    propagation.disable();
    context.disable();
  });

  /** The span of one run, once that has ended. */
  const spanOf = async (url: string, ask: Ask): Promise<ReadableSpan> => {
    const { body } = await askAt(`${url}/api/runs?wait=60000`, ask);
    assert.ok(body.endedAt, JSON.stringify(body));
    const spans = exporter.getFinishedSpans().filter((span) => span.name === 'corral.run');
    return spans.find(({ attributes }) => attributes['corral.run.id'] === body.id) ?? assert.fail();
  };

  test('has a span of a run, under the request that submitted it', async () => {
    await using server = await serveHere();
    const body = {
      source: 'await sleep(400); return 1',
      file: 'walk.js',
    };
    const span = await spanOf(server.url, { body, headers: { traceparent } });
    assert.equal(span.spanContext().traceId, TRACE);
    assert.equal(span.parentSpanContext?.spanId, PARENT);
    assert.equal(span.instrumentationScope.name, 'corral');
    assert.equal(span.status.code, SpanStatusCode.UNSET);
    const told = span.attributes;
    assert.equal(told['corral.macro.name'], 'walk');
    assert.equal(told['corral.owner'], 'local');
    assert.equal(told['corral.end.reason'], 'completed');
    for (const name of ['cpu_ms', 'heap_peak_bytes', 'queued_ms', 'commands'])
      assert.ok(Number(told[`corral.run.${name}`]) >= 0, name);
    const ms = spanMs(span);
    assert.ok(ms >= 390 && ms < 30_000, `${ms} ms`);
    const alone = await spanOf(server.url, { body: { source: 'return 1' } });
    assert.equal(alone.parentSpanContext, undefined);
    assert.notEqual(alone.spanContext().traceId, TRACE);
    const odd = { body: { source: 'return 1' }, headers: { traceparent: '00-nonsense-x-01' } };
    assert.equal((await spanOf(server.url, odd)).parentSpanContext, undefined);
  });

  test('goes on from the span of the request itself, where requests are traced here', () => {
    const found = trace.getTracer('http').startActiveSpan('POST', (span) => {
      const parent = toTraceParent({ traceparent });
      return { parent, own: span.spanContext() };
    });
    assert.deepEqual(found.parent, found.own);
    assert.equal(toTraceParent({ traceparent })?.spanId, PARENT);
    assert.equal(toTraceParent({}), null);
  });

  test('says which runs went wrong, and nothing of a macro’s without bounds', async () => {
    await using server = await serveHere();
    const failed = await spanOf(server.url, {
      body: { source: `throw new Error('\u001b[31m' + 'x'.repeat(1000))`, file: 'throws.js' },
    });
    assert.equal(failed.status.code, SpanStatusCode.ERROR);
    assert.equal(failed.attributes['error.type'], 'failed');
    const { message = '' } = failed.status;
    assert.ok(message.length > 100 && message.length < 700, message);
    assert.ok(!message.includes('\u001b'));
    const name = `a\u202e${'b'.repeat(500)}`;
    const source = `// ==Macro==\n// @name ${name}\n// ==/Macro==\nwhile (true);`;
    const refused = await spanOf(server.url, { body: { source } });
    assert.equal(refused.status.code, SpanStatusCode.ERROR);
    assert.equal(refused.attributes['corral.end.reason'], 'refused');
    assert.equal(spanMs(refused), 0);
    const macro = String(refused.attributes['corral.macro.name']);
    assert.ok(macro.length < 300 && !macro.includes('\u202e'), macro);
    const killed = await spanOf(server.url, {
      body: { source: 'while (true);', lint: false, limits: { cpu: '50ms' } },
    });
    assert.equal(killed.attributes['error.type'], 'cpu-limit');
    assert.ok(Number(killed.attributes['corral.run.cpu_ms']) >= 50);
    const { body } = await askAt(`${server.url}/api/runs`, {
      body: { source: 'await sleep(600_000)' },
    });
    await askAt(`${server.url}/api/runs/${body.id}/stop`, { method: 'POST' });
    const [cancelled] = exporter
      .getFinishedSpans()
      .filter(({ attributes }) => attributes['corral.run.id'] === body.id);
    assert.equal(cancelled?.attributes['corral.end.reason'], 'cancelled');
    assert.equal(cancelled?.status.code, SpanStatusCode.UNSET);
  });

  test('is in order though the clock is set back to before the server began', async (context) => {
    await using server = await serveHere();
    const { now } = Date;
    context.mock.method(Date, 'now', () => now() - 24 * 3_600_000);
    const span = await spanOf(server.url, { body: { source: 'await sleep(50); return 1' } });
    const ms = spanMs(span);
    assert.ok(ms >= 45 && ms < 30_000, `${ms} ms`);
    const [seconds] = span.startTime;
    assert.ok(Math.abs(seconds - Date.now() / 1e3) < 60, `it began at ${seconds}`);
  });
});

test('without an SDK nothing is made of a run', async () => {
  await using server = await serveHere();
  const ask = { body: { source: 'return 1' }, headers: { traceparent } };
  assert.equal((await askAt(`${server.url}/api/runs?wait=60000`, ask)).body.status, 'completed');
  assert.equal(trace.getTracer('corral').startSpan('x').isRecording(), false);
});
