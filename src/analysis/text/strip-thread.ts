// Owns taking types out of a text inside a thread of its own; started by strip-types.ts, never imported.
// Node's stripper is shared by a whole thread and, once a text has overflowed its stack, it fails for every later text.

import { stripTypeScriptTypes } from 'node:module';
import { type MessagePort, workerData } from 'node:worker_threads';
import type { StripAnswer } from './strip-types.ts';

const { port, flag } = workerData as { port: MessagePort; flag: Int32Array };

port.on('message', (text: string) => answer(strip(text)));
answer({ code: '' });

function strip(text: string): StripAnswer {
  try {
    return { code: stripTypeScriptTypes(text, { mode: 'strip' }) };
  } catch (error) {
    const { message, stack, code } = error as NodeJS.ErrnoException;
    const isSyntax = code?.endsWith('_TYPESCRIPT_SYNTAX') ?? false;
    return { message, stack: (stack ?? '').slice(0, 100_000), isBroken: !isSyntax };
  }
}

function answer(message: StripAnswer): void {
  port.postMessage(message);
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}
