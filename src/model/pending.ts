// Owns how much is told of what a macro waits for; apart from the message itself, since a worker has no zod.

/** So many of a run's sleeps, commands and calls under way are told; the rest is a number. */
export const PENDING_MAX = 64;
