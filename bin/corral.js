#!/usr/bin/env node
// The launcher: plain JavaScript that any Node understands. It finds a Node that Corral can run on and starts the command
// line on it: straight from TypeScript in a checkout, from dist/ in an installed package.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { constants, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const WANTED = 24;
const self = fileURLToPath(import.meta.url);
const root = dirname(dirname(self));
const source = join(root, 'src', 'cli', 'main.ts');
const isCheckout = existsSync(source);
const entry = isCheckout ? source : join(root, 'dist', 'cli', 'main.js');

/** The Node that the `node` package brought, or null. */
function bundledNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
    const binary = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}

/** Keeps compiled code between runs, where nobody but the user, or who may change the code itself, can put any. */
function keepCompiled() {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const cache = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME;
  const folder = isCheckout
    ? join(root, 'node_modules', '.cache', 'corral')
    : join(cache || join(homedir(), '.cache'), 'corral', 'compiled');
  // Without it all is as before, only slower: it throws nothing.
  module.enableCompileCache(folder);
}

/** Says to a child that it has a shadow; nobody else's variable. */
const SHADOW = 'CORRAL_HAS_SHADOW';

/** Starts this launcher on another Node and becomes its shadow: same output, same signals, same exit code. */
function handOver(node) {
  const child = spawn(node, [self, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [SHADOW]: '1' },
  });
  // The child decides what a signal means, and its end is ours. (Ctrl-C reaches it twice, which it knows to expect.)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`error Cannot start ${node}: ${error.message}\n`);
    process.exitCode = 3;
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}

/** Whoever kills the shadow means what it stands for, and cannot be told by SIGKILL: that one goes the same way. */
function liveWithShadow() {
  if (process.env[SHADOW] === undefined) return;
  delete process.env[SHADOW];
  const end = () => process.kill(process.pid, 'SIGKILL');
  if (!process.connected) end();
  process.once('disconnect', end);
  process.channel.unref();
}

const major = Number(process.versions.node.split('.')[0]);
const bundled = major === WANTED ? null : bundledNode();
if (major === WANTED) {
  liveWithShadow();
  keepCompiled();
  await import(pathToFileURL(entry).href);
} else if (bundled) handOver(bundled);
else {
  process.stderr.write(
    `error Corral needs Node ${WANTED} and this is ${process.versions.node}: install Node ${WANTED}, or run \`npm install node@${WANTED}\` here and try again.\n`,
  );
  process.exitCode = 2;
}
