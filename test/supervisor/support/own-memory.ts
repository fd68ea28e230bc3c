// Owns a memory budget for the corrals of one test: so much beyond what this process and a corral's workers hold already.

import { readFileSync } from 'node:fs';

const MB = 1024 * 1024;

/** What processes hold together (bytes), this one included. */
export function heldBytes(pids: readonly number[]): number {
  const workers = pids.map((pid) => {
    try {
      const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return Number(kb ?? 0) * 1024;
    } catch {
      return 0;
    }
  });
  return workers.reduce((total, bytes) => total + bytes, process.memoryUsage.rss());
}

/** The source of a macro that holds so many MB, says so, and then does what it is told. */
export function holding(mb: number, then = 'await sleep(600000)'): string {
  return `const kept = [];
for (let i = 0; i < ${Math.ceil(mb / 10)}; i++) { kept.push(new Uint8Array(${10 * MB}).fill(1)); await sleep(1) }
log('full');
${then};
return kept.length`;
}
