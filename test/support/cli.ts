// Owns starting the command line as a user does and collecting what it says.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { CHILD_LIFE } from './child-life.ts';
import { slipIn } from './slips.ts';

/** The project's own folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SLIPS = new URL('./slips.ts', import.meta.url).href;
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** What a command came to. */
export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How {@link corral} starts. */
export interface CliOptions {
  readonly cwd?: string;
  readonly stdin?: string | Buffer;
  readonly env?: Record<string, string>;
  /** Sent once stderr or stdout has said this. */
  readonly interrupt?: { readonly after: RegExp; readonly signal: NodeJS.Signals };
}

/** Runs `corral` with arguments. */
export async function corral(
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const child = spawn(process.execPath, [MAIN, ...args, ...ownLedger(args, options)], {
    cwd: options.cwd ?? ROOT,
    env: {
      PATH: process.env.PATH ?? '',
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '',
      NO_COLOR: '1',
      // So that a worker's slip is a slip of the command's.
      NODE_OPTIONS: `--import=${SLIPS}`,
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...CHILD_LIFE,
  });
  // A command that does not read its input closes it early; that is its own business.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const { interrupt } = options;
  if (interrupt) {
    let seen = '';
    let isSent = false;
    const look = (chunk: Buffer) => {
      seen += chunk.toString();
      if (isSent || !interrupt.after.test(seen)) return;
      isSent = true;
      child.kill(interrupt.signal);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
  }
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  const slip = slipIn(stderr);
  if (slip !== null) throw new Error(`corral ${args.join(' ')}: a slip of its own\n${slip}`);
  return { code, signal, stdout, stderr };
}

let ledgers = 0;
let ledgersDir: string | null = null;

/** What a run in the project's own folder remembers of macros is told to no other run, and does not stay there. */
function ownLedger([command]: readonly string[], { cwd }: CliOptions): string[] {
  if (command !== 'run' || cwd !== undefined) return [];
  ledgersDir ??= makeLedgersDir();
  return ['--ledger-dir', join(ledgersDir, String(++ledgers))];
}

function makeLedgersDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'corral-test-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The objects of a `--json` run. */
export function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
