// Owns the system's programs that a worker is started through, one inside the other, and whether each works here.

import { existsSync } from 'node:fs';
import { toWorkerProgram } from '../worker-program.ts';
import { bubblewrapArguments, nodeItself } from './bubblewrap.ts';
import { findProgram, whyNot } from './programs.ts';

/** How much a worker gives way: enough to let everything else go first, too little to starve. */
export const NICE = 5;
/** And one of a few that hold a single macro each which is not known to be calm: behind those with calm ones too. */
const NICE_SOLO = 10;
/** And one that is made ready while nobody waits for it: behind whatever runs, and whoever is to be stopped in time. */
export const NICE_SPARE = 15;
const NICE_MAX = 19;
const FEW = 8;
/** What one step of nice is to the kernel: so many times less of a processor (sched_prio_to_weight). */
const NICE_STEP = 1.25;

/** How much the last of so many such workers gives way: all together are to weigh little more than a few of them. */
export function niceOfSolo(count: number): number {
  const steps = Math.ceil(Math.log(count / FEW) / Math.log(NICE_STEP));
  return Math.min(NICE_MAX, NICE_SOLO + Math.max(0, steps));
}

const isRoot = process.getuid?.() === 0;

/** The programs and what they are told, outermost first. */
export const LAYERS = {
  nice: ['-n', String(NICE)],
  prlimit: ['--core=0:0'],
  // Only where bubblewrap, which does both and more, does not work. Root would keep what root may do.
  setpriv: [
    '--no-new-privs',
    '--pdeathsig',
    'KILL',
    ...(isRoot ? ['--bounding-set=-all', '--inh-caps=-all'] : []),
  ],
  bwrap: [],
} satisfies Record<string, readonly string[]>;

/** One of {@link LAYERS}. */
export type LayerName = keyof typeof LAYERS;

/** A layer's path on this machine, or why there is none. */
export type Layer = { readonly path: string } | { readonly path: null; readonly why: string };

/** What people call them, where that is not their name. */
const CALLED: Partial<Record<LayerName, string>> = { bwrap: 'bubblewrap' };

/** Finds out which layers work here, by starting something through them. */
export function tryLayers(): Readonly<Record<LayerName, Layer>> {
  const names = ['nice', 'prlimit', 'bwrap'] as const;
  const found = names.map((name) => [name, find(name)] as const);
  const there = found.flatMap(([name, { path }]) => (path === null ? [] : [{ name, path }]));
  // All at once is one short process; only where that fails is each tried alone, to say which it is.
  const isFine = whyNot([...there.flatMap(toTrial), ...trialProgram()]) === null;
  const tried = isFine
    ? found
    : found.map(([name, layer]) => [name, tryLayer(name, layer)] as const);
  const layers = Object.fromEntries(tried) as Record<(typeof names)[number], Layer>;
  const setpriv: Layer =
    layers.bwrap.path === null
      ? tryLayer('setpriv', find('setpriv'))
      : { path: null, why: 'bubblewrap does what it would' };
  return { ...layers, setpriv };
}

function find(name: LayerName): Layer {
  if (name === 'bwrap' && !existsSync(`/proc/self/task/${process.pid}/children`))
    return { path: null, why: 'this system does not tell which process bubblewrap has started' };
  const path = process.platform === 'win32' ? null : findProgram(name);
  return path === null ? { path, why: `${CALLED[name] ?? name} is not installed` } : { path };
}

function tryLayer(name: LayerName, layer: Layer): Layer {
  if (layer.path === null) return layer;
  const said = whyNot([...toTrial({ name, path: layer.path }), ...trialProgram()]);
  if (said === null) return layer;
  const why = said.startsWith(`${name}: `) ? said.slice(name.length + 2) : said;
  return { path: null, why: `${CALLED[name] ?? name} does not work here: ${why}` };
}

function toTrial({ name, path }: { readonly name: LayerName; readonly path: string }): string[] {
  const { readable } = toWorkerProgram('worker', []);
  const own = name === 'bwrap' ? bubblewrapArguments(nodeItself(), readable) : [];
  return [path, ...LAYERS[name], ...own];
}

/** What is started to see whether layers work. */
function trialProgram(): string[] {
  if (!isRoot) return [nodeItself(), '--version'];
  // Root without its capabilities may not read what belongs to another user and is closed to others: a worker could not start.
  const program = toWorkerProgram('worker', []).args.at(-1) ?? '';
  return [nodeItself(), '-e', 'fs.accessSync(process.argv[1], fs.constants.R_OK)', program];
}
