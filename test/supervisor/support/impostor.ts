// Owns programs that are started where a worker would be and do what a worker that was taken over could.

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NODE = process.execPath;
/** Descriptor 3 is its way in and out; `send` takes a message or raw text, `onOrder` is the body's to define. */
const FRAME = `
const fs = require('node:fs');
const net = require('node:net');
const channel = new net.Socket({ fd: 3 });
let onOrder = () => {};
const toFrame = (message) => {
  const body = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
};
const send = (message) => channel.write(toFrame(message));
const ready = () => send({ type: 'ready', isolatedVm: '0' });
const listen = () => {
  let held = Buffer.alloc(0);
  channel.on('data', (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= 4 + held.readUInt32BE(0)) {
      const end = 4 + held.readUInt32BE(0);
      onOrder(JSON.parse(held.subarray(4, end)));
      held = held.subarray(end);
    }
  });
};
channel.on('close', () => process.exit());
setInterval(() => {}, 1000);
`;
let written = 0;

/** Writes such a program and returns its path. */
export function writeImpostor(dir: string, body: string): string {
  written += 1;
  const path = join(dir, `impostor-${written}.cjs`);
  writeFileSync(path, `#!${NODE}\n${FRAME}\n${body}\n`);
  chmodSync(path, 0o700);
  return path;
}

/** Makes something while workers are started from this path. */
export async function withWorkersFrom<Made>(
  path: string,
  make: () => Made | Promise<Made>,
): Promise<Made> {
  process.execPath = path;
  try {
    return await make();
  } finally {
    process.execPath = NODE;
  }
}
