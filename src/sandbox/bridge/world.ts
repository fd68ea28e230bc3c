// Owns the macro's globals: what each run configures, and the one call that starts the macro.

import type { Decoder } from './decode.ts';
import type { Ending } from './ending.ts';
import type { Output } from './output.ts';
import type { Callback, OwnCopies } from './own-copies.ts';
import type { Requests } from './requests.ts';
import type { Texts } from './texts.ts';

/** The parts of the bridge that a macro sees something of. */
export interface WorldParts {
  readonly own: OwnCopies;
  readonly texts: Texts;
  readonly decoder: Decoder;
  readonly requests: Requests;
  readonly output: Output;
  readonly ending: Ending;
  readonly random: { readonly random: () => number; readonly seed: (value: number) => void };
  readonly every: (ms: unknown, task: unknown) => { stop(): void };
  readonly signal: object;
  /** Synchronous callback (81 µs): the JSON of what is left of each limit. */
  readonly budget: () => string;
  /** Has the macro's clock begin at a time (ms since 1970); gives its `now()`. */
  readonly setClock: (startMs: number) => () => number;
  readonly disguise: (value: unknown, name: string, depth: number) => void;
}

/** What a run is configured with, as JSON. */
export interface BridgeConfig {
  readonly seed: number;
  readonly input: string;
  readonly outputBytes: number;
  readonly commands: number;
  /** What the clock says at the start (ms since 1970); null for the machine's own. */
  readonly clockMs: number | null;
  readonly catalogue: Readonly<Record<string, readonly string[]>>;
}

/** Makes the function that sets the macro's globals, from the JSON of a {@link BridgeConfig}. */
export function world(parts: WorldParts): (text: string) => void {
  const { own, texts, decoder, requests, output, ending, random, every, signal } = parts;
  const { budget, disguise, setClock } = parts;
  const { define, freeze, keys, parse, record } = own;
  const { ask, refuse, sleep } = requests;

  const state = freeze({
    get: (key: unknown, fallback: unknown) =>
      ask('state', 'get', { key }, (value) => (value === undefined ? fallback : value)),
    set: (key: unknown, value: unknown) => ask('state', 'set', { key, value }),
    incr: (key: unknown, by: unknown = 1) => ask('state', 'incr', { key, by }),
    delete: (key: unknown) => ask('state', 'delete', { key }),
  });
  const macros = freeze({
    call: (name: unknown, input: unknown = {}) => ask('call', texts.textOf(name, 200), input),
  });
  const command = (line: unknown): Promise<unknown> =>
    typeof line === 'string'
      ? ask('slash', 'command', line)
      : refuse(new own.NativeTypeError('command(line) takes a text such as "/say hello"'));

  const namespaceOf = (category: string, verbs: readonly string[]): object => {
    const namespace = record();
    for (let i = 0; i < verbs.length; i++) {
      const verb = verbs[i] as string;
      const name = `${category}.${verb}`;
      namespace[verb] = freeze((args: unknown = {}) => ask('command', name, args));
    }
    return freeze(namespace);
  };

  return (text: string): void => {
    const config = parse(text) as BridgeConfig;
    requests.allow(config.commands);
    output.allow(config.outputBytes);
    random.seed(config.seed);
    const macro = record();
    const categories = keys(config.catalogue);
    for (let i = 0; i < categories.length; i++) {
      const category = categories[i] as string;
      macro[category] = namespaceOf(category, config.catalogue[category] as readonly string[]);
    }
    macro.input = decoder.decodeText(config.input);
    macro.command = command;
    macro.sleep = sleep;
    macro.every = every;
    macro.state = state;
    macro.log = output.log;
    macro.console = output.console;
    macro.macros = macros;
    macro.random = random.random;
    macro.now = config.clockMs === null ? own.now : setClock(config.clockMs);
    macro.budget = () => parse(budget());
    macro.signal = signal;
    const names = keys(macro);
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      if (name !== 'input') disguise(macro[name], name, 1);
      define(globalThis, name, macro[name], false);
    }
    define(Math, 'random', random.random, false);
    freeze(macro);
    define(
      globalThis,
      '$corralStart',
      (body: Callback) => {
        own.deleteProperty(globalThis, '$corralStart');
        void ending.run(() => body(macro) as Promise<unknown>);
      },
      false,
    );
  };
}
