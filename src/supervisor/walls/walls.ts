// Owns which walls stand on this machine, found out once per process, and the command line that puts them up.

import { CorralError } from '../../model/errors.ts';
import type { Wall, WallId } from '../../model/wall.ts';
import { readProcessUsage } from '../process-clock.ts';
import { leakingDescriptors } from '../processes/descriptors.ts';
import { bubblewrapArguments, STATUS_FD } from './bubblewrap.ts';
import { readGroupHome } from './group-home.ts';
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
  const bubblewrap = toRemedy(bwrap);
  const [either, eitherName] = bwrap.path === null ? [setpriv, 'setpriv'] : [bwrap, 'bubblewrap'];
  return [
    up('environment', 'started with none'),
    onProc('descriptors', leakingDescriptors() !== null, 'what would leak leads nowhere'),
    up('permissions', '--permission'),
    by('files', bwrap, 'bubblewrap', bubblewrap),
    by('network', bwrap, 'bubblewrap', bubblewrap),
    by('processes', bwrap, 'bubblewrap', bubblewrap),
    by('privileges', either, eitherName, `${bubblewrap}, or util-linux, which has setpriv`),
    by('lifetime', either, eitherName, `${bubblewrap}, or util-linux, which has setpriv`),
    memory(),
    by('priority', nice, `nice ${NICE}`, 'install coreutils, which has nice'),
    up('threads', '--v8-pool-size=1'),
    by('core-dumps', prlimit, 'prlimit', 'install util-linux, which has prlimit'),
  ];
}

const INSTALL =
  'install bubblewrap (apt install bubblewrap, dnf install bubblewrap or apk add bubblewrap)';

function toRemedy(bwrap: Layer): string {
  if (bwrap.path !== null || bwrap.why.endsWith('is not installed')) return INSTALL;
  return 'let this user make namespaces (docs/sandbox.md, "Where bubblewrap does not work")';
}

function up(id: WallId, how: string): Wall {
  return { id, up: true, how, remedy: null };
}

function onProc(id: WallId, isUp: boolean, how: string): Wall {
  return isUp ? up(id, how) : { id, up: false, how: 'this system has no /proc', remedy: null };
}

/** The looks from outside come first and know whose memory it is; the kernel holds what outruns them. */
function memory(): Wall {
  const group = readGroupHome();
  const isSeen = readProcessUsage(process.pid) !== null;
  if (group.home === null)
    return onProc('memory', isSeen, `looked at from outside; no cgroup besides, as ${group.why}`);
  const cgroup = `a memory cgroup (version ${group.home.version})`;
  return up('memory', isSeen ? `looked at from outside, and ${cgroup}` : cgroup);
}

function by(id: WallId, layer: Layer, how: string, remedy: string): Wall {
  if (layer.path !== null) return up(id, how);
  return process.platform === 'linux'
    ? { id, up: false, how: layer.why, remedy }
    : { id, up: false, how: 'Corral has this one on Linux only', remedy: null };
}

/** Throws where a wall is missing. @throws {CorralError} `walls-missing`, naming each and what to do */
export function assertAllWalls(): void {
  const missing = readWalls().filter((wall) => !wall.up);
  if (missing.length === 0) return;
  const groups = Map.groupBy(missing, ({ how, remedy }) =>
    remedy === null ? how : `${how}; ${remedy}`,
  );
  const lines = [...groups].map(
    ([why, walls]) => `  ${walls.map(({ id }) => id).join(', ')}: ${why}`,
  );
  throw new CorralError(
    'walls-missing',
    `Walls around the worker are missing, and strict ones were asked for:\n${lines.join('\n')}\nPut them up, or run with --walls available (walls: 'available').`,
  );
}
