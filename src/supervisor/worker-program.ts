// Owns the command line of what runs inside the walls: Node's flags, and the few files it may read.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtFolder, WORKER_FOLDERS } from './built-worker.ts';

/** A program to start, and what it may read where the kernel can see to that. */
export interface Program {
  /** An absolute path. */
  readonly path: string;
  readonly args: readonly string[];
  /** Files and folders, absolute paths. */
  readonly readable: readonly string[];
}

/** How a worker's Node and V8 work. */
const ENGINE_FLAGS: readonly string[] = [
  '--no-node-snapshot',
  // Turboshaft drops the interrupt check from loops that call only built-ins (`for(;;) a.push([…].fill(1))`), so
  // that nothing but SIGKILL would stop them; TurboFan without it keeps the check, at no cost we could measure.
  '--no-turboshaft',
  // Node strips types with WebAssembly. When V8 collects such code on a background thread just as an isolate is
  // disposed of, that thread may let go of the isolate's last owner with the engine's lock held, and disposing takes
  // the same lock: the process then stands still for minutes. Nothing here makes enough of it to be worth collecting.
  '--no-wasm-code-gc',
  // One helper for collecting and compiling instead of four: what a macro has running beside its own thread, at no cost
  // in speed that we could measure.
  '--v8-pool-size=1',
  // Where in a text each piece of code is, told when it is compiled: else V8 reads all of it again, the bridge's too, when
  // profiling begins, which takes a third of what that costs.
  '--no-enable-lazy-source-positions',
  // The young generation (MB): isolated-vm gives one of less than 2, out of which so much falls into the old one that
  // macros that allocate need twice the CPU. A macro that sleeps holds up to 0.3 MB more for it.
  '--min-semi-space-size=4',
  '--max-semi-space-size=4',
  '--max-old-space-size=256',
];

/**
 * Without any compiler: nothing of a macro's becomes machine code. To strip types Node needs WebAssembly, which `--jitless`
 * takes away, so from TypeScript the compilers of JavaScript are turned off one by one.
 */
const INTERPRETER_FLAGS = {
  '.js': ['--jitless'],
  '.ts': ['--no-opt', '--no-maglev', '--no-sparkplug', '--regexp-interpret-all'],
} as const;

/** How a program of src/sandbox/ is started. */
export interface ProgramOptions {
  /** True leaves out Node's permission model, to try what holds code that V8 does not hold. */
  readonly isNative?: boolean;
  /** False has V8 interpret only; default true. */
  readonly compiles?: boolean;
}

/** A program of src/sandbox/, started as a worker is. */
export function toWorkerProgram(
  name: 'worker' | 'probe',
  args: readonly string[],
  { isNative = false, compiles = true }: ProgramOptions = {},
): Program {
  const here = fileURLToPath(import.meta.url);
  const own = dirname(dirname(here));
  const source = here.endsWith('.ts') ? (builtFolder() ?? own) : own;
  const extension = here.endsWith('.ts') && source === own ? '.ts' : '.js';
  const file = join(source, 'sandbox', `${name}${extension}`);
  const readable = readableFiles(source);
  const flags = [
    ...(isNative ? [] : permissionFlags(readable)),
    ...ENGINE_FLAGS,
    ...(compiles ? [] : INTERPRETER_FLAGS[extension]),
  ];
  return { path: process.execPath, args: [...flags, file, ...args], readable };
}

/** What a worker reads: its own code, isolated-vm and how that is found. */
function readableFiles(source: string): readonly string[] {
  const isolatedVm = packageFolders(import.meta.url, 'isolated-vm');
  const gypBuild = packageFolders(join(isolatedVm.at(-1) ?? '', 'package.json'), 'node-gyp-build');
  return [
    ...WORKER_FOLDERS.map((folder) => join(source, folder)),
    join(source, '..', 'package.json'),
    ...isolatedVm,
    ...gypBuild,
    // node-gyp-build asks whether this exists, to tell musl from glibc.
    '/etc/alpine-release',
  ];
}

/** Node's own walls. */
function permissionFlags(readable: readonly string[]): readonly string[] {
  return [
    '--permission',
    '--allow-addons',
    ...readable.map((path) => `--allow-fs-read=${path}`),
    // Adding addons to the permission model prints a warning on every start; docs/sandbox.md says why they are needed.
    '--disable-warning=SecurityWarning',
  ];
}

/** A package's folder as Node looks for it and as it is, links followed (they differ under linking package managers). */
function packageFolders(from: string, name: string): string[] {
  const require = createRequire(from);
  const real = dirname(require.resolve(`${name}/package.json`));
  const folder = (require.resolve.paths(name) ?? []).find((each) => existsSync(join(each, name)));
  // Following a link needs leave to read the folder that holds it.
  return folder !== undefined && join(folder, name) !== real ? [folder, real] : [real];
}
