// Owns `corral top` on a terminal: looks, listens, draws, and carries out what the keys ask for, until it is told to quit.

import { userInfo } from 'node:os';
import type { Answer, Ask } from '../../control/client.ts';
import { pageOf, renderTop } from '../render/top.ts';
import { INTERRUPTED } from '../run/signals.ts';
import type { Paint } from '../style.ts';
import { Corrals } from './corrals.ts';
import { press, toKeys, type Wish } from './keys.ts';
import { Machine } from './machine.ts';
import { Screen } from './screen.ts';
import {
  type CorralView,
  FIRST_UI,
  follow,
  type Row,
  stoppedOf,
  type TopView,
  toRows,
  type UiState,
} from './view.ts';

/** How often Corrals are looked for, and tell what they do (ms). */
const EVERY_MS = 1_000;
/** However much is told, the screen is drawn so often at most (ms). */
const DRAW_MS = 60;
const RECENT = 20;
/** How long it is said what came of a key (ms). */
const NOTE_MS = 5_000;
/** Why the emergency stop was pulled, or cleared, is not asked of who is in a hurry: only where that was. */
const WHY = 'from corral top';

/** Watches a folder until `q`, Ctrl-C or a signal; resolves with the exit code. */
export async function watchLive(
  dir: string,
  { out, input, paint }: { out: NodeJS.WriteStream; input: NodeJS.ReadStream; paint: Paint },
): Promise<number> {
  using live = new Live(dir, { out, input, paint });
  return await live.quit;
}

class Live implements Disposable {
  /** The exit code, once it is to end. */
  readonly quit: Promise<number>;
  readonly #dir: string;
  readonly #paint: Paint;
  readonly #corrals: Corrals;
  readonly #machine = new Machine();
  readonly #screen: Screen;
  readonly #quit = Promise.withResolvers<number>();
  readonly #timer: NodeJS.Timeout;
  readonly #onSignal = () => this.#quit.resolve(INTERRUPTED);
  #usage = this.#machine.read();
  #ui: UiState = FIRST_UI;
  /** What is on the screen: keys mean that, and not what was heard since. */
  #shown: readonly CorralView[] = [];
  #rows: readonly Row[] = [];
  #drawing: NodeJS.Timeout | null = null;

  constructor(
    dir: string,
    { out, input, paint }: { out: NodeJS.WriteStream; input: NodeJS.ReadStream; paint: Paint },
  ) {
    this.#dir = dir;
    this.#paint = paint;
    this.quit = this.#quit.promise;
    this.#corrals = new Corrals(dir, {
      everyMs: EVERY_MS,
      recent: RECENT,
      onChange: () => this.#drawSoon(),
    });
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    this.#timer = setInterval(() => this.#turn(), EVERY_MS);
    this.#screen = new Screen(out, input, {
      keys: (text) => this.#keys(text),
      redraw: () => this.#drawSoon(0),
    });
    // Nobody can see it any more.
    out.once('error', this.#onSignal);
    input.once('end', this.#onSignal);
    this.#turn();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#drawing) clearTimeout(this.#drawing);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    this.#corrals[Symbol.dispose]();
    this.#screen[Symbol.dispose]();
  }

  #turn(): void {
    this.#usage = this.#machine.read();
    this.#corrals
      .look()
      .catch((error: unknown) => this.#quit.reject(error))
      .finally(() => this.#drawSoon())
      .catch(() => undefined);
  }

  #drawSoon(ms = DRAW_MS): void {
    this.#drawing ??= setTimeout(() => {
      this.#drawing = null;
      this.#shown = this.#corrals.views;
      this.#follow();
      this.#screen.draw(renderTop(this.#view(), this.#screen.size, this.#paint));
    }, ms);
  }

  /** Keeps the marker with its run. */
  #follow(): readonly Row[] {
    const { mode } = this.#ui;
    const rows = toRows(this.#shown, this.#ui);
    this.#ui = follow(this.#ui, this.#rows, rows);
    if (rows.length > 0) this.#rows = rows;
    if (mode.kind === 'stop' && this.#ui.mode.kind !== 'stop')
      this.#say({ ok: true, message: `${mode.macro} has ended` });
    return rows;
  }

  #view(): TopView {
    return {
      now: Date.now(),
      dir: this.#dir,
      corrals: this.#shown,
      events: this.#corrals.events,
      machine: this.#usage,
      ui: this.#ui,
    };
  }

  #keys(text: string): void {
    for (const key of toKeys(text)) {
      const { ui, wish, refusal } = press(this.#ui, key, {
        rows: this.#follow(),
        stopped: stoppedOf(this.#shown),
        page: pageOf(this.#screen.size),
      });
      this.#ui = ui;
      if (wish) this.#grant(wish);
      if (refusal !== undefined) this.#say({ ok: false, message: refusal });
    }
    this.#drawSoon(0);
  }

  #grant(wish: Wish): void {
    switch (wish.kind) {
      case 'quit':
        this.#quit.resolve(0);
        return;
      case 'suspend':
        this.#screen.suspend();
        return;
      case 'emergency':
      case 'clear':
        this.#note(this.#corrals.askAll({ ask: wish.kind, by: userName(), why: WHY }));
        return;
      case 'stop': {
        const { row, quarantine } = wish;
        this.#ask(row.path, { ask: 'stop', run: row.run, by: userName(), why: '', quarantine });
        return;
      }
      default:
        this.#ask(wish.row.path, { ask: wish.kind, run: wish.row.run, by: userName() });
    }
  }

  #ask(path: string, ask: Ask): void {
    this.#note(this.#corrals.ask(path, ask));
  }

  /** Says what came of a key, for a while. */
  #say({ ok, message }: Answer): void {
    this.#ui = { ...this.#ui, note: { ok, text: message, until: Date.now() + NOTE_MS } };
  }

  #note(answer: Promise<Answer>): void {
    answer
      .then((came) => {
        this.#say(came);
        this.#drawSoon(0);
      })
      .catch((error: unknown) => this.#quit.reject(error));
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Who presses the keys. */
function userName(): string {
  try {
    return userInfo().username.slice(0, 64) || 'somebody';
  } catch {
    // A user the system has no name for, as in some containers.
    return `user ${process.getuid?.() ?? ''}`.trim();
  }
}
