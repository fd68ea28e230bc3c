// Owns a real pseudo-terminal for tests, by util-linux's `script`, and what its screen shows: enough of a terminal to read
// what a full-screen program draws.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHILD_LIFE } from './child-life.ts';

const PATIENCE_MS = 60_000;

/** Why there is no pseudo-terminal to be had here; false where there is. */
export const NO_TERMINAL: string | false =
  spawnSync('script', ['--version'], CHILD_LIFE).status === 0
    ? false
    : 'the `script` of util-linux is not installed here';

/** A program on a pseudo-terminal. */
export class Terminal implements AsyncDisposable {
  /** Every byte it wrote. */
  written = '';
  readonly #child: ChildProcess;
  readonly #dir = mkdtempSync(join(tmpdir(), 'corral-tty-'));
  readonly #waiting = new Set<() => void>();
  readonly #exited: Promise<number | null>;

  /** Starts a program with arguments on a terminal of this size. */
  constructor(
    command: readonly string[],
    options: { readonly columns: number; readonly rows: number; readonly env?: NodeJS.ProcessEnv },
  ) {
    const { columns, rows, env = {} } = options;
    const quoted = command.map((each) => `'${each.replaceAll("'", "'\\''")}'`).join(' ');
    // The shell becomes the program: its pid is the program's.
    const line = `stty cols ${columns} rows ${rows}; echo $$ > '${this.#dir}/pid'; exec ${quoted}`;
    this.#child = spawn('script', ['-qefc', line, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
      ...CHILD_LIFE,
    });
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdout?.setEncoding('utf8');
    this.#child.stdout?.on('data', (text: string) => {
      this.written += text;
      for (const look of [...this.#waiting]) look();
    });
    this.#exited = once(this.#child, 'exit').then(([code]) => code as number | null);
  }

  /** The program's own process. */
  get pid(): number {
    return Number(readFileSync(join(this.#dir, 'pid'), 'utf8'));
  }

  /** What the screen shows now. */
  get screen(): string {
    return toScreen(this.written).join('\n');
  }

  /** Types. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Resolves once the screen shows this. @throws when it does not come */
  async shows(what: RegExp): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (what.test(this.screen)) resolve();
    };
    const timer = setTimeout(
      () => reject(new Error(`${what} was never shown, but:\n${this.screen}`)),
      PATIENCE_MS,
    );
    this.#waiting.add(look);
    look();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  /** The program's exit code, once it has ended. */
  exited(): Promise<number | null> {
    return this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are steered by controls
const PART = /\u001b\[([?\d;]*)([A-Za-z])|([^\u001b])/gsu;

/** What a terminal shows after all this was written: the other screen while a program has it, else the first. */
function toScreen(written: string): string[] {
  let lines: string[][] = [];
  let kept: string[][] = [];
  let row = 0;
  let column = 0;
  for (const [, parameters = '', final, char] of written.matchAll(PART)) {
    const [first = 1, second = 1] = parameters.split(';').map((each) => Number(each) || 1);
    if (char === '\r') column = 0;
    else if (char === '\n') row += 1;
    else if (char !== undefined) {
      const line = lines[row] ?? [];
      lines[row] = line;
      while (line.length < column) line.push(' ');
      line[column++] = char;
    } else if (final === 'H') [row, column] = [first - 1, second - 1];
    else if (final === 'K') lines[row]?.splice(column);
    else if (final === 'J') lines = parameters === '2' ? [] : lines.slice(0, row);
    else if (parameters === '?1049') {
      [lines, kept] = final === 'h' ? [[], lines] : [kept, []];
      [row, column] = final === 'h' ? [0, 0] : [lines.length, 0];
    }
  }
  return Array.from(lines, (line) => (line ?? []).join(''));
}
