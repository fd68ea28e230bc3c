// Owns the one exit code that says a worker ended on purpose. Imports nothing: a worker may read it.

/** The exit code of a worker that was recycled on purpose; any other end is a loss. */
export const RECYCLED_EXIT_CODE = 42;
