// Owns what an operator does to a running Corral from outside: to one run, or to all. Each deed is told with who did it.

import type { ControlAsk } from '../model/control.ts';
import type { OperatorFeedEvent } from '../model/feed.ts';
import type { Run } from '../supervisor/run.ts';
import type { Steered } from './steered.ts';

/** Something that is asked to be done. */
export type DeedAsk = Exclude<ControlAsk, { ask: 'snapshot' | 'watch' }>;

/** What came of it. */
export interface Outcome {
  readonly ok: boolean;
  /** One sentence. */
  readonly message: string;
}

/** Does what was asked; resolves when it is done. */
export async function carryOut(ask: DeedAsk, corral: Steered): Promise<Outcome> {
  switch (ask.ask) {
    case 'emergency':
      corral.note({ action: 'guard.emergency', runId: null, by: ask.by, why: ask.why });
      corral.emergency({ by: ask.by, why: ask.why || `${ask.by} pulled the emergency stop` });
      return { ok: true, message: 'all its runs are being stopped, and it lets nothing new in' };
    case 'clear':
      if (corral.emergencyOrder === null)
        return { ok: false, message: 'no emergency stop is pulled' };
      corral.note({ action: 'guard.clear', runId: null, by: ask.by, why: ask.why });
      corral.clearEmergency({ by: ask.by, why: ask.why || `${ask.by} cleared it` });
      return { ok: true, message: 'it lets new runs in again' };
    default:
      return onRun(ask, corral);
  }
}

async function onRun(ask: Extract<DeedAsk, { run: string }>, corral: Steered): Promise<Outcome> {
  const run = corral.runs.find(({ id }) => id === ask.run);
  if (!run) return { ok: false, message: `there is no run ${ask.run} any more` };
  const event = toEvent(ask, run, corral.ownerOf(run));
  corral.tell(event);
  corral.note({ action: `run.${ask.ask}`, runId: run.id, by: ask.by, why: event.why });
  switch (ask.ask) {
    case 'pause':
      return (await run.pause())
        ? { ok: true, message: `${run.macro} is paused` }
        : { ok: false, message: `${run.macro} ended before it could be paused` };
    case 'resume':
      return (await run.resume())
        ? { ok: true, message: `${run.macro} goes on` }
        : { ok: false, message: `${run.macro} has ended` };
    case 'stop': {
      const why = ask.why === '' ? '' : `: ${ask.why}`;
      const { quarantine, by } = ask;
      const { reason } = await run.stop(`it was stopped by ${by}${why}`, { quarantine, by });
      const held = quarantine ? ', and its macro is in quarantine' : '';
      return { ok: true, message: `${run.macro} has ended (${reason})${held}` };
    }
  }
}

function toEvent(
  ask: Extract<DeedAsk, { run: string }>,
  { id: runId, macro }: Run,
  owner: string | undefined,
): OperatorFeedEvent {
  const why = ask.ask === 'stop' ? ask.why : '';
  return { type: 'operator', deed: ask.ask, runId, macro, owner, by: ask.by, why };
}
