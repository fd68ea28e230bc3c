// Owns how much of the last 10 s work stood waiting for memory, processors or disks (the kernel's pressure stall information),
// on the machine and in this process's own control group, whichever waits more.

import type { PressureReading } from '../../model/pressure.ts';
import type { ControlGroups } from './control-groups.ts';
import type { KernelFiles } from './kernel-files.ts';
import { toTightest } from './reading.ts';

/** Memory and disks count when all wait for them; processors when anybody does, since some work always runs there. */
const STALLS = [
  { what: 'memory-stall', resource: 'memory', who: 'full' },
  { what: 'cpu-stall', resource: 'cpu', who: 'some' },
  { what: 'io-stall', resource: 'io', who: 'full' },
] as const;

/** Reads stalls; none where the kernel does not count them. */
export function readStalls(files: KernelFiles, groups: ControlGroups): PressureReading[] {
  const group = groups.of('memory').find(({ version }) => version === 2)?.path;
  return STALLS.flatMap(({ what, resource, who }) => {
    const machine = stalled(files.text(`/proc/pressure/${resource}`, 512), who);
    const own = group ? stalled(files.text(`${group}/${resource}.pressure`, 512), who) : null;
    const reading = toTightest(what, 'share', [
      { of: 'machine', used: machine, limit: 1 },
      { of: 'cgroup', used: own, limit: 1 },
    ]);
    return reading ? [reading] : [];
  });
}

/** `full avg10=1.25 avg60=…`, in percent, as a share. */
function stalled(text: string | null, who: 'some' | 'full'): number | null {
  const percent = new RegExp(`^${who} avg10=(\\d+(?:\\.\\d+)?) `, 'm').exec(text ?? '');
  return percent === null ? null : Math.min(1, Number(percent[1]) / 100);
}
