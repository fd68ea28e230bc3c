// Owns the process that a test runs inside a memory cgroup: a leak all but fills the group, and starts are held until it is
// gone. Prints what happened as one JSON object.

import { createCorral } from '../../../src/corral.ts';
import { holding } from './own-memory.ts';
import { until } from './processes.ts';

const MB = 1024 * 1024;
const [dumpDir = ''] = process.argv.slice(2);
await using corral = createCorral({
  dumpDir,
  limits: { heap: '900mb', cpu: '60s', burst: '60s' },
  // A leak that its pattern stops fills nothing.
  patterns: false,
  // The brake alone, not what the guard does as memory fills.
  guard: { medium: { host: { memory: 1 } } },
  brake: { lookEveryMs: 50 },
  host: { lookEveryMs: 50 },
  workers: { warm: 0, drainMs: 500 },
});
await corral.start('return 1').result;
const { availableBytes, neededBytes } = corral.pressure.brake;
// Beyond what is needed, and short of what makes an emergency.
const leakMb = ((availableBytes ?? 0) - (neededBytes ?? 0) * 0.6) / MB;
const leak = corral.start(holding(leakMb), { lint: false });
await Promise.race([new Promise<void>((resolve) => leak.on('log', () => resolve())), leak.result]);
// What fills up is seen at the next look, not before.
await until('the leak to be seen', () => {
  const { brake } = corral.pressure;
  return (brake.availableBytes ?? 0) < (brake.neededBytes ?? 0);
});
// Only now: before, whatever else the machine does may fill a greater part of it.
const bounds = corral.pressure.measures.flatMap(({ what, of, limit }) =>
  what === 'memory' ? [`${of} ${limit / MB}`] : [],
);
const held = corral.start('return 2');
const warnings: string[] = [];
held.on('warning', ({ message }) => warnings.push(message));
const end = await held.result;
const counts = corral.feed.flatMap((event) =>
  event.type === 'brake' && event.held ? [event.count] : [],
);
process.stdout.write(
  JSON.stringify({
    bounds,
    neededMb: (neededBytes ?? 0) / MB,
    warnings,
    counts,
    leak: (await leak.result).reason,
    value: end.value,
    message: end.message,
  }),
);
