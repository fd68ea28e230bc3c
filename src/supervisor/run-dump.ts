// Owns putting together a run's crash dump from everything that is known at its end.

import { arch, availableParallelism, freemem, platform, release, totalmem } from 'node:os';
import { parseMacro } from '../analysis/text/parse.ts';
import { diagnose } from '../diagnosis/diagnose.ts';
import { type CrashDump, DUMP_SCHEMA_VERSION } from '../model/dump.ts';
import type { InterventionEvent } from '../model/events.ts';
import { toStatus } from '../model/outcome.ts';
import { encodeValue, RESULT_BOUNDS } from '../model/value.ts';
import { CORRAL_VERSION } from '../model/version.ts';
import type { Ending } from './ending.ts';
import { type Profiles, readProfiles } from './profiles.ts';
import type { PlannedText, RealmPlan } from './realm-plan.ts';
import type { RunRecord } from './record.ts';
import type { RunSetting } from './setting.ts';

/** Everything a dump is made of. */
export interface DumpParts {
  readonly setting: RunSetting;
  readonly plan: RealmPlan;
  readonly record: RunRecord;
  readonly ending: Ending;
  readonly startedAt: Date;
}

/** Puts the dump together; writes nothing. */
export function toCrashDump(parts: DumpParts): CrashDump {
  const dump = gather(parts);
  return { ...dump, diagnosis: diagnose(dump).map((each) => ({ ...each })) };
}

function gather({ setting, plan, record, ending, startedAt }: DumpParts): CrashDump {
  const { analysis } = plan;
  const profiles = profilesOf(setting, record, ending);
  return {
    format: 'corral-crash-dump',
    schemaVersion: DUMP_SCHEMA_VERSION,
    corralVersion: CORRAL_VERSION,
    runId: setting.runId,
    macro: toMacro(plan.macro, analysis),
    startedAt: startedAt.toISOString(),
    endedAt: toEnd(startedAt, ending.durationMs).toISOString(),
    status: toStatus(ending.reason),
    reason: ending.reason,
    message: ending.message,
    limit: ending.limit && { ...ending.limit },
    limits: Object.fromEntries(
      Object.entries(setting.limits).map(([name, limit]) => [name, { ...limit }]),
    ),
    error: ending.error && { ...ending.error },
    place: ending.place && { ...ending.place },
    stack: [...ending.frames],
    lastSeen: profiles.lastSeen.map((each) => ({ ...each })),
    hotLines: profiles.hotLines.map((each) => ({ ...each })),
    allocationSites: profiles.allocationSites.map((each) => ({ ...each })),
    profile: profiles.cpu,
    allocations: profiles.heap,
    source: analysis.source,
    ast: parseMacro(analysis.source, analysis.language).ast,
    report: analysis.report,
    samples: record.samples.map(({ type: _, collection, ...sample }) => ({
      ...sample,
      ...(collection && { collection: { ...collection } }),
    })),
    statistics: {
      durationMs: ending.durationMs,
      cpuMs: ending.cpuMs,
      peakHeap: record.peakHeap,
      peakRss: record.peakRss,
      commands: ending.commands,
      commandsByName: Object.fromEntries(record.commandsByName),
      logLines: record.logLines,
      outputBytes: record.outputChars,
      samples: record.samplesTaken,
    },
    heapStatistics: ending.heapStatistics,
    commands: record.commands.map(({ type: _, ...command }) => command),
    logs: record.logs.map(({ type: _, ...log }) => log),
    interventions: record.interventions.map(toDumped),
    pending: [...ending.pending],
    pendingTotal: ending.pendingTotal,
    seed: plan.seed,
    journal: record.journal.journal,
    catalogue: plan.desk.catalogue,
    called: calledMacros(setting),
    level: setting.guard.level,
    input: encodeValue(plan.input, RESULT_BOUNDS, 'input'),
    worker: ending.worker && { ...ending.worker },
    host: hostFacts(ending.isolatedVm),
  };
}

function toDumped({ type: _, ...event }: InterventionEvent) {
  return { ...event, occurrences: event.occurrences.map((each) => ({ ...each })) };
}

const NO_PROFILES: Profiles = {
  cpu: null,
  heap: null,
  hotLines: [],
  allocationSites: [],
  lastSeen: [],
};

/** Those of the macro in whose file the run ended: its own, or one it called. */
function profilesOf(setting: RunSetting, { profiles }: RunRecord, { place }: Ending): Profiles {
  const realms = [...profiles.keys()].filter((realm) => setting.realms.has(realm));
  const ended = realms.findLast(
    (realm) => setting.realms.get(realm)?.analysis.file === place?.file,
  );
  const realm = ended ?? realms.at(-1);
  const plan = realm === undefined ? undefined : setting.realms.get(realm);
  const raw = realm === undefined ? undefined : profiles.get(realm);
  return plan && raw ? readProfiles(raw, plan) : NO_PROFILES;
}

/** Each macro that was called, once. */
function calledMacros({ realms }: RunSetting): NonNullable<CrashDump['called']> {
  const called = new Map(
    [...realms.values()].flatMap(
      ({ number, macro, analysis: { file, language, source, report } }) =>
        number === 0 ? [] : [[macro, { name: macro, file, language, source, report }]],
    ),
  );
  return [...called.values()];
}

/** Now; where the clock was set back meanwhile, as much later than the start as the run took. */
function toEnd(startedAt: Date, durationMs: number): Date {
  const now = Date.now();
  return new Date(now >= startedAt.getTime() ? now : startedAt.getTime() + durationMs);
}

function toMacro(name: string, { file, language, header }: PlannedText): CrashDump['macro'] {
  return { name, file, version: header.version, language };
}

function hostFacts(isolatedVm: string): CrashDump['host'] {
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    platform: platform(),
    arch: arch(),
    osRelease: release(),
    cpus: availableParallelism(),
    memoryTotalBytes: totalmem(),
    memoryFreeBytes: freemem(),
    isolatedVm,
  };
}
