// Owns the types an editor needs for macros: from a host's commands to the text of a `.d.ts`. Pure text, no disk.

import { z } from 'zod';
import type { Command } from './command.ts';
import { toTypeText } from './type-text.ts';

/**
 * Writes the declarations of everything a macro sees, commands included, as a global `.d.ts`: the body form finds its
 * globals, the module form a `Macro` type. Compiles under `strict` with `lib: ["es2024"]` and no other types.
 * @param commands a host's catalogue
 */
export function editorTypes(commands: readonly Command[]): string {
  const categories = Map.groupBy(commands, (command) => command.category);
  const names = [...categories.keys()];
  return [
    INTRODUCTION,
    'declare namespace Corral {',
    indent(BUILTIN_INTERFACES),
    ...[...categories].map(([category, list]) => `\n${indent(categoryInterface(category, list))}`),
    '}\n',
    `${comment('What `export default async (macro: Macro) => …` is handed: everything a macro sees.')}`,
    'interface Macro {',
    indent(BUILTINS.map(({ doc, member }) => `${comment(doc)}\nreadonly ${member};`).join('\n')),
    ...names.map((name) => `  readonly ${name}: Corral.${capitalised(name)};`),
    '}\n',
    ...BUILTINS.map(({ doc, name }) => `${comment(doc)}\ndeclare const ${name}: Macro['${name}'];`),
    ...names
      .filter((name) => !KEYWORDS.has(name))
      .map((name) => `declare const ${name}: Corral.${capitalised(name)};`),
    '',
  ].join('\n');
}

const INTRODUCTION = `// Types of everything a Corral macro sees. Written by \`corral types\`; write it again when the commands change.
// Put it beside your macros with a jsconfig.json (or tsconfig.json) such as
// { "compilerOptions": { "checkJs": true, "strict": false, "noEmit": true, "target": "es2024", "lib": ["es2024"],
//   "types": [], "module": "esnext", "moduleDetection": "force" } }
`;

/** What every macro sees, with the words an editor shows. */
const BUILTINS: readonly { name: string; member: string; doc: string }[] = [
  {
    name: 'input',
    member: 'input: Readonly<Record<string, any>>',
    doc: 'What the run was started with, checked against the `@input` lines of the header.',
  },
  {
    name: 'command',
    member: 'command: (line: string) => Promise<any>',
    doc: 'Gives a command in its slash form, e.g. `await command("/attack bob")`.',
  },
  {
    name: 'sleep',
    member: 'sleep: (ms: number) => Promise<void>',
    doc: 'Waits so many milliseconds. Rejects when the run is cancelled.',
  },
  {
    name: 'every',
    member: 'every: (ms: number, fn: () => unknown) => Corral.Every',
    doc: 'Calls `fn` every so many milliseconds (10 at least), never twice at once. The run goes on until each `every` is stopped; it fails when `fn` throws.',
  },
  {
    name: 'state',
    member: 'state: Corral.State',
    doc: "Small values kept from run to run under the macro's name; each call is kept at once.",
  },
  {
    name: 'log',
    member: 'log: Corral.Log',
    doc: 'Writes log lines; they count towards the `output` limit. `log(…)` is `log.info(…)`.',
  },
  { name: 'console', member: 'console: Corral.Levels', doc: 'The same as `log`.' },
  { name: 'macros', member: 'macros: Corral.Macros', doc: 'The other macros of the same folder.' },
  {
    name: 'random',
    member: 'random: () => number',
    doc: 'A number from 0 up to but not including 1; the same `--seed` gives the same numbers. `Math.random` is this too.',
  },
  {
    name: 'now',
    member: 'now: () => number',
    doc: 'Milliseconds since 1970-01-01 (UTC).',
  },
  {
    name: 'budget',
    member: 'budget: () => Corral.Budget',
    doc: 'What is left of each limit. It may be a little behind.',
  },
  {
    name: 'signal',
    member: 'signal: Corral.Signal',
    doc: 'Tells that the run is being cancelled, so that the macro may tidy up and end by itself.',
  },
];

const BUILTIN_INTERFACES = `interface Every {
  /** Ends it; a call under way is finished. */
  stop(): void;
}

interface State {
  /** The value of a key, or \`fallback\` where there is none. */
  get(key: string, fallback?: any): Promise<any>;
  /** Keeps a value: plain data of at most 64 kB. */
  set(key: string, value: unknown): Promise<void>;
  /** Adds to a number (0 where there is none) and gives the sum. */
  incr(key: string, by?: number): Promise<number>;
  /** Forgets a key; gives true where there was one. */
  delete(key: string): Promise<boolean>;
}

interface Levels {
  debug(...values: unknown[]): void;
  /** The same as \`debug\`. */
  trace(...values: unknown[]): void;
  info(...values: unknown[]): void;
  /** The same as \`info\`. */
  log(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
}

interface Log extends Levels {
  (...values: unknown[]): void;
}

interface Macros {
  /** Runs another macro by its \`@name\` and gives its result; it shares this run's limits. A cycle is refused. */
  call(name: string, input?: object): Promise<any>;
}

interface Budget {
  /** Milliseconds until the \`wall\` limit. */
  readonly wallMs: number;
  /** Milliseconds of CPU time. */
  readonly cpuMs: number;
  /** Bytes of heap. */
  readonly heapBytes: number;
  /** Commands. */
  readonly commands: number;
  /** Bytes of log text and result. */
  readonly outputBytes: number;
}

/** What a command that was not carried out rejects with. */
interface CommandError extends Error {
  readonly name: 'CommandError';
  readonly code:
    | 'unknown-command'
    | 'not-granted'
    | 'bad-arguments'
    | 'rate-limited'
    | 'max-per-run'
    | 'host-failed'
    | 'bad-answer';
}

interface Signal {
  readonly aborted: boolean;
  readonly reason?: Error;
  throwIfAborted(): void;
  addEventListener(type: 'abort', fn: (reason: Error) => void): void;
  removeEventListener(type: 'abort', fn: (reason: Error) => void): void;
}`;

/** Words that can be a category (`macro.delete.all()`) and never a global. */
const KEYWORDS = new Set(
  (
    'await break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return static ' +
    'super switch this throw true try typeof var void while with yield arguments eval'
  ).split(' '),
);

function categoryInterface(category: string, commands: readonly Command[]): string {
  const members = commands.map((command) => {
    const given = toTypeText(z.toJSONSchema(command.input, { ...CONVERSION, io: 'input' }));
    const answered = toTypeText(z.toJSONSchema(command.output, { ...CONVERSION, io: 'output' }));
    const optional = command.input.safeParse({}).success ? '?' : '';
    return `${comment(commandDoc(command))}\n${command.verb}(input${optional}: ${given}): Promise<${answered}>;`;
  });
  return `interface ${capitalised(category)} {\n${indent(members.join('\n'))}\n}`;
}

/** What JSON Schema cannot say is carried to {@link toTypeText} under its own key. */
const CONVERSION = {
  unrepresentable: 'any',
  reused: 'inline',
  override: ({ zodSchema, jsonSchema }) => {
    const text = NATIVE_TYPES[zodSchema._zod.def.type];
    if (text !== undefined) (jsonSchema as Record<string, unknown>)['x-type'] = text;
  },
} as const satisfies z.core.ToJSONSchemaParams;

const NATIVE_TYPES: Partial<Record<string, string>> = {
  date: 'Date',
  bigint: 'bigint',
  undefined: 'undefined',
  void: 'undefined',
  map: 'Map<unknown, unknown>',
  set: 'Set<unknown>',
};

const AFTER_LIMIT = {
  wait: 'then it waits',
  throw: 'then it throws',
  kill: 'then the run is stopped',
} as const;

function commandDoc(command: Command): string {
  const { rate, maxPerRun, onLimit } = command;
  const lines = [command.description];
  if (rate) {
    lines.push(
      `At most ${rate.perSecond} a second (${rate.burst} at once), ${AFTER_LIMIT[onLimit]}.`,
    );
  }
  if (maxPerRun !== null) {
    // `maxPerRun` never waits: nothing in the run could give more.
    lines.push(
      `At most ${maxPerRun} a run, ${AFTER_LIMIT[onLimit === 'wait' ? 'throw' : onLimit]}.`,
    );
  }
  if (command.privileged) lines.push("Privileged: needs `@grant` and the host's consent.");
  return lines.join('\n');
}

/** A JSDoc block; a description cannot end it. */
function comment(text: string): string {
  const lines = text.replaceAll('*/', '*\\/').split(/\r\n|[\n\r\u2028\u2029]/);
  if (lines.length === 1) return `/** ${lines[0]} */`;
  return ['/**', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'].join('\n');
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
