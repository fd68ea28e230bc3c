// Owns what Prometheus reads: counters and histograms of runs and requests, and how the house is at the moment of reading.
// Nothing an author chose is a label: their number would have no bound.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CORRAL_VERSION } from '../model/version.ts';
import type { Service } from '../service/service.ts';
import type { EndedRun } from '../service/submissions.ts';
import type { Resource } from './resource.ts';

const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const OVERSHOOT_SECONDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const MB = 1024 * 1024;
const HEAP_BYTES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((mb) => mb * MB);

/** The metrics of one server; they listen until they are disposed of. */
export class Metrics implements Disposable {
  readonly #registry = new Registry();
  readonly #leave: readonly (() => void)[];
  readonly #requests = this.#histogram('http_request_duration_seconds', 'How long requests took', {
    labelNames: ['method', 'route', 'status'] as const,
    buckets: SECONDS,
  });

  constructor(service: Service) {
    collectDefaultMetrics({ register: this.#registry });
    this.#gauges(service);
    const ended = new Counter({
      ...this.#named('runs_ended_total', 'Runs that ended, by why'),
      labelNames: ['status', 'reason'] as const,
    });
    const commands = new Counter(this.#named('commands_total', 'Commands that macros gave'));
    const cpu = new Counter(this.#named('cpu_seconds_total', 'CPU that macros used'));
    const duration = this.#histogram('run_duration_seconds', 'From start to end', {
      labelNames: ['status'] as const,
      buckets: SECONDS,
    });
    const latency = this.#histogram('run_start_latency_seconds', 'From submission to start', {
      labelNames: [] as const,
      buckets: SECONDS,
    });
    const heap = this.#histogram('run_peak_heap_bytes', 'The most heap a run was seen to hold', {
      labelNames: [] as const,
      buckets: HEAP_BYTES,
    });
    const overshoot = this.#histogram(
      'kill_overshoot_seconds',
      'How far past a limit of time or CPU a run got before it was stopped',
      { labelNames: ['limit'] as const, buckets: OVERSHOOT_SECONDS },
    );
    const events = new Counter({
      ...this.#named('events_total', 'Events, by kind'),
      labelNames: ['type'] as const,
    });
    const onEnded = ({ end, startedAfterMs }: EndedRun) => {
      ended.inc({ status: end.status, reason: end.reason });
      commands.inc(end.commands);
      cpu.inc(end.cpuMs / 1000);
      duration.observe({ status: end.status }, end.durationMs / 1000);
      if (startedAfterMs !== null) latency.observe(startedAfterMs / 1000);
      if (end.peakHeap > 0) heap.observe(end.peakHeap);
      if (end.limit && TIMED.has(end.limit.name))
        overshoot.observe(
          { limit: end.limit.name },
          Math.max(0, end.limit.measured - end.limit.value) / 1000,
        );
    };
    this.#leave = [
      service.onEvent(({ type }) => events.inc({ type })),
      service.submissions.onEnded(onEnded),
    ];
  }

  /** Notes a request that was answered. */
  observe(
    { method, routeOptions }: FastifyRequest,
    { statusCode, elapsedTime }: FastifyReply,
  ): void {
    const labels = { method, route: routeOptions.url ?? 'none', status: String(statusCode) };
    this.#requests.observe(labels, elapsedTime / 1000);
  }

  /** Everything, as Prometheus reads it, and its content type. */
  async read(): Promise<{ readonly text: string; readonly type: string }> {
    return { text: await this.#registry.metrics(), type: this.#registry.contentType };
  }

  [Symbol.dispose](): void {
    for (const leave of this.#leave) leave();
  }

  #gauges({ corral }: Service): void {
    const now = (name: string, help: string, value: () => number) =>
      new Gauge({
        ...this.#named(name, help),
        collect() {
          this.set(value());
        },
      });
    now('runs_active', 'Runs that were let in and are not over', () => corral.load.active);
    now('runs_active_limit', 'How many may be', () => corral.load.activeMax);
    now('runs_queued', 'Runs that wait', () => corral.load.queued);
    now('workers', 'Worker processes', () => corral.workerPids.length);
    now('breaker_open', '1 while no run is let in', () =>
      corral.load.breaker.state === 'open' ? 1 : 0,
    );
    now('emergency_active', '1 while everything is stopped', () =>
      corral.emergencyState === null ? 0 : 1,
    );
    const about = new Gauge({
      ...this.#named('build_info', 'Always 1'),
      labelNames: ['version'] as const,
    });
    about.set({ version: CORRAL_VERSION }, 1);
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    more: { readonly labelNames: readonly Label[]; readonly buckets: number[] },
  ): Histogram<Label> {
    return new Histogram<Label>({ ...this.#named(name, help), ...more });
  }

  #named(name: string, help: string) {
    return { name: `corral_${name}`, help: `${help}.`, registers: [this.#registry] };
  }
}

const TIMED: ReadonlySet<string> = new Set(['wall', 'cpu', 'burst', 'idle']);

/** The route of metrics. */
export function metricRoutes(metrics: Metrics): Resource {
  return async (app) => {
    app.route({
      method: 'GET',
      url: '/metrics',
      config: { scope: 'read', rateLimit: false },
      schema: { summary: 'Metrics, for Prometheus' },
      handler: async (_request, reply) => {
        const { text, type } = await metrics.read();
        return reply.type(type).send(text);
      },
    });
  };
}
