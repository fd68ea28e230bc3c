// Owns how much of the processors is in use: of the machine, and of what a control group may use of it, the tighter.

import type { PressureReading } from '../../model/pressure.ts';
import type { ControlGroups, GroupFolder } from './control-groups.ts';
import type { KernelFiles } from './kernel-files.ts';

/** How far back a reading goes (looks): a short peak is no pressure. */
const WINDOW_LOOKS = 5;

/** Two counters that only grow; the share in use is how much one grew against the other. */
interface Counter {
  readonly used: number;
  readonly all: number;
}

type Counters = ReadonlyMap<string, Counter>;

/** Measures the processors from look to look. */
export class CpuMeter {
  readonly #files: KernelFiles;
  readonly #groups: ControlGroups;
  readonly #looks: Counters[] = [];

  constructor(files: KernelFiles, groups: ControlGroups) {
    this.#files = files;
    this.#groups = groups;
  }

  /** Forgets the looks so far: what happened while nobody looked is no reading. */
  forget(): void {
    this.#looks.length = 0;
  }

  /** Looks; null at the first look, which has nothing to compare with, and where the machine does not tell. */
  read(nowMs: number): PressureReading | null {
    const now = this.#count(nowMs);
    const [then] = this.#looks;
    this.#looks.push(now);
    if (this.#looks.length > WINDOW_LOOKS) this.#looks.shift();
    if (!then) return null;
    const shares = [...now].flatMap(([name, { used, all }]) => {
      const before = then.get(name);
      if (!before || all <= before.all) return [];
      const share = Math.min(1, Math.max(0, (used - before.used) / (all - before.all)));
      return [{ name, share }];
    });
    const tightest = shares.sort((one, other) => other.share - one.share)[0];
    if (!tightest) return null;
    const { name, share } = tightest;
    const of = name === MACHINE ? 'machine' : 'cgroup';
    return { what: 'cpu', of, share, used: share, limit: 1, unit: 'share' };
  }

  #count(nowMs: number): Counters {
    const counters = new Map<string, Counter>();
    const machine = readMachine(this.#files);
    if (machine) counters.set(MACHINE, machine);
    const groups = this.#groups.of('cpu');
    // Version 1 may count elsewhere, in groups of the same names.
    const counting = this.#groups.of('cpuacct');
    for (const [at, group] of groups.entries()) {
      const quota = this.#quota(group);
      const counter = counting.length === groups.length ? counting[at] : undefined;
      const usedMs = quota === null ? null : this.#usedMs(counter ?? group);
      if (quota !== null && usedMs !== null)
        counters.set(group.path, { used: usedMs, all: nowMs * quota });
    }
    return counters;
  }

  /** How many processors a group may use; null for all. */
  #quota({ version, path }: GroupFolder): number | null {
    const [quota, period] =
      version === 2
        ? (this.#files.text(`${path}/cpu.max`, 64) ?? '').trim().split(' ').map(Number)
        : [
            this.#files.count(`${path}/cpu.cfs_quota_us`),
            this.#files.count(`${path}/cpu.cfs_period_us`),
          ];
    return quota && period && quota > 0 && period > 0 ? quota / period : null;
  }

  #usedMs({ version, path }: GroupFolder): number | null {
    if (version === 2) return scaled(this.#files.field(`${path}/cpu.stat`, 'usage_usec'), 1e3);
    return scaled(this.#files.count(`${path}/cpuacct.usage`), 1e6);
  }
}

const MACHINE = 'machine';

/** `cpu user nice system idle iowait irq softirq steal guest guest_nice`; guests are counted in user and nice already. */
function readMachine(files: KernelFiles): Counter | null {
  const line = (files.text('/proc/stat', 4096) ?? '').split('\n', 1)[0] ?? '';
  const ticks = line.startsWith('cpu ') ? line.trim().split(/\s+/).slice(1, 9).map(Number) : [];
  if (ticks.length < 4 || ticks.some((each) => !Number.isFinite(each))) return null;
  const all = ticks.reduce((total, each) => total + each, 0);
  const [, , , idle = 0, waiting = 0] = ticks;
  return { used: all - idle - waiting, all };
}

function scaled(count: number | null, divisor: number): number | null {
  return count === null ? null : count / divisor;
}
