// Owns a real `corral serve` for tests: a child process of its own, and requests to it over real HTTP.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CHILD_LIFE } from './child-life.ts';
import { ROOT } from './cli.ts';
import { slipIn } from './slips.ts';
import { tempDir } from './temp.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const LISTENING = /listening on (http:\/\/\S+)/;

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, otherwise the text; whatever the test expects of it. */
  readonly body: ReturnType<typeof JSON.parse>;
}

/** How a request is made. */
export interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
}

/** A running server. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it has written to stderr so far. */
  readonly stderr: () => string;
  /** What it has logged so far. */
  readonly stdout: () => string;
  ask(path: string, ask?: Ask): Promise<Answer>;
  /** Sends a signal, and gives the exit code once it is gone; null where the signal itself ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** A server that the tests of one `describe` share; there once the first of them begins. */
export interface SharedServer extends Omit<TestServer, typeof Symbol.asyncDispose> {
  /** The folder it was started with. */
  readonly dir: string;
}

/** Starts a server before the tests of the `describe` that calls this, and ends it after them. */
export function sharedServer(args: readonly string[] = []): SharedServer {
  const dir = tempDir();
  let running: TestServer | undefined;
  const server = () => running ?? assert.fail('it is started before the first test, not sooner');
  before(async () => {
    running = await startServer(dir.path, args);
  });
  after(async () => {
    await running?.[Symbol.asyncDispose]();
    dir[Symbol.dispose]();
  });
  return {
    dir: dir.path,
    get url() {
      return server().url;
    },
    get child() {
      return server().child;
    },
    stdout: () => server().stdout(),
    stderr: () => server().stderr(),
    ask: (path, ask) => server().ask(path, ask),
    end: (signal) => server().end(signal),
  };
}

/**
 * Starts a server with everything under a folder; resolves once it listens.
 * @param options `wrapper`: a program and its arguments that start it; `lifeMs`: how long it may live, for what takes longer
 */
export async function startServer(
  dir: string,
  args: readonly string[] = [],
  {
    wrapper = [],
    lifeMs = CHILD_LIFE.timeout,
  }: { readonly wrapper?: readonly string[]; readonly lifeMs?: number } = {},
): Promise<TestServer> {
  const [program = '', ...before] = [...wrapper, process.execPath];
  const child = spawn(
    program,
    [...before, MAIN, 'serve', '--port', '0', '--data-dir', `${dir}/data`, '--no-control', ...args],
    {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH ?? '',
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '',
        NO_COLOR: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...CHILD_LIFE,
      timeout: lifeMs,
    },
  );
  const said = { stdout: '', stderr: '' };
  const gone = once(child, 'exit') as Promise<[number | null]>;
  const listening = Promise.withResolvers<string>();
  child.stdout.on('data', (chunk: Buffer) => {
    said.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said.stderr += chunk.toString();
    const url = LISTENING.exec(said.stderr)?.[1];
    if (url) listening.resolve(url);
  });
  void gone.then(() => listening.reject(new Error(`it did not listen: ${said.stderr}`)));
  const url = await listening.promise;
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = await gone;
    const slip = slipIn(said.stderr);
    if (slip !== null) throw new Error(`a slip of the server's own\n${slip}`);
    return code;
  };
  return {
    url,
    child,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    ask: (path, ask) => askAt(`${url}${path}`, ask),
    end,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
    },
  };
}

/** One request; a body is sent as JSON, a text or a form as it is. */
export async function askAt(url: string, ask: Ask = {}): Promise<Answer> {
  const { method, body, headers = {}, key } = ask;
  const isRaw = typeof body === 'string' || body instanceof FormData;
  const type = isRaw || body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...type, ...(key && { authorization: `Bearer ${key}` }), ...headers },
    ...(body !== undefined && { body: isRaw ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    body: isJson && text !== '' ? JSON.parse(text) : text,
  };
}
