// Owns the process whose worker ends by a slip: of a program that fails where nobody awaits it, or of a real worker that is
// told nonsense. It prints `over` when it lives through that.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ToWorker } from '../../../src/model/wire.ts';
import { WorkerProcess } from '../../../src/supervisor/worker-process.ts';
import { withWorkersFrom, writeImpostor } from './impostor.ts';

const dir = mkdtempSync(join(tmpdir(), 'corral-test-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
const create = () => new WorkerProcess({ heapBytes: 64 * 1024 * 1024 });
let worker: WorkerProcess;
if (process.argv[2] === 'worker') {
  worker = create();
  await worker.ready;
  worker.send({ type: 'start', run: 'r' } as unknown as ToWorker);
} else {
  const body = process.argv[2] === 'calm' ? 'process.exit(1)' : 'Promise.reject(new Error("x"))';
  worker = await withWorkersFrom(writeImpostor(dir, body), create);
}
await worker.exited;
await setImmediate();
process.stdout.write('over');
