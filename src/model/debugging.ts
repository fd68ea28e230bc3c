// Owns how a debugger outside reaches a macro inside: what passes between the door it comes in by and the run.

/** A macro as its debugger reaches it. Messages are JSON text of Chrome's DevTools protocol. */
export interface DebuggedRun {
  /** Something the debugger says; null once it has gone, and the macro goes on without it. */
  tell(message: string | null): void;
}

/** A debugger as the run reaches it. What it hears comes from a macro's process. */
export interface DebuggerSide {
  hear(message: string): void;
  /** The run is over, or its process is gone; the last call. */
  end(): void;
}

/** Where a debugger comes in; serves one run. */
export interface DebugDoor {
  /** A run waits before its first line until its debugger says `Runtime.runIfWaitingForDebugger`, or has gone. */
  connect(run: DebuggedRun): DebuggerSide;
}

/** The longest message either way (UTF-16 code units). */
export const DEBUG_MESSAGE_CHARS_MAX = 8 * 1024 * 1024;
