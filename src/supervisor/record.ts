// Owns what is remembered of a run for its end and its dump: the last commands and logs, samples, counts. All bounded.

import type { SnapshotFile } from '../dumps/snapshot-file.ts';
import { thinSamples } from '../dumps/thin.ts';
import type { CommandEvent, InterventionEvent, LogEvent, SampleEvent } from '../model/events.ts';
import { RunJournal } from './journal.ts';
import type { RawProfiles } from './profiles.ts';

const COMMANDS_KEPT = 50;
const LOGS_KEPT = 100;
const INTERVENTIONS_KEPT = 20;
/** When this many samples are kept, every second one goes: a long run keeps its shape. */
const SAMPLES_MAX = 1200;

/** The last windows of a CPU profile. */
const CPU_WINDOWS_KEPT = 2;
/** So many macros of a run are remembered with their profiles. */
const PROFILED_MAX = 4;

/** What each log line counts beyond its text. */
const LINE_CHARS = 16;

/** The memory of one run. */
export class RunRecord {
  readonly commands: CommandEvent[] = [];
  readonly logs: LogEvent[] = [];
  readonly interventions: InterventionEvent[] = [];
  readonly journal = new RunJournal();
  /** The heap at the end, where that was asked for. */
  snapshot: SnapshotFile | null = null;
  readonly commandsByName = new Map<string, number>();
  samples: SampleEvent[] = [];
  /** How many samples were taken, dropped ones included. */
  samplesTaken = 0;
  /** Bytes: heap with array buffers, the most any sample saw. */
  peakHeap = 0;
  /** Bytes: the same, of the last sample. */
  lastHeap = 0;
  /** Bytes of the worker process, the most any sample saw. */
  peakRss = 0;
  logLines = 0;
  /** UTF-16 code units of log text and result, as the output limit counts them. */
  outputChars = 0;
  /** Commands asked for, refused ones included. */
  commandCount = 0;

  /** What was noted of each macro's CPU and memory before the end, by its number. */
  readonly profiles = new Map<number, RawProfiles>();

  /** Remembers what a worker noted of CPU and memory: the last windows of the one, the last word on the other. */
  addProfiles(realm: number, cpu: string | null, heap: string | null): void {
    const before = this.profiles.get(realm);
    this.profiles.set(realm, {
      cpu: [...(before?.cpu ?? []), ...(cpu === null ? [] : [cpu])].slice(-CPU_WINDOWS_KEPT),
      heap: heap ?? before?.heap ?? null,
    });
    if (this.profiles.size > PROFILED_MAX)
      this.profiles.delete(this.profiles.keys().next().value ?? 0);
  }

  /** Remembers a command that was answered or failed. */
  addCommand(event: CommandEvent): void {
    this.commands.push(event);
    if (this.commands.length > COMMANDS_KEPT) this.commands.shift();
    this.commandsByName.set(event.name, (this.commandsByName.get(event.name) ?? 0) + 1);
  }

  /** Remembers that a pattern matched. */
  addIntervention(event: InterventionEvent): void {
    this.interventions.push(event);
    if (this.interventions.length > INTERVENTIONS_KEPT) this.interventions.shift();
  }

  /** Remembers a log line. */
  addLog(event: LogEvent): void {
    this.logLines += 1;
    this.outputChars += event.text.length + LINE_CHARS;
    this.logs.push(event);
    if (this.logs.length > LOGS_KEPT) this.logs.shift();
  }

  /** Remembers a sample. */
  addSample(event: SampleEvent): void {
    this.samplesTaken += 1;
    this.lastHeap = event.heapUsed + event.external;
    this.peakHeap = Math.max(this.peakHeap, event.heapUsed + event.external);
    this.peakRss = Math.max(this.peakRss, event.rss);
    this.samples.push(event);
    if (this.samples.length > SAMPLES_MAX)
      this.samples = thinSamples(this.samples, (index) => index % 2 === 0);
  }
}
