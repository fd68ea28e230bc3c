// Owns how a run looks while it lives: commands and logs line by line, warnings, and the status line under them.

import type {
  AdmissionEvent,
  CommandEvent,
  InterventionEvent,
  LogEvent,
  WarningEvent,
} from '../../model/events.ts';
import { formatDuration } from '../../model/limits.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Run } from '../../supervisor/run.ts';
import type { Paint } from '../style.ts';
import { safeJson } from './safe-json.ts';
import { StatusLine } from './status-line.ts';

const DRAW_MS = 100;
const ARGS_CHARS = 160;

/** What was done about a run that does what a pattern describes. */
const DONE: Record<InterventionEvent['action'], string> = {
  warn: 'warning',
  pause: 'paused',
  stop: 'stopped',
  emergency: 'emergency stop',
};

/** Shows one run on a stream until it is disposed. */
export class RunView implements Disposable {
  readonly #run: Pick<Run, 'macro' | 'state'>;
  readonly #stream: NodeJS.WriteStream;
  readonly #paint: Paint;
  readonly #line: StatusLine;
  readonly #timer: NodeJS.Timeout;
  #limits: AdmissionEvent['limits'] | null = null;
  #startedAt = performance.now();
  #cpuMs = 0;
  #heapBytes = 0;
  #commands = 0;

  constructor(run: Pick<Run, 'macro' | 'state' | 'on'>, stream: NodeJS.WriteStream, paint: Paint) {
    this.#run = run;
    this.#stream = stream;
    this.#paint = paint;
    this.#line = new StatusLine(stream, paint);
    run.on('admission', (event) => this.#admission(event));
    run.on('command', (event) => this.#command(event));
    run.on('log', (event) => this.#log(event));
    run.on('warning', (event) => this.#warning(event));
    run.on('intervention', (event) => this.#intervention(event));
    run.on('sample', ({ cpuMs, heapUsed, external }) => {
      this.#cpuMs = cpuMs;
      this.#heapBytes = heapUsed + external;
    });
    run.on('state', ({ state }) => {
      if (state === 'running') this.#startedAt = performance.now();
    });
    run.on('end', () => this[Symbol.dispose]());
    // A second Ctrl-C ends the process on the spot.
    process.once('exit', () => this.#line.clear());
    this.#timer = setInterval(() => this.#draw(), DRAW_MS).unref();
  }

  /** Writes a line of the host's own. */
  print(text: string): void {
    this.#write(`${' '.repeat(8)} ${this.#paint('magenta', 'host')}  ${text}`);
  }

  /** Writes a line of Corral's own. */
  tell(text: string, kind: 'note' | 'warning'): void {
    const label = kind === 'note' ? this.#paint('cyan', 'corral') : this.#paint('yellow', kind);
    this.#write(`${' '.repeat(8)} ${label} ${text}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#line.clear();
  }

  #draw(): void {
    if (!this.#limits) return;
    const figures = {
      elapsedMs: performance.now() - this.#startedAt,
      cpuMs: this.#cpuMs,
      heapBytes: this.#heapBytes,
      commands: this.#commands,
      state: this.#run.state,
    };
    this.#line.draw(this.#run.macro, figures, this.#limits);
  }

  #write(text: string): void {
    this.#line.clear();
    this.#stream.write(`${text}\n`);
  }

  #admission({ limits, verdict, findings }: AdmissionEvent): void {
    this.#limits = limits;
    // A refusal shows all that was found.
    if (verdict === 'refuse') return;
    for (const { rule, level, line, message } of findings)
      if (rule === 'header' && level === 'warning') this.#warn(0, `line ${line}: ${message}`);
  }

  #command(event: CommandEvent): void {
    this.#commands += 1;
    const paint = this.#paint;
    const came =
      event.error === undefined
        ? `${paint('dim', '→')} ${paint('dim', short(event.result))}`
        : `${paint('red', '✖')} ${safeText(event.error, { charsMax: ARGS_CHARS })}`;
    this.#write(`${this.#at(event.at)} ${paint('cyan', event.name)} ${short(event.args)} ${came}`);
  }

  #log(event: LogEvent): void {
    const style = ({ debug: 'dim', info: 'green', warn: 'yellow', error: 'red' } as const)[
      event.level
    ];
    const lines = event.text.split('\n').slice(0, 50);
    const text = lines.map((line) => safeText(line)).join(`\n${' '.repeat(15)}`);
    this.#write(`${this.#at(event.at)} ${this.#paint(style, event.level.padEnd(5))} ${text}`);
  }

  #warning({ at, message }: WarningEvent): void {
    this.#warn(at, message);
  }

  #intervention(event: InterventionEvent): void {
    const { at, action, title, message, advice, resumeAfterMs } = event;
    const style = action === 'warn' ? 'yellow' : 'red';
    const then =
      action !== 'pause'
        ? ''
        : resumeAfterMs === null
          ? '; until somebody lets it go on'
          : `; it goes on in ${formatDuration(resumeAfterMs)}`;
    const what = `${safeText(title)}: ${safeText(message, { charsMax: 500 })}${then}`;
    this.#write(`${this.#at(at)} ${this.#paint(style, DONE[action])} ${what}`);
    // What ends the run is explained at its end.
    if (action === 'warn' || action === 'pause')
      this.#write(`${' '.repeat(8)} ${this.#paint('dim', safeText(advice, { charsMax: 500 }))}`);
  }

  #warn(at: number, message: string): void {
    this.#write(`${this.#at(at)} ${this.#paint('yellow', 'warning')} ${safeText(message)}`);
  }

  #at(ms: number): string {
    return this.#paint('dim', formatDuration(ms).padStart(8));
  }
}

function short(value: unknown): string {
  const text = safeJson(value ?? null);
  return text.length > ARGS_CHARS ? `${text.slice(0, ARGS_CHARS)}…` : text;
}
