// Owns what supervisor and worker say to each other: the shape of every message and its bounds.
// The worker is not trusted: the supervisor checks each message with these schemas before it looks at it.

import { z } from 'zod';
import { DEBUG_MESSAGE_CHARS_MAX } from './debugging.ts';
import { PENDING_MAX } from './pending.ts';

const id = z.int().min(0);
const run = z.string().max(64);
/** Encoded values (see value.ts) stay text until the supervisor decodes them within bounds. */
const valueText = z.string().max(8 * 1024 * 1024);
const short = z.string().max(256);
/** Bytes or ms: what adds them up must never go backwards. */
const amount = z.number().min(0);
/** A profile of Chrome's as JSON text; what is in it is checked where it is read. */
const profileText = z
  .string()
  .max(2 * 1024 * 1024)
  .nullable();

/** What a macro threw, bounded. */
export const WireError = z.object({
  name: z.string().max(256),
  message: z.string().max(16_384),
  stack: z.string().max(16_384),
});

const Usage = {
  heapUsed: amount,
  heapTotal: amount,
  external: amount,
  rss: amount,
  cpuMs: amount,
};

/** One variable of a stopped frame. */
export const WireVariable = z.object({
  name: short,
  type: short,
  preview: z.string().max(1024),
  /** Elements of a list, map or set, bytes of a buffer, characters of a text. */
  size: z.number().nullable(),
});

/** One frame of a stopped macro; line and column are 1-based positions in the code that ran. */
export const WireFrame = z.object({
  functionName: short,
  realm: id,
  line: z.int(),
  column: z.int(),
  async: z.boolean(),
  locals: z.array(WireVariable).max(64),
});

/** Something a macro waits for. */
export const WirePending = z.object({ kind: short, name: short, sinceMs: amount });

/** What a worker tells the supervisor. */
export const FromWorker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), isolatedVm: short }),
  /** The main thread of the worker is alive; sent every 100 ms while runs are active. */
  z.object({ type: z.literal('beat') }),
  /** The macro wants something of the host: `args` is an encoded value. */
  z.object({
    type: z.literal('ask'),
    run,
    realm: id,
    id,
    kind: z.enum(['command', 'slash', 'state', 'call']),
    name: z.string().max(4096),
    args: valueText,
    stack: z.string().max(4096),
  }),
  z.object({
    type: z.literal('log'),
    run,
    level: z.enum(['debug', 'info', 'warn', 'error']),
    text: z.string().max(65_536),
  }),
  /** `beacon` is the last risky operation begun, -1 for none; `collected` says that garbage was collected just before. */
  z.object({
    type: z.literal('sample'),
    run,
    realm: id,
    beacon: z.int(),
    collected: z.boolean().optional(),
    ...Usage,
    /** A full collection since the sample before. */
    collection: z
      .object({ by: z.enum(['v8', 'corral']), freed: z.number().nullable() })
      .nullable()
      .default(null),
  }),
  z.object({
    type: z.literal('warning'),
    run,
    code: z.literal('heap-near-limit'),
    measured: amount,
  }),
  /** A limit was passed: the worker only measures, the supervisor decides. */
  z.object({
    type: z.literal('limit'),
    run,
    realm: id,
    name: z.enum(['cpu', 'burst', 'heap', 'idle', 'output']),
    measured: amount,
    beacon: z.int(),
    /** Where the macro wrote too much; '' for every other limit, where it is stopped and looked at. */
    stack: z.string().max(4096),
  }),
  /**
   * What is known of where CPU and memory went: told before a limit is passed, since later the macro may not answer, and
   * once more after `examined`.
   */
  z.object({ type: z.literal('profile'), run, realm: id, cpu: profileText, heap: profileText }),
  /** The answer to `examine`: what the stopped macro looked like. */
  z.object({
    type: z.literal('examined'),
    run,
    realm: id,
    /** True for a macro that waited: its frames are where it would have gone on. */
    asleep: z.boolean(),
    frames: z.array(WireFrame).max(64),
    pending: z.array(WirePending).max(PENDING_MAX),
    /** All that is pending; `pending` has the oldest of each macro. */
    pendingTotal: z.int().min(0).default(0),
    heapStatistics: z.record(short, z.number()).nullable(),
    beacon: z.int(),
    cpuMs: amount,
  }),
  /** A realm's macro ended by itself. */
  z.object({
    type: z.literal('done'),
    run,
    realm: id,
    cpuMs: amount,
    value: valueText.nullable(),
    error: WireError.nullable(),
    /** True when the result was longer than the output that was left. */
    tooLong: z.boolean(),
  }),
  z.object({ type: z.literal('paused'), run }),
  /** The answer to `look`: what a held macro looks like; no frames of one that is held asleep. */
  z.object({
    type: z.literal('seen'),
    run,
    realm: id,
    frames: z.array(WireFrame).max(64),
    pending: z.array(WirePending).max(PENDING_MAX),
  }),
  /** A part of the heap snapshot that was asked for; the last one is empty. */
  z.object({
    type: z.literal('snapshot'),
    run,
    chunk: z.string().max(1024 * 1024),
    isLast: z.boolean(),
  }),
  z.object({ type: z.literal('resumed'), run }),
  /** A macro hears that the run is cancelled. What it asked for before that has been told before this. */
  z.object({ type: z.literal('aborted'), run, realm: id }),
  /** Something for the debugger of a run that has one. */
  z.object({ type: z.literal('debug'), run, message: z.string().max(DEBUG_MESSAGE_CHARS_MAX) }),
  /** All isolates of a run are gone. */
  z.object({ type: z.literal('disposed'), run }),
]);

/** A message from a worker. */
export type FromWorker = z.infer<typeof FromWorker>;
/** One message type from a worker. */
export type FromWorkerOf<Type extends FromWorker['type']> = Extract<FromWorker, { type: Type }>;
/** A frame of a stopped macro. */
export type WireFrame = z.infer<typeof WireFrame>;
/** Something pending. */
export type WirePending = z.infer<typeof WirePending>;
/** A thrown error, as text. */
export type WireError = z.infer<typeof WireError>;

/** What a realm (one isolate: the macro, or one it called) is started with. */
export interface RealmStart {
  readonly run: string;
  /** 0 is the macro itself. */
  readonly realm: number;
  /** Shown in stacks. */
  readonly file: string;
  readonly code: string;
  /** Offsets into it at which a debugger must not stop it; null where they are not known. */
  readonly keepingEntries: readonly number[] | null;
  /** True where functions of it are known to call themselves, directly or not. */
  readonly recurses: boolean;
  readonly form: 'body' | 'module';
  /** Kill limit (bytes). */
  readonly heapBytes: number;
  /** Warn once above it (bytes). */
  readonly heapWarnBytes: number;
  /** CPU of the whole run (ms). */
  readonly cpuMs: number;
  /** CPU between two awaits (ms). */
  readonly burstMs: number;
  /** CPU until it is given up that does not stop at a limit of CPU (ms). */
  readonly graceCpuMs: number;
  /** How long nothing may be pending (ms). */
  readonly idleMs: number;
  /** What is left for log text and result (UTF-16 code units, taken as bytes). */
  readonly outputBytes: number;
  /** Commands left. */
  readonly commands: number;
  /** ms left of the wall limit, for `budget()`. */
  readonly wallMs: number;
  readonly seed: number;
  /** Encoded value. */
  readonly input: string;
  /** What its clock says at the start (ms since 1970); null for the machine's own. */
  readonly clockMs: number | null;
  /** Category → verbs the macro may use. */
  readonly catalogue: Readonly<Record<string, readonly string[]>>;
  /** The author's text of a macro that waits for a debugger, is then held by it, and says so by `paused` and `resumed`. */
  readonly debugged: string | null;
}

/** What the supervisor tells a worker. */
export type ToWorker =
  | ({ readonly type: 'start' } & RealmStart)
  /** The answer to an `ask`: an encoded value, or an error for the macro. */
  | {
      readonly type: 'answer';
      readonly run: string;
      readonly realm: number;
      readonly id: number;
      readonly value: string | null;
      readonly error: {
        readonly name: string;
        readonly message: string;
        readonly code: string;
      } | null;
    }
  /** Tell the macro through its `signal`; it may still end by itself. */
  | { readonly type: 'cancel'; readonly run: string; readonly message: string }
  /** Stop the macro where it is and say what it looks like, before it has used so much CPU (ms). It stays stopped. */
  | { readonly type: 'examine'; readonly run: string; readonly graceCpuMs: number }
  /** Tell the heap of a macro that was examined, as Chrome's heap snapshot, in parts. */
  | { readonly type: 'snapshot'; readonly run: string }
  /** Collect the garbage of the macro that works, and say then what it holds. */
  | { readonly type: 'collect'; readonly run: string }
  | { readonly type: 'pause'; readonly run: string }
  | { readonly type: 'resume'; readonly run: string }
  /** Say what a held macro looks like. It stays held. */
  | { readonly type: 'look'; readonly run: string }
  /** What the debugger says; null once it has gone. */
  | { readonly type: 'debug'; readonly run: string; readonly message: string | null }
  /** Get rid of all isolates of a run. */
  | { readonly type: 'dispose'; readonly run: string }
  /** Collect the garbage of what sleeps, and give up the isolate kept ready: memory is short. */
  | { readonly type: 'reclaim' }
  /** End with exit code 42 (`RECYCLED_EXIT_CODE`), at once or when the last run is gone: a fresh process takes over. */
  | { readonly type: 'recycle' };
