// Owns trying every wall from inside a worker process, and judging from what came of it whether each holds.

import { readdirSync, readlinkSync } from 'node:fs';
import { getPriority } from 'node:os';
import { ATTEMPTS, type AttemptId, type ProbeReport } from '../../model/probe.ts';
import type { WallCheck, WallId } from '../../model/wall.ts';
import { NICE } from './layers.ts';
import { diesWithItsSupervisor } from './orphaning.ts';
import { type Outgrown, outgrowItsGroup } from './outgrowing.ts';
import { sendProbe } from './probing.ts';
import { readWalls } from './walls.ts';

/** What was found about one wall. */
interface Finding {
  readonly holds: boolean;
  readonly tried: readonly string[];
}

/** What trying the walls needs to judge them. */
interface Seen {
  /** As a worker is started. */
  readonly walled: ProbeReport;
  /** Without Node's permission model: what then still holds would hold code that broke out of V8. */
  readonly native: ProbeReport;
  readonly diesWith: boolean;
  /** What came of one that takes memory while nobody looks; null where there is no cgroup. */
  readonly outgrown: Outgrown | null;
}

/** Long enough for a machine that has other things to do (ms). */
const PATIENCE_MS = 10_000;
/** Where nothing kills a worker it is only to be seen that it lives on (ms). */
const MISSING_MS = 300;
/** Node's main thread, its timer's, the debugger's and V8's one; one more is let pass. */
const THREADS_MAX = 5;
/** Where bubblewrap starts a program it says where it is: `/`, whatever the machine. */
const HARMLESS_VARIABLES: readonly string[] = ['PWD'];
const FILES = [
  'read-passwd',
  'list-home',
  'write-temp',
  'write-own',
  'write-root',
  'open-setting',
] as const;
const NETWORK = ['connect-tcp', 'send-udp', 'look-up-name'] as const;

/** Tries all walls; of `memory` what the kernel does, since the looks from outside are at macros only. Takes about a second. */
export async function examineWalls(): Promise<readonly WallCheck[]> {
  const walled = await sendProbe(false);
  const native = await sendProbe(true);
  const walls = readWalls();
  const isMissing = walls.some(({ id, up }) => id === 'lifetime' && !up);
  const diesWith = await diesWithItsSupervisor(isMissing ? MISSING_MS : PATIENCE_MS);
  const seen = { walled, native, diesWith, outgrown: await outgrowItsGroup() };
  return walls.flatMap(({ id, up, how, remedy }) => {
    const finding = JUDGES[id]?.(seen);
    if (!finding) return [];
    const state = up ? (finding.holds ? 'holds' : 'broken') : 'missing';
    return [{ id, state, how, remedy, tried: finding.tried } as const];
  });
}

const JUDGES: Partial<Record<WallId, (seen: Seen) => Finding>> = {
  environment: ({ walled: { environment } }) => {
    const others = environment.filter((name) => !HARMLESS_VARIABLES.includes(name));
    return found(others.length === 0, `variables seen: ${environment.join(', ') || 'none'}`);
  },
  descriptors: ({ native: { descriptors } }) => {
    const shared = new Set(ownDescriptors());
    const leaked = (descriptors ?? []).filter((link) => shared.has(link));
    return found(
      descriptors !== null && leaked.length === 0,
      `descriptors that are open outside too: ${leaked.join(', ') || 'none'}`,
    );
  },
  permissions: ({ walled }) => refused(walled, [...FILES, 'start-process', 'start-thread']),
  files: ({ native }) => refused(native, [...FILES, 'start-process']),
  network: ({ native }) => refused(native, NETWORK),
  processes: ({ native }) => {
    const { holds, tried } = refused(native, ['signal-outside']);
    const seen = native.processes ?? Number.POSITIVE_INFINITY;
    // Its own, and bubblewrap's.
    return { holds: holds && seen <= 2, tried: [...tried, `processes seen: ${seen}`] };
  },
  privileges: ({ native }) => {
    const { holds, tried } = refused(native, ['change-user']);
    const { noNewPrivileges, capabilities } = native;
    return {
      holds: holds && noNewPrivileges === true && /^0*$/.test(capabilities ?? '-'),
      tried: [
        ...tried,
        `no new privileges: ${noNewPrivileges ? 'yes' : 'no'}`,
        `capabilities: ${/^0*$/.test(capabilities ?? '-') ? 'none' : capabilities}`,
      ],
    };
  },
  lifetime: ({ diesWith }) =>
    found(
      diesWith,
      `kill Corral while a worker is in an endless loop: the worker ${diesWith ? 'died' : 'lived on'}`,
    ),
  memory: ({ outgrown }) => {
    if (outgrown === null) return found(true);
    const { limitMb, isKilled, heldMb } = outgrown;
    return found(
      isKilled,
      `hold more and more, with a limit of ${limitMb}mb and nobody looking: ${isKilled ? `killed at ${heldMb}mb` : `lived on with ${heldMb}mb`}`,
    );
  },
  priority: ({ walled: { nice }, native: { sessionNice } }) => {
    const least = Math.min(19, getPriority() + NICE);
    const givesWay = sessionNice === null || Number(sessionNice) >= NICE;
    return found(
      nice >= least && givesWay,
      `nice value: ${nice}${sessionNice === null ? '' : `; of its session: ${sessionNice}`}`,
    );
  },
  threads: ({ native: { threads } }) =>
    found(threads !== null && threads <= THREADS_MAX, `threads at rest: ${threads ?? 'unknown'}`),
  'core-dumps': ({ native: { coreBytes } }) =>
    found(coreBytes === '0', `largest core file: ${coreBytes ?? 'unknown'}`),
};

function found(holds: boolean, ...tried: readonly string[]): Finding {
  return { holds, tried };
}

/** Holds when none of these attempts was let through. */
function refused({ attempts }: ProbeReport, ids: readonly AttemptId[]): Finding {
  const made = ids.map((id) => attempts.find((attempt) => attempt.id === id));
  return {
    holds: made.every((attempt) => attempt?.done === false),
    tried: ids.map((id, at) => {
      const attempt = made[at];
      if (!attempt) return `${ATTEMPTS[id]}: not tried`;
      return `${ATTEMPTS[id]}: ${attempt.done ? 'LET THROUGH' : 'refused'} (${attempt.detail})`;
    }),
  };
}

/** What the descriptors of this process lead to, those aside that everybody may have. */
function ownDescriptors(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const link = readlinkSync(`/proc/self/fd/${fd}`);
      return /^(?:\/dev\/(?:null|u?random)$|anon_inode:)/.test(link) ? [] : [link];
    } catch {
      // The one this folder was read by.
      return [];
    }
  });
}
