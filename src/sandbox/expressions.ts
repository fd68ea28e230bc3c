// Owns the code that Corral has the debugger run beside a macro, on the stack of the macro that it interrupts. It never runs
// before the macro's end is decided but to look.

/** True where the stack has room for as many calls as need 200 KB or more. */
export const ROOM = `(() => { const down = (n) => n === 0 || down(n - 1);
  try { return down(2500); } catch { return false; } })()`;

/** The stack of the moment, at most 32 frames of it, as the macro's own `Error` makes it. */
export const STACK_TEXT = `(() => { Error.stackTraceLimit = 32; const { stack } = new Error();
  return typeof stack === 'string' ? stack.slice(0, 12000) : ''; })()`;

/** V8 tells all frames of a macro that it stops, some 80 µs each: at more than this it is not stopped there. */
const FRAMES_MAX = 500;

/**
 * Stops where it is run, unless that is too deep. Not by `Debugger.pause`, which stops somewhat later: a recursion that
 * runs into the end of the stack again and again may be back down there by then. There is a text where a macro has
 * frozen its `Error`, and nothing at the very end of the stack.
 */
export const STOP_HERE = `{ Error.stackTraceLimit = ${FRAMES_MAX};
  Error.prepareStackTrace = (_, sites) => sites.length;
  const { stack } = new Error();
  if (stack < ${FRAMES_MAX} || typeof stack === 'string') debugger; }`;
