// Owns how much memory there is and is available: of the machine, of every control group around this process, and of a budget
// of one's own. Reads; decides nothing.

import type { PressureBound } from '../../model/pressure.ts';
import type { ControlGroups, GroupFolder } from './control-groups.ts';
import { fieldOf, type KernelFiles } from './kernel-files.ts';

/** Memory within one bound (bytes). */
export interface MemoryRoom {
  readonly of: PressureBound;
  readonly totalBytes: number;
  /** What can be had without taking it from anybody, from 0 up. */
  readonly availableBytes: number;
}

/** Every bound that holds for this process and that the machine tells of. */
export function readMemory(files: KernelFiles, groups: ControlGroups): MemoryRoom[] {
  const machine = readMachine(files);
  const most = machine?.totalBytes ?? Number.MAX_SAFE_INTEGER;
  const rooms = groups.of('memory').flatMap((group) => {
    const room = group.version === 2 ? readGroup2(files, group) : readGroup1(files, group);
    // A group without a limit says so by a number that no machine has.
    return room && room.totalBytes <= most ? [room] : [];
  });
  return machine ? [machine, ...rooms] : rooms;
}

/** The room within a budget, given what is in use (bytes). */
export function toBudgetRoom(budgetBytes: number, usedBytes: number): MemoryRoom {
  return toRoom('budget', budgetBytes, usedBytes);
}

function readMachine(files: KernelFiles): MemoryRoom | null {
  const text = files.text('/proc/meminfo');
  const total = fieldOf(text, 'MemTotal');
  // Kernels before 3.14 do not say what is available; what is free, and what is only cached, comes close.
  const available =
    fieldOf(text, 'MemAvailable') ??
    sum(fieldOf(text, 'MemFree'), fieldOf(text, 'Buffers'), fieldOf(text, 'Cached'));
  if (total === null || available === null || total === 0) return null;
  return toRoom('machine', total * 1024, Math.max(0, total - available) * 1024);
}

function readGroup2(files: KernelFiles, { path }: GroupFolder): MemoryRoom | null {
  const max = files.count(`${path}/memory.max`);
  // Above `high` the kernel slows a group down until it gives memory back.
  const high = files.count(`${path}/memory.high`);
  const limit = Math.min(max ?? Number.POSITIVE_INFINITY, high ?? Number.POSITIVE_INFINITY);
  const used = files.count(`${path}/memory.current`);
  if (!Number.isFinite(limit) || used === null || limit === 0) return null;
  const stat = files.text(`${path}/memory.stat`);
  // Pages of files that nobody has used lately, and kernel caches: given back as soon as they are wanted.
  const reclaimable = fieldOf(stat, 'inactive_file') ?? 0;
  const slab = fieldOf(stat, 'slab_reclaimable') ?? 0;
  return toRoom('cgroup', limit, used - reclaimable - slab);
}

function readGroup1(files: KernelFiles, { path }: GroupFolder): MemoryRoom | null {
  const limit = files.count(`${path}/memory.limit_in_bytes`);
  const used = files.count(`${path}/memory.usage_in_bytes`);
  if (limit === null || used === null || limit === 0) return null;
  // `total_…` counts the groups below too, as the usage does.
  const reclaimable = files.field(`${path}/memory.stat`, 'total_inactive_file') ?? 0;
  return toRoom('cgroup', limit, used - reclaimable);
}

function toRoom(of: PressureBound, totalBytes: number, usedBytes: number): MemoryRoom {
  const used = Math.max(0, usedBytes);
  return { of, totalBytes, availableBytes: Math.max(0, totalBytes - used) };
}

function sum(...parts: readonly (number | null)[]): number | null {
  return parts[0] === null ? null : parts.reduce<number>((total, part) => total + (part ?? 0), 0);
}
