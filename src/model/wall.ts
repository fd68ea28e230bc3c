// Owns the closed set of walls around a worker process: what each is called, what it is for, and what is known of one.

/** Every wall, in the order they are listed, with what it keeps from happening. */
export const WALLS = {
  environment: 'no variable of the process that runs Corral reaches a worker',
  descriptors: 'no file or socket that is open elsewhere reaches a worker',
  permissions: "Node's own permission model: no file but its own, no process, no thread",
  files: 'the kernel shows a worker its own files only, and lets it write none',
  network: 'the kernel gives a worker no network',
  processes: 'a worker sees and reaches no other process',
  privileges: 'a worker can never gain rights, not by any program it starts',
  lifetime: 'a worker dies at once with the process that runs Corral',
  memory: 'a process above its memory ceiling is killed',
  priority: 'a worker waits where anything else wants the processor',
  threads: 'V8 helps a worker with one thread, not with four',
  'core-dumps': "a crash writes none of a worker's memory to disk",
} as const;

/** One of {@link WALLS}. */
export type WallId = keyof typeof WALLS;

/** What is known of a wall on this machine. */
export interface Wall {
  readonly id: WallId;
  readonly up: boolean;
  /** What holds it, or why it is missing: a clause without a full stop. */
  readonly how: string;
  /** What to do to get it: a sentence without a full stop; null for a wall that is up or cannot be had here. */
  readonly remedy: string | null;
}

/** Whether a missing wall matters: `available` runs with what there is, `strict` refuses to. */
export const WALL_MODES = ['available', 'strict'] as const;

/** One of {@link WALL_MODES}. */
export type WallMode = (typeof WALL_MODES)[number];

/** What trying a wall came to: it held, it is not there, or it is there and something got through. */
export type WallState = 'holds' | 'missing' | 'broken';

/** A wall that was tried. */
export interface WallCheck {
  readonly id: WallId;
  readonly state: WallState;
  /** As in {@link Wall}. */
  readonly how: string;
  readonly remedy: string | null;
  /** What was tried or looked at and what came of it, a clause each. */
  readonly tried: readonly string[];
}
