// Owns how durations, sizes and shares are written and read: exactly, so that what was written is read back as it was.

const KB = 1024;
const MB = 1024 * KB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|min|[smhdw]))+$|^\d+(?:\.\d+)?$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|min|[smhdw])?/g;
const DURATION_FACTOR: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  m: MINUTE,
  min: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
};
/** The units a duration is written in, from the largest. */
const DURATION_UNITS = ['d', 'h', 'm', 's', 'ms'] as const;

const SIZE = /^(\d+(?:\.\d+)?)(b|kb|mb|gb|kib|mib|gib|k|m|g)?$/;
const SIZE_FACTOR: Readonly<Record<string, number>> = { b: 1, k: KB, m: MB, g: KB * MB };
/** The units a size is written in, from the largest. */
const SIZE_UNITS = ['gb', 'mb', 'kb', 'b'] as const;

/** A duration such as `500ms`, `1m30s`, `7d` or `250` (ms) in whole ms, or null for what is none. */
export function parseDuration(text: string): number | null {
  const plain = text.trim().toLowerCase();
  if (!DURATION.test(plain)) return null;
  const parts = [...plain.matchAll(DURATION_PART)].map(
    ([, count, unit = 'ms']) => Number(count) * (DURATION_FACTOR[unit] ?? 1),
  );
  return Math.round(parts.reduce((sum, part) => sum + part, 0));
}

/** A size such as `64mb`, `1.5gb` or `4096` (bytes) in whole bytes, or null for what is none. */
export function parseSize(text: string): number | null {
  const match = SIZE.exec(text.trim().toLowerCase());
  if (!match) return null;
  return Math.round(Number(match[1]) * (SIZE_FACTOR[(match[2] ?? 'b').charAt(0)] ?? 1));
}

/** A share such as `85%` or `0.85` as a number of which 1 is the whole, or null for what is none. */
export function parseShare(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim());
  if (!match) return null;
  return match[2] === '%' ? Number(match[1]) / 100 : Number(match[1]);
}

/**
 * A count for people, rounded, with its thousands set apart: `1,234,567`. (Not `toLocaleString`, whose first call takes 20 ms
 * to load what it knows of languages.)
 */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Whole ms, exactly: `1500ms`, `90s`, `2h`. */
export function writeDuration(ms: number): string {
  const unit = DURATION_UNITS.find((each) => ms > 0 && ms % (DURATION_FACTOR[each] ?? 1) === 0);
  return unit === undefined ? `${ms}ms` : `${ms / (DURATION_FACTOR[unit] ?? 1)}${unit}`;
}

/** Whole bytes, exactly: `1000b`, `64mb`, `2gb`. */
export function writeSize(bytes: number): string {
  const factor = (unit: string) => SIZE_FACTOR[unit.charAt(0)] ?? 1;
  const unit = SIZE_UNITS.find((each) => bytes > 0 && bytes % factor(each) === 0);
  return unit === undefined ? `${bytes}b` : `${bytes / factor(unit)}${unit}`;
}

/** A share, exactly: `85%`, or the plain number where percent would round it. */
export function writeShare(share: number): string {
  const percent = `${Number((share * 100).toPrecision(12))}%`;
  return parseShare(percent) === share ? percent : String(share);
}
