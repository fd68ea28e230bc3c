// Owns why a loop kept a macro: that it never ends, what it waits to see, or how many turns it takes to its end.

import { setLater } from '../analysis/loops/set-later.ts';
import { handsOn } from '../analysis/memory/hands.ts';
import { safeText } from '../model/safe-text.ts';
import { type Around, loopsOf } from './around.ts';
import { type Diagnosis, fact, named, type Scene } from './scene.ts';
import { nestOf, nestText, type Turns, turnsOf } from './turns.ts';

const NAMES_MAX = 4;
const CONDITION_CHARS = 80;
const WHY_CHARS = 200;
/** Fewer turns are no answer by themselves. */
const TURNS_MIN = 100;
/** A loop with so many times the turns of another is the one that matters. */
const OUTWEIGHS = 1_000;

/**
 * Of all loops it was in the one to blame: one that never ends, before one of which nothing is known, before those that
 * take many turns.
 * @param recursing the lines of loops that a recursion goes through: it is told by itself
 */
export function whyLoop(scene: Scene, recursing: ReadonlySet<number> = new Set()): Diagnosis[] {
  const all = loopsOf(scene);
  const endless = all.find(({ verdict }) => verdict === 'infinite');
  if (endless) return [tellLater(endless, scene) ?? tellEndless(endless)];
  const around = all.filter(({ loop }) => !recursing.has(loop.line));
  const fed = around.flatMap((each) => tellFed(each, scene))[0];
  if (fed) return [fed];
  const open = around.find(
    ({ verdict, loop }) => verdict === 'unknown' && loop.condition !== null && !loop.course,
  );
  if (open) return [tellLater(open, scene) ?? tellOpen(open, scene)];
  const clock = around.find(({ loop }) => loop.course?.kind === 'clock');
  return clock ? tellClock(clock, scene) : tellTurns(around, scene);
}

/** A loop around the end that by its text need not come to its end. */
export function whyUnending(scene: Scene): Diagnosis[] {
  const all = loopsOf(scene);
  const endless = all.find(({ verdict }) => verdict === 'infinite');
  return endless ? [tellEndless(endless)] : all.flatMap((each) => tellFed(each, scene)).slice(0, 1);
}

/** The loop around the end that never does, where there is one; for a macro that was stopped for waiting. */
export function whyEndless(scene: Scene): Diagnosis[] {
  const found = loopsOf(scene).find(({ verdict }) => verdict === 'infinite');
  if (!found) return [];
  const { text } = tellEndless(found);
  return [
    fact(
      text,
      scene.dump.reason === 'wall-limit'
        ? `Give the loop at line ${found.loop.line} an end; or a longer wall limit, if it is to run on: \`@limit wall=…\` in the header or --limit wall=…, as far as the host allows it.`
        : `Give the loop at line ${found.loop.line} an end, and see that it is reached.`,
    ),
  ];
}

/** A loop around the end that lint says does not end once it has begun: where something else is to blame, that goes on. */
export function whyBegun(scene: Scene): Diagnosis[] {
  const found = loopsOf(scene).find(({ suspicion }) => suspicion !== null);
  if (!found) return [];
  const it = `the loop at line ${found.loop.line}`;
  return [
    fact(
      `lint says of line ${found.loop.line}: once this loop has begun it does not end by itself: ${safeText(found.suspicion ?? '', { charsMax: WHY_CHARS })}`,
      `Give ${it} an end, and see that it is reached.`,
    ),
  ];
}

function tellEndless(around: Around): Diagnosis {
  const { loop, why } = around;
  const it = `the loop at line ${loop.line}`;
  const known = why && safeText(why, { charsMax: WHY_CHARS });
  const words =
    known ?? (loop.hasExit ? 'no way out of it is ever taken' : 'there is no way out of it');
  return fact(
    `${it} never ends: ${words}${heldBy(around)}`,
    loop.hasExit || loop.condition !== null
      ? `See that ${it} comes to its end: that its condition becomes false, or that it reaches a \`break\`, whatever the values.`
      : `Give ${it} an end: a condition that becomes false, or a \`break\`. If it is to run until it is stopped, let it \`await sleep(ms)\` in each turn.`,
  );
}

/** A loop over something that is made longer in it. */
function tellFed(around: Around, { text }: Scene): Diagnosis[] {
  const { loop, verdict } = around;
  const { course } = loop;
  if (!text || verdict !== 'unknown' || !course || course.kind === 'clock') return [];
  if (!course.bound?.isSize) return [];
  const { name } = course.bound;
  const adds = handsOn(name, text)?.adds ?? [];
  const [add] = adds.filter(({ line }) => loop.line <= line && line <= loop.endLine);
  if (!add) return [];
  const it = `the loop at line ${loop.line}`;
  return [
    fact(
      `${it} goes to the end of ${named(name)}, and makes ${named(name)} longer itself at line ${add.line} (${add.how})${heldBy(around)}`,
      `Go over a copy (\`[...${safeText(name, { charsMax: 60 })}]\`), or gather what is new in another list: then ${it} has an end that stays where it is.`,
    ),
  ];
}

/** A loop whose condition nothing that is known makes false. */
function tellOpen(around: Around, { text }: Scene): Diagnosis {
  const { loop, suspicion } = around;
  const it = `the loop at line ${loop.line}`;
  const condition = `\`${safeText(loop.condition ?? '', { charsMax: CONDITION_CHARS })}\``;
  const why = suspicion && `; lint says: ${safeText(suspicion, { charsMax: WHY_CHARS })}`;
  const flow = why ? null : flowOf(around, text);
  return fact(
    `${it} goes on while ${condition}${why ?? flow?.text ?? ''}${heldBy(around)}`,
    flow?.advice ?? `See that something in ${it} makes ${condition} false.`,
  );
}

/** A loop that waits for what cannot come while it turns. */
function tellLater(around: Around, { text }: Scene): Diagnosis | null {
  const { loop } = around;
  const later = text && setLater(loop, text);
  if (!later) return null;
  const { name, line, by } = later;
  const it = `the loop at line ${loop.line}`;
  const condition = `\`${safeText(loop.condition ?? '', { charsMax: CONDITION_CHARS })}\``;
  const when =
    by === null ? 'in a function that is run later' : `in ${named(by)}, after an \`await\``;
  return fact(
    `${it} goes on while ${condition}, and ${named(name)} is only set at line ${line}, ${when}: nothing that waits can go on while the loop turns${heldBy(around)}`,
    by === null
      ? `Let ${it} \`await sleep(ms)\` in each turn; better, \`await\` what sets ${named(name)}, in place of the loop.`
      : `Put \`await\` before the call of ${named(by)}, in place of the loop; or let the loop \`await sleep(ms)\` in each turn.`,
  );
}

/** Of a list that a condition looks at: that a loop puts into it what it should only take out. */
function flowOf({ loop }: Around, text: Scene['text']): { text: string; advice: string } | null {
  for (const name of text ? loop.names : []) {
    const hands = text && handsOn(name, text);
    const inside = ({ line }: { readonly line: number }) =>
      loop.line <= line && line <= loop.endLine;
    const add = hands?.adds.find(inside);
    const take = hands?.takes.find(inside);
    if (!add || !take || add === take || add.how === take.how) continue;
    return {
      text: `, takes out of ${named(name)} at line ${take.line} (${take.how}) and puts into it at line ${add.line} (${add.how})`,
      advice: `See that in the loop at line ${loop.line} less is put into ${named(name)} than is taken out: note what has been there (in a Set, by a text or a number), and do not put it in again.`,
    };
  }
  return null;
}

/** A loop that only lets time pass. */
function tellClock(around: Around, { report }: Scene): Diagnosis[] {
  const { loop } = around;
  const condition = safeText(loop.condition ?? '', { charsMax: CONDITION_CHARS });
  const said = report?.findings.some(
    ({ rule, line, advice }) => rule === 'sync-hog' && line === loop.line && advice !== null,
  );
  return [
    fact(
      `the loop at line ${loop.line} turns round until time has passed (\`${condition}\`), and computes all the while${heldBy(around)}`,
      said ? null : 'Write `await sleep(ms)` instead: that waits without computing.',
    ),
  ];
}

/** Loops that come to their end, after many turns. */
function tellTurns(around: readonly Around[], { dump }: Scene): Diagnosis[] {
  const nest = mattering(nestOf(around));
  const [inner, ...outer] = nest;
  const found = around.find(
    (each) => each.loop.line === inner?.line && turnsOf(each) === inner.turns,
  );
  const product = nest.reduce((all, { turns }) => all * turns, 1);
  if (!inner || !found || product < TURNS_MIN) return tellUncounted(around, dump.limit?.name);
  const it = `the loop at line ${inner.line}`;
  const pause = pauseFor(dump.limit?.name);
  if (outer.length > 0)
    return [
      fact(
        `${it} takes up to ${nestText(nest)} were too many for the limit${heldBy(found)}`,
        `Take fewer turns: put what ${it} seeks into a Map or a Set once, before the loop at line ${outer.at(-1)?.line}, and look it up there; ${pause}.`,
      ),
    ];
  return [
    fact(
      `${it} ends, after at most ${nestText(nest)}: they were too much for the limit${heldBy(found)}`,
      `Do less in each turn of ${it}, or fewer turns; ${pause}.`,
    ),
  ];
}

/** One loop that takes far more turns than the others together is the one to tell of. */
function mattering(nest: Turns[]): Turns[] {
  const most = nest.find((each) =>
    nest.every((other) => other === each || each.turns >= other.turns * OUTWEIGHS),
  );
  return most && most.turns >= TURNS_MIN ? [most] : nest;
}

/** Loops that move on, nobody can say how far. */
function tellUncounted(around: readonly Around[], limit: string | undefined): Diagnosis[] {
  const found = around.find(({ loop }) => loop.course?.kind === 'counted');
  if (!found) return [];
  const it = `the loop at line ${found.loop.line}`;
  const condition = safeText(found.loop.condition ?? '', { charsMax: CONDITION_CHARS });
  return [
    fact(
      `${it} moves on to where \`${condition}\` fails, and was not there yet${heldBy(found)}`,
      `Do less in each turn of ${it}, or fewer turns; ${pauseFor(limit)}.`,
    ),
  ];
}

/** A pause helps where only the time between two pauses is limited. */
function pauseFor(limit: string | undefined): string {
  return limit === 'burst'
    ? 'or `await sleep(0)` after every few, so that it pauses now and then'
    : 'or ask for more with --limit, if the host allows it';
}

/** `; when it was stopped, …`; '' where nothing was seen. */
function heldBy({ loop, frame }: Around): string {
  // What a counter runs to is said as turns.
  const bound = loop.course?.kind === 'counted' ? loop.course.bound : null;
  const isSaid = (name: string) => bound?.isSize === true && bound.name.split('.', 1)[0] === name;
  const values = valuesOf(
    loop.names.filter((name) => !isSaid(name)),
    frame,
  );
  return values === '' ? '' : `; when it was stopped, ${values}`;
}

/** `i` was 676, `n` was 1000. */
function valuesOf(names: readonly string[], frame: Around['frame']): string {
  const locals = frame?.locals ?? [];
  return names
    .slice(0, NAMES_MAX)
    .flatMap((name) => {
      const preview = locals.find((each) => each.name === name)?.preview ?? '';
      return preview === '' ? [] : [`${named(name)} was ${safeText(preview, { charsMax: 60 })}`];
    })
    .join(', ');
}
