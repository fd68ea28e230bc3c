// Owns the code that Corral has the debugger run beside a macro, on the stack of the macro that it interrupts. It never runs
// before the macro's end is decided but to look.

import { BRIDGE_FILE } from './bridge/bridge.ts';

/** True where the stack has room for as many calls as need 200 KB or more. */
export const ROOM = `(() => { const down = (n) => n === 0 || down(n - 1);
  try { return down(2500); } catch { return false; } })()`;

/** The stack of the moment, at most 32 frames of it, as the macro's own `Error` makes it. */
export const STACK_TEXT = `(() => { Error.stackTraceLimit = 32; const { stack } = new Error();
  return typeof stack === 'string' ? stack.slice(0, 12000) : ''; })()`;

/** V8 tells all frames of a macro that it stops, some 80 µs each: at more than this it is not stopped there. */
const FRAMES_MAX = 400;
/** With no more calls than this on its stack, a macro has no great depth to be back at a moment later. */
const SHALLOW_MAX = 20;

/** Where a macro can be stopped at once: in its own file, but not at these offsets into what was compiled. */
export interface Stoppable {
  readonly file: string;
  readonly except: readonly number[];
}

/**
 * Stops where it is run, unless that is too deep (its value is then {@link TOO_DEEP}) or no place to stop at ({@link SHALLOW}
 * where `Debugger.pause` does as well). That stops somewhat later: a recursion that runs into the end of the stack again and
 * again may be back down there by then. A macro that has frozen its `Error` gives some text of its own, one at the very end of
 * its stack nothing.
 */
export function stopHere({ file, except }: Stoppable): string {
  const forbidden = except.map((offset) => `${offset}: 1`).join();
  return `{ const forbidden = { __proto__: null, ${forbidden} };
  const { prepareStackTrace } = Error;
  Error.stackTraceLimit = ${FRAMES_MAX};
  Error.prepareStackTrace = (_, sites) => {
    if (sites.length === ${FRAMES_MAX}) return '${TOO_DEEP}';
    const [, top, caller] = sites;
    const isMark = top?.getFileName() === '${BRIDGE_FILE}' && top.getFunctionName() === '$corralAt';
    const site = isMark ? caller : top;
    return site && !site.isEval() && site.getFileName() === ${JSON.stringify(file)} &&
      !forbidden[site.getPosition()] ? ${HERE} : sites.length > ${SHALLOW_MAX} ? '' : '${SHALLOW}';
  };
  const { stack } = new Error();
  Error.prepareStackTrace = prepareStackTrace;
  if (stack === ${HERE}) debugger;
  stack; }`;
}

/** What {@link stopHere} is worth where the macro is too deep in its stack, and where it is not deep at all. */
export const TOO_DEEP = 'too deep';
export const SHALLOW = 'shallow';
const HERE = 1;
