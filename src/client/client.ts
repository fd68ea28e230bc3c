// Owns talking to a Corral server: the same API that its documentation describes, typed, its answers checked. It knows nothing
// of what is behind it.

import { z } from 'zod';
import { CorralError } from '../model/errors.ts';
import type { CommandEvent, EndEvent, LogEvent } from '../model/events.ts';
import { RunSummary } from '../model/history.ts';
import { Report } from '../model/report.ts';
import { FollowedRun } from './followed-run.ts';
import { toServerError, unreachable } from './server-error.ts';

export type { EndEvent } from '../model/events.ts';
export type { RunSummary } from '../model/history.ts';
export type { Report } from '../model/report.ts';
export type { FollowedRun } from './followed-run.ts';
export { ServerError } from './server-error.ts';

/** Where a server is, and who asks. */
export interface ClientOptions {
  /** `http://127.0.0.1:4141` */
  readonly url: string;
  /** A key, as `corral keys create` gave it. Default: none. */
  readonly key?: string;
}

/** What is submitted: a text, or the name of a macro in the server's library. */
export interface SubmissionOptions {
  readonly source?: string;
  readonly macro?: string;
  /** Of the library's macro; its newest by default. */
  readonly version?: number;
  readonly input?: unknown;
  /** Lower limits: `{ cpu: '500ms' }`. */
  readonly limits?: Readonly<Record<string, string | number>>;
  /** For operators: whose run it is. */
  readonly owner?: string;
  /** -10 to 10. */
  readonly priority?: number;
  readonly seed?: number;
  readonly file?: string;
  /** False runs what lint would refuse; for operators. */
  readonly lint?: boolean;
}

/** A run as the server knows it; `end` is null until it has ended. */
export type RunDetail = RunSummary & { readonly end: EndEvent | null; readonly held: Hold | null };

/** What holds a run. */
export interface Hold {
  /** A key's id, `local`, `quota`, or `pattern:` and its id. */
  readonly by: string;
  readonly why: string;
  /** When it goes on by itself (ms since 1970); null when somebody has to say so. */
  readonly until: number | null;
}

/** Which runs are meant, and which page of them. */
export interface RunQuery {
  readonly status?: RunSummary['status'] | readonly RunSummary['status'][];
  readonly reason?: string;
  readonly macro?: string;
  readonly owner?: string;
  /** Submitted from then on, and before then (ms since 1970). */
  readonly from?: number;
  readonly to?: number;
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

const Accepted = z.object({ id: z.string() });
const Detail = RunSummary.extend({
  end: z.looseObject({ type: z.literal('end') }).nullable(),
  // A server from before does not tell it.
  held: z.object({ by: z.string(), why: z.string(), until: z.number().nullable() }).nullish(),
});
const RunPage = z.object({ runs: z.array(RunSummary), next: z.string().nullable() });
const Commands = z.object({ commands: z.array(z.looseObject({ name: z.string() })) });
const Logs = z.object({ logs: z.array(z.looseObject({ text: z.string() })) });

/**
 * A client of a Corral server. Everything it does throws a `ServerError` where the server cannot be reached or refuses.
 * @example
 * const client = new CorralClient({ url: 'http://127.0.0.1:4141' });
 * const { id } = await client.submit({ source: 'return 6 * 7' });
 * const { end } = await client.run(id, { waitMs: 60_000 });
 */
export class CorralClient {
  readonly #url: string;
  readonly #key: string | undefined;

  /** @throws {CorralError} `bad-usage` for what is no address of a server */
  constructor({ url, key }: ClientOptions) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new CorralError(
        'bad-usage',
        'A server is named by its address, for example http://127.0.0.1:4141.',
      );
    this.#url = url.replace(/\/+$/, '');
    this.#key = key;
  }

  /**
   * Submits a run; resolves once it is on the server's disk.
   * @param options `idempotencyKey`: the same request sent again with it is the same run
   */
  async submit(
    submission: SubmissionOptions,
    options: { readonly idempotencyKey?: string; readonly signal?: AbortSignal } = {},
  ): Promise<{ readonly id: string }> {
    const { idempotencyKey, signal } = options;
    const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    return Accepted.parse(
      await this.#json('POST', '/api/runs', { body: submission, headers, signal }),
    );
  }

  /** Submits a run and follows it, event by event. It goes on when nobody follows it any more. */
  async follow(submission: SubmissionOptions): Promise<FollowedRun> {
    const response = await this.#send('POST', '/api/runs/stream', { body: submission });
    return FollowedRun.open(response, (id) => this.stop(id));
  }

  /** A run; with `waitMs` once it has ended, or after so long. */
  async run(id: string, options: { readonly waitMs?: number } = {}): Promise<RunDetail> {
    const wait = options.waitMs === undefined ? '' : `?wait=${options.waitMs}`;
    return this.#detail('GET', `/api/runs/${encodeURIComponent(id)}${wait}`);
  }

  /** A page of runs, the newest first. */
  async runs(query: RunQuery = {}): Promise<z.infer<typeof RunPage>> {
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(query))
      for (const each of [value].flat()) asked.append(name, String(each));
    return RunPage.parse(await this.#json('GET', `/api/runs?${asked}`));
  }

  /** Stops a run; resolves once it has ended. */
  async stop(id: string): Promise<RunDetail> {
    return this.#step(id, 'stop');
  }

  /** Holds a run where it is. */
  async pause(id: string): Promise<RunDetail> {
    return this.#step(id, 'pause');
  }

  /** Lets a run go on. */
  async resume(id: string): Promise<RunDetail> {
    return this.#step(id, 'resume');
  }

  /** Runs it once more, as it was submitted. */
  async retry(id: string): Promise<{ readonly id: string }> {
    return Accepted.parse(await this.#json('POST', `/api/runs/${encodeURIComponent(id)}/retry`));
  }

  /** The first commands of a run after a number. */
  async commands(id: string, after = -1): Promise<readonly (CommandEvent & { n: number })[]> {
    const path = `/api/runs/${encodeURIComponent(id)}/commands?after=${after}&limit=1000`;
    const { commands } = Commands.parse(await this.#json('GET', path));
    return commands as unknown as readonly (CommandEvent & { n: number })[];
  }

  /** The first log lines of a run after a number. */
  async logs(id: string, after = -1): Promise<readonly (Omit<LogEvent, 'type'> & { n: number })[]> {
    const path = `/api/runs/${encodeURIComponent(id)}/logs?after=${after}&limit=1000`;
    const { logs } = Logs.parse(await this.#json('GET', path));
    return logs as unknown as readonly (Omit<LogEvent, 'type'> & { n: number })[];
  }

  /** What the server's lint says of a text; nothing is run. */
  async lint(source: string, options: { readonly file?: string } = {}): Promise<Report> {
    return Report.parse(await this.#json('POST', '/api/lint', { body: { source, ...options } }));
  }

  async #step(id: string, step: string): Promise<RunDetail> {
    return this.#detail('POST', `/api/runs/${encodeURIComponent(id)}/${step}`);
  }

  async #detail(method: string, path: string): Promise<RunDetail> {
    // The end is told as it was; its shape is the event's.
    const { held = null, ...detail } = Detail.parse(await this.#json(method, path));
    return { ...detail, held } as unknown as RunDetail;
  }

  async #json(method: string, path: string, more: Asked = {}): Promise<unknown> {
    const response = await this.#send(method, path, more);
    try {
      return await response.json();
    } catch (error) {
      throw unreachable(this.#url, error);
    }
  }

  async #send(method: string, path: string, more: Asked): Promise<Response> {
    const { body, headers = {}, signal } = more;
    const key = this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { ...type, ...key, ...headers },
      // A key is for this server alone.
      redirect: 'error',
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      throw unreachable(this.#url, error);
    });
    if (response.ok) return response;
    throw await toServerError(response, this.#url);
  }
}

interface Asked {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}
