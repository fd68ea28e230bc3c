// Owns the hostile programs of test/fixtures/hostile: reading them and their headers, running one, and judging its end.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type Corral,
  createCorral,
  createTrainingGround,
  type EndEvent,
} from '../../src/corral.ts';
import { ROOT } from './cli.ts';
import { readExpectation } from './expectation.ts';

const DIR = join(ROOT, 'test', 'fixtures', 'hostile');
/** What every macro can call that is started by {@link createHostileCorral}. */
const LIBRARY = join(DIR, 'calls', 'library');
/** Looks at whatever it is given for anything that is not the macro's own; see the README beside it. */
const PROBE = readFileSync(join(DIR, 'probe.js'), 'utf8');

/** For programs that are to come to an end of their own, or of another kind, however loaded the machine is. */
const PATIENCE = '90s';
/** For programs that are to be stopped for their time. */
const WALL = '2s';
/** For programs that are to be stopped for their CPU. All others need room to come to their end on a loaded machine too. */
const CPU_MS = 100;

/** One program, and what its header says of it. */
export interface HostileProgram {
  /** `family/file.js`. */
  readonly name: string;
  readonly family: string;
  readonly source: string;
  readonly tries: string;
  readonly reasons: readonly string[];
  /** 1-based; null where the line is not settled. */
  readonly line: number | null;
  /** What it must have as its result when it completes; undefined where anything will do. */
  readonly value: unknown;
}

/** All programs, in the order of folders and files. */
export function readHostilePrograms(): HostileProgram[] {
  const families = readdirSync(DIR, { withFileTypes: true }).filter((each) => each.isDirectory());
  return families.flatMap(({ name: family }) =>
    readdirSync(join(DIR, family))
      .filter((name) => /\.(js|ts)$/.test(name))
      .map((name) => readProgram(family, name)),
  );
}

function readProgram(family: string, file: string): HostileProgram {
  const name = `${family}/${file}`;
  const text = readFileSync(join(DIR, family, file), 'utf8');
  const header = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\/\/ (tries|expect|at|value): (.+)$/.exec(line);
    if (!match) break;
    header.set(match[1] ?? '', match[2] ?? '');
  }
  const { tries, expect, at, value } = Object.fromEntries(header);
  assert.ok(tries && expect, `${name} must open with "// tries: …" and "// expect: …"`);
  return {
    name,
    family,
    // Below the program, so that its lines stay its own.
    source: text.includes('probe(') ? `${text}\n${PROBE}` : text,
    tries,
    ...readExpectation(at === undefined ? expect : `${expect} ${at}`),
    value: value === undefined ? undefined : JSON.parse(value),
  };
}

/** A corral with limits so small that hostile programs end soon. */
export function createHostileCorral(dumpDir: string): Corral {
  return createCorral({
    commands: createTrainingGround({ seed: 1 }).commands,
    limits: {
      cpu: '3s',
      heap: '32mb',
      wall: PATIENCE,
      idle: '100ms',
      commands: 200,
      output: '64kb',
    },
    dumpDir,
    macrosDir: LIBRARY,
    // Each program ends by the limit that it is about.
    patterns: false,
    workers: { warm: 1 },
  });
}

/** Runs a program and holds its end against its header; then an honest macro must run as ever. */
export async function checkHostileProgram(corral: Corral, program: HostileProgram): Promise<void> {
  const { name, source, reasons } = program;
  const burns = reasons.some((reason) => reason === 'cpu-limit' || reason === 'stuck');
  const limits = {
    ...(program.family !== 'memory' && burns ? { cpu: CPU_MS } : {}),
    ...(reasons.includes('wall-limit') ? { wall: WALL } : {}),
  };
  const end = await corral.start(source, { file: basename(name), lint: false, limits }).result;
  judge(program, end);
  const next = await corral.start('await sleep(1); return 6 * 7').result;
  assert.equal(next.value, 42, `after ${name}: ${next.reason} ${next.message}`);
}

function judge({ name, reasons, line, value }: HostileProgram, end: EndEvent): void {
  const told = `${name}: ${end.reason}: ${end.message} ${end.error?.message ?? ''} ${JSON.stringify(end.value)?.slice(0, 200)}`;
  assert.doesNotMatch(JSON.stringify([end.value, end.error]), /ESCAPED/, told);
  assert.ok(reasons.includes(end.reason), `${told}, instead of ${reasons.join('|')}`);
  if (line !== null) assert.equal(end.line, line, `${told}: the line`);
  if (value !== undefined && end.status === 'completed') assert.deepEqual(end.value, value, told);
  assert.equal(end.dump !== null, end.status === 'killed', `${told}: a kill leaves a dump`);
}
