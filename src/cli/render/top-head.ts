// Owns the head of `corral top`: how many run, what the machine has in use, what ours use, and who pulled the emergency stop.

import type { ControlSnapshot } from '../../model/control.ts';
import { displayWidth } from '../../model/display-width.ts';
import { formatBytes } from '../../model/limits.ts';
import { safeText } from '../../model/safe-text.ts';
import type { Paint, Style } from '../style.ts';
import type { Row, TopView } from '../top/view.ts';
import { bar, cell, cut } from './cells.ts';

const BAR_COLUMNS = 10;

/** The three lines at the top. */
export function headLines(
  { corrals, machine, now, ui }: TopView,
  list: readonly Row[],
  columns: number,
  paint: Paint,
): string[] {
  const snapshots = corrals.flatMap(({ snapshot }) => snapshot ?? []);
  const sum = (of: (snapshot: (typeof snapshots)[number]) => number) =>
    snapshots.reduce((total, each) => total + of(each), 0);
  const all = snapshots.flatMap(({ runs }) => runs);
  const paused = all.filter(({ state }) => state === 'paused').length;
  const omitted = sum(({ runsOmitted }) => runsOmitted);
  const counts = [
    plural(corrals.length, 'Corral'),
    `${sum(({ load }) => load.active)} active`,
    ...(paused > 0 ? [`${paused} paused`] : []),
    `${sum(({ load }) => load.queued)} queued`,
    ...(omitted > 0 ? [`${omitted} not shown`] : []),
    ...(ui.filter === '' ? [] : [`${list.length} match /${safeText(ui.filter)}`]),
  ];
  const clock = new Date(now).toTimeString().slice(0, 8);
  const first = cell(`corral top · ${counts.join(' · ')}`, columns - 9);
  const cores = all.reduce((total, { cpuShare }) => total + cpuShare, 0);
  const rate = all.reduce((total, { commandsPerSecond }) => total + commandsPerSecond, 0);
  const held = sum(({ memory }) => memory.ownBytes + memory.workerBytes);
  const memory = machine.memoryUsed / machine.memoryTotal;
  const cpu = machine.cpuShare ?? 0;
  const machineText = `memory ${bar(memory, BAR_COLUMNS)} ${formatBytes(machine.memoryUsed)}/${formatBytes(machine.memoryTotal)} · cpu ${bar(cpu, BAR_COLUMNS)} ${Math.round(cpu * 100)}% of ${plural(machine.cores, 'core')}`;
  const levels = [...new Set(snapshots.map(({ level }) => level))].join(', ');
  const ours = `runs use ${cores.toFixed(2)} cores · ${Math.round(rate)} commands/s · Corral holds ${formatBytes(held)}${levels === '' ? '' : ` · guard ${levels}`}`;
  const emergency = emergencyText(snapshots, columns);
  return [
    `${paint('bold', first)} ${paint('dim', clock)}`,
    paint(styleOf(Math.max(memory, cpu)), cut(machineText, columns)),
    emergency === null
      ? cut(ours, columns)
      : paint(['red', 'bold'], beside(emergency, ` · ${ours}`, columns)),
  ];
}

/** Who pulled the emergency stop, where and why, and what clears it; null while nobody has. */
function emergencyText(snapshots: readonly ControlSnapshot[], columns: number): string | null {
  const stopped = snapshots.filter(({ emergency }) => emergency);
  const [first] = stopped;
  if (!first) return null;
  const where =
    stopped.length < snapshots.length ? ` in ${stopped.length} of ${snapshots.length} Corrals` : '';
  const by = first.emergencyOrder?.by ?? '';
  const why = first.emergencyOrder?.why ?? '';
  const who = by === '' ? '' : ` by ${cut(safeText(by), BY_COLUMNS)}`;
  const head = `EMERGENCY STOP${where}${who}`;
  // Why is what gives way.
  const room = columns - displayWidth(head + CLEARS) - 2;
  const reason = why === '' || room < WHY_COLUMNS_MIN ? '' : `: ${cut(safeText(why), room)}`;
  return cut(beside(`${head}${reason}`, CLEARS, columns), columns);
}

const CLEARS = ' · e clears it';
const BY_COLUMNS = 24;
const WHY_COLUMNS_MIN = 8;

/** A text with another one behind it where there is room for all of that. */
function beside(text: string, other: string, columns: number): string {
  return displayWidth(text + other) <= columns ? text + other : text;
}

function styleOf(share: number): Style {
  return share >= 0.95 ? 'red' : share >= 0.85 ? 'yellow' : 'reset';
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
