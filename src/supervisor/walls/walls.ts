// Owns which walls stand on this machine, found out once per process, and the command line that puts them up.

import { CorralError } from '../../model/errors.ts';
import type { Wall, WallId } from '../../model/wall.ts';
import { readProcessUsage } from '../process-clock.ts';
import { bubblewrapArguments, STATUS_FD } from './bubblewrap.ts';
import { leakingDescriptors } from './descriptors.ts';
import { LAYERS, type Layer, type LayerName, NICE, tryLayers } from './layers.ts';

type Layers = Readonly<Record<LayerName, Layer>>;

/** What stands before a program's path. */
export interface Wrapping {
  readonly command: readonly string[];
  /** True where bubblewrap starts the program and tells of it on {@link STATUS_FD}. */
  readonly isNamespaced: boolean;
}

let layers: Layers | null = null;

/** Finds out at the first call, which takes some 20 ms and blocks. */
function readLayers(): Layers {
  layers ??= tryLayers();
  return layers;
}

/** What stands before a program's path on its command line, all that works here. */
export function wrap(program: string, readable: readonly string[]): Wrapping {
  const { nice, prlimit, setpriv, bwrap } = readLayers();
  const command = [
    ...toCommand('nice', nice),
    ...toCommand('prlimit', prlimit),
    ...toCommand('setpriv', setpriv),
  ];
  if (bwrap.path === null) return { command, isNamespaced: false };
  const status = ['--json-status-fd', String(STATUS_FD)];
  return {
    command: [...command, bwrap.path, ...status, ...bubblewrapArguments(program, readable)],
    isNamespaced: true,
  };
}

function toCommand(name: LayerName, { path }: Layer): readonly string[] {
  return path === null ? [] : [path, ...LAYERS[name]];
}

/** Every wall, up or missing, with how or why. */
export function readWalls(): readonly Wall[] {
  const { nice, prlimit, setpriv, bwrap } = readLayers();
  const INSTALL =
    'install bubblewrap (Debian, Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap; Alpine: apk add bubblewrap)';
  const isLinux = process.platform === 'linux';
  const own = (id: WallId, how: string): Wall => ({ id, up: true, how, remedy: null });
  const by = (id: WallId, how: string, remedy: string, layer: Layer): Wall => {
    if (layer.path !== null) return { id, up: true, how, remedy: null };
    return isLinux
      ? { id, up: false, how: layer.why, remedy }
      : { id, up: false, how: `Corral has it on Linux only`, remedy: null };
  };
  const has = (id: WallId, isUp: boolean, how: string): Wall =>
    isUp ? own(id, how) : { id, up: false, how: 'this system has no /proc', remedy: null };
  const bubblewrap =
    bwrap.path === null && !/not installed/.test(bwrap.why)
      ? 'let this user make namespaces; docs/sandbox.md says how'
      : INSTALL;
  const either = bwrap.path === null ? setpriv : bwrap;
  const eitherName = bwrap.path === null ? 'setpriv' : 'bubblewrap';
  return [
    own('environment', 'started with none'),
    has('descriptors', leakingDescriptors() !== null, 'all but its own lead nowhere'),
    own('permissions', `Node's --permission`),
    by('files', 'bubblewrap', bubblewrap, bwrap),
    by('network', 'bubblewrap', bubblewrap, bwrap),
    by('processes', 'bubblewrap', bubblewrap, bwrap),
    by('privileges', eitherName, `${bubblewrap}, or util-linux for setpriv`, either),
    by('lifetime', eitherName, `${bubblewrap}, or util-linux for setpriv`, either),
    has('memory', readProcessUsage(process.pid) !== null, 'looked at from outside'),
    by('priority', `nice ${NICE}`, 'install coreutils', nice),
    own('threads', '--v8-pool-size=1'),
    by('core-dumps', 'prlimit', 'install util-linux', prlimit),
  ];
}

/** Throws where a wall is missing. @throws {CorralError} `walls-missing`, naming each and what to do */
export function assertAllWalls(): void {
  const missing = readWalls().filter(({ up }) => !up);
  if (missing.length === 0) return;
  const lines = missing.map(
    ({ id, how, remedy }) => `  ${id}: ${how}${remedy === null ? '' : `; ${remedy}`}`,
  );
  throw new CorralError(
    'walls-missing',
    `With --walls strict (walls: 'strict') nothing runs while a wall around the worker is missing:\n${lines.join('\n')}\nPut them up, or run with --walls available.`,
  );
}
