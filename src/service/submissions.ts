// Owns submissions: what is asked for is checked, put on disk, and only then acknowledged and run. What a server that was
// killed left is taken up again: what had not begun begins, of what had begun it is said that it was lost.

import { randomBytes } from 'node:crypto';
import type { Corral, EndEvent, Run } from '../corral.ts';
import { toMessage } from '../model/errors.ts';
import { textDigest } from '../model/text-digest.ts';
import type { History } from '../store/history/history.ts';
import type { StoredRun } from '../store/history/runs.ts';
import { OpenRuns } from './open-runs.ts';
import { fileOf, ownerLibrary } from './owner-library.ts';
import { OwnerQuotas } from './owner-quotas.ts';
import { type KeepEvent, record } from './recorder.ts';
import { lostEvent, type Recovered, recover } from './recovery.ts';
import { HELD_BEFORE, RunSeen, type Seen } from './run-seen.ts';
import type { Submission, Submitter, Taken } from './submission.ts';
import { SubmissionError } from './submission-error.ts';
import { type SubmittedText, textOf } from './submitted-text.ts';
import { type TraceParent, traceRun } from './tracing.ts';

interface Live {
  readonly run: Run;
  readonly owner: string;
  readonly seen: RunSeen;
  readonly ended: Promise<EndEvent>;
}

/** A run that has ended, and that is on disk. */
export interface EndedRun {
  readonly owner: string;
  readonly end: EndEvent;
  /** From its submission, or a restart of the server, until it was started (ms); null where it was not. */
  readonly startedAfterMs: number | null;
}

/** Takes submissions. */
export class Submissions {
  readonly #corral: Corral;
  readonly #history: History;
  readonly #keepEvent: KeepEvent;
  readonly #live = new Map<string, Live>();
  readonly #open = new OpenRuns();
  readonly #over = new AbortController();
  readonly #listeners = new Set<(ended: EndedRun) => void>();
  /** What each owner may use. */
  readonly quotas: OwnerQuotas;
  /** Requests with a key that are not on disk yet, by owner and key. */
  readonly #underWay = new Map<
    string,
    { readonly digest: string; readonly taken: Promise<Taken> }
  >();

  /** @param keepEvent keeps what no run tells by itself: that one waits held, or was lost with its server */
  constructor(corral: Corral, history: History, keepEvent: KeepEvent) {
    this.#corral = corral;
    this.#history = history;
    this.#keepEvent = keepEvent;
    this.quotas = new OwnerQuotas(history);
  }

  /** Calls a listener with every run that ends from now on; the returned function stops that. It may not throw. */
  onEnded(listener: (ended: EndedRun) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The run of an id while it has not ended. */
  live(id: string): Run | null {
    return this.#live.get(id)?.run ?? null;
  }

  /** Runs that wait to begin, of everybody and of one owner: those that came in this turn too, which no line knows of yet. */
  waiting(owner: string): { readonly all: number; readonly own: number } {
    return this.#open.waiting(owner);
  }

  /** @throws {SubmissionError} `quota` where an owner may start nothing now */
  assertWithinQuota(owner: string): void {
    this.quotas.check(owner, this.#open.of(owner));
  }

  /** What is seen of a run that has not ended, and what holds it; null for one that has. */
  seen(id: string): Seen | null {
    const live = this.#live.get(id);
    if (!live) return null;
    const { cpuMs, peakHeap, commands, hold } = live.seen;
    return { cpuMs, peakHeap, commands, hold: this.quotas.holdOf(live.owner, live.run) ?? hold };
  }

  /**
   * Holds a run: from now on it is held by whoever asked, and no quota lets it go; one that waits, after a restart too.
   * @param by a key's id, or `local`
   */
  async pause(run: Run, by: string): Promise<void> {
    const live = this.#live.get(run.id);
    if (live) this.quotas.forget(live.owner, run);
    live?.seen.held({ by, why: `it was paused by ${by}`, until: null });
    const isWaiting = run.state === 'queued';
    await run.pause();
    if (isWaiting) this.#noteWaiting(run, 'paused');
  }

  /** Lets a run go on. @throws {SubmissionError} `quota` where it is held for its owner's quota */
  async resume(run: Run): Promise<void> {
    const owner = this.#live.get(run.id)?.owner ?? '';
    const held = this.quotas.holdOf(owner, run);
    if (held) throw new SubmissionError('quota', `${held.why}.`);
    // Before it goes on, and tells that it has begun.
    if (this.#history.runs.get(run.id)?.status === 'paused') this.#noteWaiting(run, 'queued');
    this.#live.get(run.id)?.seen.held(null);
    await run.resume();
  }

  /** Of a run that has not begun, whether it is held is nothing that it tells. */
  #noteWaiting(run: Run, status: 'paused' | 'queued'): void {
    const { id, macro } = run;
    const { runs, writes } = this.#history;
    const owner = this.#live.get(id)?.owner;
    if (owner === undefined || run.state !== 'queued') return;
    const at = Date.now();
    writes.soon(() => runs.setStatus(id, status, at));
    const told = { runId: id, macro, owner, state: status, reason: null, risk: null };
    this.#keepEvent(at, { type: 'run', ...told });
  }

  /** Resolves with the end of a run under way, once that is on disk; null for one that is not. */
  async ended(id: string): Promise<EndEvent | null> {
    return (await this.#live.get(id)?.ended) ?? null;
  }

  /** Resolves once every run under way has ended and is on disk, or cannot be written there. */
  async settled(): Promise<void> {
    this.#over.abort();
    await Promise.all([...this.#live.values()].map(({ ended }) => ended));
  }

  /**
   * Takes a submission; resolves once it is on disk.
   * @throws {SubmissionError}
   */
  async submit(submission: Submission, submitter: Submitter): Promise<Taken> {
    const { owner, idempotencyKey } = submitter;
    const digest = digestOf(submission);
    if (idempotencyKey === undefined) return await this.#take(submission, submitter, digest);
    // The same request may come again while the first one is still being written.
    const name = JSON.stringify([owner, idempotencyKey]);
    const underWay = this.#underWay.get(name);
    const known = underWay
      ? { digest: underWay.digest, run: (await underWay.taken).id }
      : this.#history.idempotency.find(owner, idempotencyKey);
    if (known?.digest === digest) return { id: known.run, isNew: false };
    if (known)
      throw new SubmissionError(
        'idempotency-mismatch',
        `Idempotency-Key ${idempotencyKey} came with another request before; take a new one for a new run.`,
      );
    const taken = this.#take(submission, submitter, digest);
    this.#underWay.set(name, { digest, taken });
    return await taken.finally(() => this.#underWay.delete(name));
  }

  async #take(submission: Submission, submitter: Submitter, digest: string): Promise<Taken> {
    const { owner } = submitter;
    const text = textOf(submission, this.#history.macros, owner);
    this.assertWithinQuota(owner);
    const run = this.#begin(submission, text, submitter, randomBytes(6).toString('hex'));
    submitter.begun?.(run);
    await this.#acknowledge(run, { submission, submitter, digest, text });
    return { id: run.id, isNew: true };
  }

  /** Takes up what another server process left. @returns what became of it */
  async recover(): Promise<Recovered> {
    return await recover(this.#history, {
      begin: (left) => this.#beginAgain(left),
      ended: (at, { owner, end }) => {
        this.#keepEvent(at, lostEvent(owner, end));
        for (const listener of this.#listeners) listener({ owner, end, startedAfterMs: null });
      },
    });
  }

  /** @returns why it cannot begin; null where it does */
  #beginAgain({ id, owner, version, macro, status }: StoredRun): string | null {
    const kept = this.#history.runs.sourceOf(id);
    if (!kept) return 'it could not be begun again: its text is not there any more';
    const submission = JSON.parse(kept.options) as Submission;
    const file = submission.file ?? (version === null ? null : fileOf(macro, 'js'));
    const text = { source: kept.source, file, name: submission.name ?? null, version };
    try {
      const run = this.#begin(submission, text, { owner }, id);
      if (status === 'paused') {
        this.#live.get(id)?.seen.held(HELD_BEFORE);
        void run.pause();
      }
      return null;
    } catch (error) {
      return `it could not be begun again: ${toMessage(error)}`;
    }
  }

  /** Starts a run that does nothing before it is let go. */
  #begin(
    submission: Submission,
    { source, file, name }: SubmittedText,
    { owner, trace = null }: Pick<Submitter, 'owner' | 'trace'>,
    id: string,
  ): Run {
    const { input, limits, seed, priority, lint } = submission;
    const run = this.#corral.start(source, {
      id,
      owner,
      // Whoever submitted it is told that it will be run.
      isTaken: true,
      ...(file !== null && { file }),
      ...(name !== null && { name }),
      library: ownerLibrary(this.#history.macros, owner),
      ...(input !== undefined && { input }),
      ...(limits && { limits }),
      ...(seed !== undefined && { seed }),
      ...(priority !== undefined && { priority }),
      ...(lint !== undefined && { lint }),
    });
    // At once: what it tells first is told at the end of this turn.
    this.#follow(run, owner, trace);
    return run;
  }

  /** Holds a run until its submission is on disk, then lets it go; stops it where the disk refuses. */
  async #acknowledge(
    run: Run,
    {
      submission,
      submitter: { owner, by, idempotencyKey },
      digest,
      text,
    }: {
      readonly submission: Submission;
      readonly submitter: Submitter;
      readonly digest: string;
      readonly text: SubmittedText;
    },
  ): Promise<void> {
    const { runs, writes, idempotency, server } = this.#history;
    const held = run.pause();
    const at = Date.now();
    const { source: _, ...options } = submission;
    try {
      await writes.now(() => {
        runs.add({
          id: run.id,
          owner,
          macro: run.macro,
          digest: textDigest(text.source),
          version: text.version,
          source: text.source,
          options: JSON.stringify({
            ...options,
            by,
            ...(text.file !== null && { file: text.file }),
            ...(text.name !== null && { name: text.name }),
          }),
          at,
          server,
        });
        if (idempotencyKey !== undefined)
          idempotency.add(owner, idempotencyKey, { digest, run: run.id }, at);
      });
    } catch (error) {
      await run.stop('its submission could not be written');
      throw new SubmissionError(
        'disk-full',
        'The submission could not be written to disk, so it was not taken.',
        { cause: error, retryAfterMs: 60_000 },
      );
    }
    await held;
    await run.resume();
  }

  #follow(run: Run, owner: string, trace: TraceParent): void {
    const leave = this.#open.add(owner, run);
    const pace = this.quotas.paceOf(owner);
    if (pace)
      run.on('command', () => {
        if (pace.count(run)) this.#tellHeld(run, owner);
      });
    const seen = new RunSeen(run);
    const begun = performance.now();
    let startedAfterMs: number | null = null;
    run.on('state', ({ state }) => {
      if (state === 'running') startedAfterMs ??= performance.now() - begun;
    });
    run.on('end', (end) => {
      const ranMs = startedAfterMs === null ? 0 : performance.now() - begun - startedAfterMs;
      traceRun({ end, owner, queuedMs: startedAfterMs, ranMs }, trace);
    });
    const ended = record(run, this.#history, this.#over.signal).then((end) => {
      pace?.forget(run);
      this.#live.delete(run.id);
      leave();
      for (const listener of this.#listeners) listener({ owner, end, startedAfterMs });
      return end;
    });
    this.#live.set(run.id, { run, owner, seen, ended });
  }

  /** A quota's hold is told as a person's is. */
  #tellHeld({ id, macro }: Run, owner: string): void {
    const told = { deed: 'pause', runId: id, macro, owner, by: 'quota', why: TOO_MANY } as const;
    this.#keepEvent(Date.now(), { type: 'operator', ...told });
  }
}

const TOO_MANY = 'its owner gave as many commands as a minute may have';

/** @throws {SubmissionError} `bad-input` for one that is nested deeper than JSON can be written */
function digestOf(submission: Submission): string {
  try {
    return textDigest(JSON.stringify(submission));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SubmissionError('bad-input', 'The input is nested too deeply; nest it less.');
  }
}
