// Owns what guarding the host costs: a look at everything, a start that is asked about, and what is measured in between.

import { createCorral } from '../src/corral.ts';
import { toGuard } from '../src/model/guard.ts';
import { toHouse } from '../src/model/settings.ts';
import { EventLoopMeter } from '../src/supervisor/host/event-loop.ts';
import { HostGuard } from '../src/supervisor/host/host-guard.ts';
import { HostReadings } from '../src/supervisor/host/host-readings.ts';
import { Ladders } from '../src/supervisor/host/ladders.ts';
import type { Section } from './section.ts';

const LOOKS = 2_000;
const STARTS = 200_000;
const MONITOR_MS = 10_000;
const BUDGET_BYTES = 64 * 1024 ** 3;

/** What the host guard costs while runs are under way. */
export async function benchGuard(): Promise<Section> {
  await using corral = createCorral({ dump: 'never', share: false, workers: { warm: 4 } });
  await corral.start('return 1').result;
  const { workerPids } = corral;
  const house = toHouse({ host: { memoryBudgetBytes: BUDGET_BYTES } });
  const settings = () => ({ guard: toGuard('medium'), house });
  const { lookEveryMs } = house.host;
  const perLook = costOfLook(workerPids, settings, lookEveryMs);
  const perStart = costOfStart(workerPids, settings);
  const aside = await cpuOver(MONITOR_MS);
  const loop = new EventLoopMeter();
  loop.start();
  const monitored = await cpuOver(MONITOR_MS);
  loop.stop();
  const perSecond = Math.max(0, monitored - aside) / (MONITOR_MS / 1000);
  const looks = 1000 / lookEveryMs;
  const share = (perLook * looks + perSecond) / 1e6;
  return {
    title: 'Guard: what watching the host costs',
    note: `CPU of the supervisor with ${workerPids.length} workers and a memory budget; ${LOOKS} looks, ${STARTS} starts. Goal: at most 0.2 % of a core.`,
    columns: ['what', 'CPU'],
    rows: [
      ['one look at everything', `${perLook.toFixed(0)} µs`],
      ['looks a second', String(looks)],
      ['measuring the event loop, a second', `${perSecond.toFixed(0)} µs`],
      ['all together, of one core', `${(share * 100).toFixed(3)} %`],
      ['asking before a start', `${perStart.toFixed(2)} µs`],
    ],
  };
}

type Settings = ConstructorParameters<typeof Ladders>[0];

/** µs of a look, as the guard makes it. */
function costOfLook(pids: readonly number[], settings: Settings, everyMs: number): number {
  const readings = new HostReadings({
    childPids: () => pids,
    memoryBudgetBytes: () => BUDGET_BYTES,
  });
  const ladders = new Ladders(settings);
  return (
    cpuMicros(() => {
      for (let look = 0; look < LOOKS; look++) {
        const at = look * everyMs;
        const memory = readings.memoryReading(at);
        const others = readings.look(at);
        ladders.take(memory ? [memory, ...others] : others, at);
      }
    }) / LOOKS
  );
}

/** µs of asking whether a start may go on. */
function costOfStart(pids: readonly number[], settings: Settings): number {
  const ignore = () => undefined;
  const guard = new HostGuard({
    settings,
    childPids: () => pids,
    tell: ignore,
    reclaim: ignore,
    relieved: ignore,
    recycle: ignore,
    emergency: ignore,
  });
  const micros = cpuMicros(() => {
    for (let start = 0; start < STARTS; start++) guard.held();
  });
  guard.close();
  return micros / STARTS;
}

function cpuMicros(work: () => void): number {
  const from = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(from);
  return user + system;
}

async function cpuOver(ms: number): Promise<number> {
  const from = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const { user, system } = process.cpuUsage(from);
  return user + system;
}
