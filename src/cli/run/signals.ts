// Owns what is the same wherever Ctrl-C is heard: the exit code, and when two signals are one.

/** The exit code of what was interrupted. */
export const INTERRUPTED = 130;
/** A terminal's Ctrl-C reaches this process both directly and through the launcher: that is one signal (ms). */
export const SAME_SIGNAL_MS = 300;
