// Owns turning TypeScript into JavaScript in which every character keeps its place, by Node's own type stripping.
// The stripper runs in a thread that is waited for: a text can make it run for ever or break it for good, and then only
// that thread is lost. Nothing of the text is ever run.

import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { Lines } from './lines.ts';
import type { MacroForm, SyntaxProblem } from './macro-form.ts';

/** What the thread answers. */
export type StripAnswer =
  | { readonly code: string }
  | { readonly message: string; readonly stack: string; readonly isBroken: boolean };

/** The text without its types, or why not. */
export interface Stripped {
  readonly code: string;
  readonly form: MacroForm;
  readonly problem: SyntaxProblem | null;
}

/** Wraps a body, because the stripper refuses `return` outside a function; on the same line, so that lines stay true. */
const PREFIX = 'async function x(){';
const SUFFIX = '\n}';
const START_MS_MAX = 10_000;
const STRIP_MS_MAX = 1_000;
/** After a longer text the thread is let go, and with it the memory the stripper never gives back. */
const KEPT_CHARS_MAX = 200_000;

interface StripThread {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly flag: Int32Array;
}

let thread: StripThread | null = null;

/** Takes the types out. Blocks for at most about a second (the first call: until the thread is up). */
export function stripTypes(source: string): Stripped {
  // The stripper drops a leading byte order mark; a blank keeps every column.
  const text = source.startsWith('\ufeff') ? ` ${source.slice(1)}` : source;
  const body = ask(PREFIX + text + SUFFIX);
  if ('code' in body && body.code.length === PREFIX.length + text.length + SUFFIX.length) {
    const code = body.code.slice(PREFIX.length, -SUFFIX.length);
    return { code, form: 'body', problem: null };
  }
  if (!/\b(?:export|import)\b/.test(text))
    return { code: source, form: 'body', problem: toProblem(body, text, PREFIX) };
  const module = ask(text);
  if ('code' in module && module.code.length === text.length)
    return { code: module.code, form: 'module', problem: null };
  return { code: source, form: 'module', problem: toProblem(module, text, '') };
}

function ask(text: string): StripAnswer {
  try {
    thread ??= startThread();
    Atomics.store(thread.flag, 0, 0);
    thread.port.postMessage(text);
    const answer = waitFor(thread, STRIP_MS_MAX);
    if (!answer) {
      dropThread();
      return broken('the types in this text take too long to read; simplify them');
    }
    if (text.length > KEPT_CHARS_MAX || ('isBroken' in answer && answer.isBroken)) dropThread();
    return 'isBroken' in answer && answer.isBroken
      ? broken('the types in this text cannot be read: it is nested too deeply')
      : answer;
  } catch (error) {
    dropThread();
    return broken(`the types in this text cannot be read: ${String(error).slice(0, 200)}`);
  }
}

function broken(message: string): StripAnswer {
  return { message, stack: '', isBroken: true };
}

function startThread(): StripThread {
  const { port1, port2 } = new MessageChannel();
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const file = import.meta.url.endsWith('.ts') ? './strip-thread.ts' : './strip-thread.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: { port: port2, flag },
    transferList: [port2],
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxOldGenerationSizeMb: 256 },
    name: 'corral-strip-types',
  });
  // Losing the thread is noticed by whoever waits for it.
  worker.on('error', () => {});
  worker.unref();
  port1.unref();
  const started = { worker, port: port1, flag };
  if (waitFor(started, START_MS_MAX)) return started;
  void worker.terminate();
  throw new Error('the thread that takes types out did not start');
}

function waitFor({ port, flag }: StripThread, timeoutMs: number): StripAnswer | null {
  if (Atomics.wait(flag, 0, 0, timeoutMs) === 'timed-out') return null;
  const received = receiveMessageOnPort(port) as { message: StripAnswer } | undefined;
  return received?.message ?? null;
}

function dropThread(): void {
  const lost = thread;
  thread = null;
  lost?.port.close();
  void lost?.worker.terminate();
}

function toProblem(answer: StripAnswer, text: string, prefix: string): SyntaxProblem {
  if ('code' in answer) {
    const message = 'the types in this text cannot be taken out without moving other code';
    return { message, start: 0, end: 1 };
  }
  // The stripper points by columns as a terminal shows them. In plain ASCII without tabs these are the offsets.
  const plain = text.replace(/[\u2028\u2029]|\r(?!\n)/g, '\n').replace(/[^\n\r -~]/g, 'x');
  const again = plain === text || answer.isBroken ? answer : ask(prefix + plain + SUFFIX);
  const stack = 'stack' in again ? again.stack : answer.stack;
  const { start, end } = toRange(stack, new Lines(plain), plain, prefix.length);
  const message = /eof/.test(answer.message.split('.')[0] ?? '')
    ? 'the text ends too early, or a bracket, brace or semicolon is missing'
    : toSentence(answer.message);
  return { message, start, end };
}

function toSentence(message: string): string {
  const line = (message.split('\n')[0] ?? '').replace(/(`)\. Expected .*/, '$1');
  return line.charAt(0).toLowerCase() + line.slice(1);
}

/** Reads `:LINE`, the excerpt and its carets from the head of the error's stack. */
function toRange(
  stack: string,
  lines: Lines,
  text: string,
  prefixLength: number,
): { start: number; end: number } {
  const rows = stack.split('\n');
  const line = Number(/^:(\d+)$/.exec(rows[0] ?? '')?.[1] ?? Number.NaN);
  const lineStart = lines.starts[line - 1];
  if (lineStart === undefined) return { start: 0, end: 1 };
  const until = rows.findIndex((row) => row.startsWith('SyntaxError'));
  const caret = rows.slice(0, Math.max(0, until)).find((row) => /^ *\^+$/.test(row));
  const shift = line === 1 ? prefixLength : 0;
  if (caret) {
    const start = Math.max(0, Math.min(lineStart + caret.indexOf('^') - shift, text.length));
    return { start, end: Math.min(text.length, start + caret.trim().length) };
  }
  const indent = /^[ ]*/.exec(text.slice(lineStart, lineStart + 200))?.[0].length ?? 0;
  return { start: lineStart + indent, end: lineStart + indent + 1 };
}
