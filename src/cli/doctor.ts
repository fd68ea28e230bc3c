// Owns `corral doctor`: tries the machinery and every wall on this machine, tells what came of it, and judges by exit code.

import { Command, Option } from 'commander';
import { SETTINGS_DEFAULT } from '../config/config-settings.ts';
import { examineWalls } from '../corral.ts';
import { WALL_MODES, type WallCheck, type WallMode } from '../model/wall.ts';
import { type ConfigFlags, configFileOptions, configure } from './configuration.ts';
import { checkMachinery, checkMemory } from './doctor/checks.ts';
import { renderDoctor } from './render/doctor-table.ts';
import { safeJson } from './render/safe-json.ts';
import { paintFor } from './style.ts';

interface Flags extends ConfigFlags {
  readonly json?: boolean;
  readonly walls?: WallMode;
}

const HELP = `
Each wall is tried from inside a worker process: a real file is read, a real connection attempted. Two workers
are sent, one of them without Node's own permission model, as code that has broken out of V8 would be.

Exit codes: 0 all is well · 1 a wall that stands did not hold (with --walls strict: or one is missing) · 3 Corral is broken`;

/** `corral doctor`. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('Try every wall around the macros on this machine, and whether Corral works here.')
    .addOption(
      new Option(
        '--walls <which>',
        `strict counts a missing wall as a fault (default: ${SETTINGS_DEFAULT.walls})`,
      ).choices(WALL_MODES),
    )
    .option('--json', 'print what was found as one JSON object on stdout')
    .addHelpText('after', HELP)
    .exitOverride();
  return configFileOptions(command).action(async (flags: Flags) => {
    process.exitCode = await doctor(flags);
  });
}

async function doctor(flags: Flags): Promise<number> {
  const { json } = flags;
  const mode = flags.walls ?? (await configure(flags)).settings.walls;
  const machinery = await checkMachinery();
  const isBroken = machinery.some(({ ok }) => !ok);
  // Without a worker that runs there is nothing to try walls from.
  const walls = isBroken ? [] : await checkWalls();
  if (json) process.stdout.write(`${safeJson({ machinery, walls }, 2)}\n`);
  else {
    const columns = process.stdout.columns ?? 100;
    process.stdout.write(
      renderDoctor({ machinery, walls }, { paint: paintFor(process.stdout), columns }),
    );
  }
  if (isBroken) return 3;
  return walls.some((wall) => isFault(wall, mode)) ? 1 : 0;
}

async function checkWalls(): Promise<readonly WallCheck[]> {
  const walls = await examineWalls();
  // One after the other: what a macro's process holds is looked at while nothing else goes on.
  const memory = walls.find(({ id }) => id === 'memory');
  const checked = memory && (await checkMemory(memory));
  return walls.map((wall) => (wall === memory && checked ? checked : wall));
}

function isFault({ state }: WallCheck, mode: WallMode): boolean {
  return state === 'broken' || (state === 'missing' && mode === 'strict');
}
