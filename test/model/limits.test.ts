import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { GUARD_LEVELS, GUARD_TABLE } from '../../src/model/guard.ts';
import {
  formatBytes,
  formatDuration,
  formatLimit,
  HEAP_BYTES_MIN,
  LIMIT_MEANING,
  LIMIT_NAMES,
  LIMIT_VALUE_MAX,
  mergeLimits,
  parseLimit,
} from '../../src/model/limits.ts';

const MB = 1024 * 1024;

describe('a written limit', () => {
  for (const [text, value] of [
    ['wall=30s', 30_000],
    ['wall=5m', 300_000],
    ['wall=5min', 300_000],
    ['wall=2h', 7_200_000],
    ['wall=1m30s', 90_000],
    ['cpu=500ms', 500],
    ['cpu=500', 500],
    ['cpu=1.5s', 1500],
    ['burst = 250MS', 250],
    ['heap=64mb', 64 * MB],
    ['heap=64MiB', 64 * MB],
    ['heap=0.5g', 512 * MB],
    ['heap=9000000', 9_000_000],
    ['output=12.5kb', 12_800],
    ['commands=0', 0],
    ['commands=200', 200],
  ] as const) {
    test(`\`${text}\` is ${value}`, () => {
      const name = text.split('=')[0]?.trim();
      assert.deepEqual(parseLimit(text), { name, value });
    });
  }

  for (const [text, message] of [
    ['', /there is no limit ""; the limits are wall, cpu, burst, idle, heap, commands, output/],
    ['memory=1mb', /there is no limit "memory"/],
    ['__proto__=1', /there is no limit "__proto__"/],
    ['heap', /`heap` is not a size; write for example heap=64mb/],
    ['heap=lots', /`heap=lots` is not a size/],
    ['heap=64s', /is not a size/],
    ['wall=64mb', /is not a duration; write for example wall=500ms or wall=30s/],
    ['wall=-1s', /is not a duration/],
    ['wall=1e3', /is not a duration/],
    ['wall=1m30', /is not a duration/],
    ['commands=1.5', /is not a whole number; write for example commands=200/],
    ['commands=', /is not a whole number/],
    ['cpu=0', /out of range; cpu takes 1ms to /],
    ['cpu=0.2ms', /out of range/],
    ['heap=2049mb', /out of range; heap takes 8mb to 2gb/],
    ['heap=1mb', /out of range; heap takes 8mb to 2gb/],
    ['heap=1000gb', /out of range/],
    [`commands=${'9'.repeat(400)}`, /out of range; commands takes 0 to 2147483647/],
  ] as const) {
    test(`\`${text.slice(0, 30)}\` is refused, and the message says what to write`, () => {
      assert.throws(() => parseLimit(text), { name: 'CorralError', code: 'bad-limit', message });
    });
  }

  test('gives a number in range or a bad-limit, whatever it is', () => {
    const text = fc.oneof(
      fc.string(),
      fc.tuple(fc.constantFrom(...LIMIT_NAMES), fc.string()).map((pair) => pair.join('=')),
      fc
        .tuple(fc.constantFrom(...LIMIT_NAMES), fc.double(), fc.constantFrom('', 's', 'mb', 'h'))
        .map(([name, value, unit]) => `${name}=${value}${unit}`),
    );
    fc.assert(
      fc.property(text, (limit) => {
        try {
          const { value } = parseLimit(limit);
          assert.ok(Number.isInteger(value) && value >= 0 && value <= LIMIT_VALUE_MAX);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'bad-limit', String(error));
        }
      }),
    );
  });

  test('is read back as it is shown, within the rounding of what is shown', () => {
    const limit = fc.constantFrom(...LIMIT_NAMES);
    fc.assert(
      fc.property(limit, fc.integer({ min: HEAP_BYTES_MIN, max: 2 ** 30 }), (name, value) => {
        const { value: read } = parseLimit(`${name}=${formatLimit(name, value)}`);
        assert.ok(Math.abs(read - value) <= value * 0.1, `${value} was read as ${read}`);
        assert.equal(formatLimit(name, read), formatLimit(name, value));
      }),
    );
  });
});

describe('a shown limit', () => {
  test('is a duration as people read it', () => {
    for (const [ms, text] of [
      [0, '0ms'],
      [740, '740ms'],
      [999.4, '999ms'],
      [999.6, '1s'],
      [1000, '1s'],
      [2540, '2.5s'],
      [59_940, '59.9s'],
      [59_960, '1m'],
      [60_000, '1m'],
      [119_999, '2m'],
      [200_000, '3m20s'],
      [3_599_900, '1h'],
      [7_200_000, '2h'],
      [7_265_000, '2h1m5s'],
    ] as const)
      assert.equal(formatDuration(ms), text);
  });

  test('is a size as people read it', () => {
    for (const [bytes, text] of [
      [0, '0b'],
      [800, '800b'],
      [1023.7, '1kb'],
      [12_800, '12.5kb'],
      [MB - 1, '1mb'],
      [64 * MB, '64mb'],
      [1024 * MB - 1, '1gb'],
      [1536 * MB, '1.5gb'],
    ] as const)
      assert.equal(formatBytes(bytes), text);
  });

  test('is a bare count for commands', () => {
    assert.equal(formatLimit('commands', 20_000), '20000');
  });
});

describe('the guard levels', () => {
  test('grow stricter one after the other in every number', () => {
    for (const [index, level] of GUARD_LEVELS.entries()) {
      const looser = GUARD_LEVELS[index - 1];
      if (looser === undefined) continue;
      for (const name of LIMIT_NAMES)
        assert.ok(
          GUARD_TABLE[level].limits[name] <= GUARD_TABLE[looser].limits[name],
          `${name} at ${level}`,
        );
      assert.ok(GUARD_TABLE[level].heapWarnBytes < GUARD_TABLE[looser].heapWarnBytes);
    }
  });

  test('warn before they kill, and stay within what a limit can be', () => {
    for (const level of GUARD_LEVELS) {
      const { limits, heapWarnBytes } = GUARD_TABLE[level];
      assert.ok(heapWarnBytes < limits.heap && limits.heap >= HEAP_BYTES_MIN);
      assert.ok(limits.burst <= limits.cpu && limits.cpu <= limits.wall);
      for (const name of LIMIT_NAMES)
        assert.doesNotThrow(() => parseLimit(`${name}=${limits[name]}`));
    }
  });

  test('name each limit in words', () => {
    assert.deepEqual(Object.keys(LIMIT_MEANING), LIMIT_NAMES);
  });
});

describe('the limits of a run', () => {
  test("are the guard level's where nobody says anything", () => {
    const { limits, deniedNames } = mergeLimits({ base: GUARD_TABLE.high.limits });
    for (const name of LIMIT_NAMES)
      assert.deepEqual(limits[name], {
        value: GUARD_TABLE.high.limits[name],
        setBy: 'guard level',
      });
    assert.deepEqual(deniedNames, []);
  });

  test("are the host's, up or down", () => {
    const { limits } = mergeLimits({
      base: GUARD_TABLE.high.limits,
      host: { wall: 1, cpu: 1_000_000 },
    });
    assert.deepEqual(limits.wall, { value: 1, setBy: 'host' });
    assert.deepEqual(limits.cpu, { value: 1_000_000, setBy: 'host' });
  });

  test('are lowered by the caller and then by the header, never raised', () => {
    const { limits, deniedNames } = mergeLimits({
      base: GUARD_TABLE.medium.limits,
      host: { wall: 1000, cpu: 1000, idle: 1000, commands: 10 },
      caller: { wall: 500, cpu: 500, idle: 2000, burst: 10 },
      header: { wall: 100, cpu: 800, idle: 1500, burst: 10, commands: 0 },
    });
    assert.deepEqual(limits.wall, { value: 100, setBy: 'header' });
    assert.deepEqual(limits.cpu, { value: 500, setBy: 'caller' });
    assert.deepEqual(limits.idle, { value: 1000, setBy: 'host' });
    assert.deepEqual(limits.burst, { value: 10, setBy: 'caller' });
    assert.deepEqual(limits.commands, { value: 0, setBy: 'header' });
    assert.deepEqual(deniedNames, ['cpu', 'idle']);
  });

  test('are never above what guard level and host allow, and tell each wish that was denied', () => {
    const wish = fc.record(
      { wall: fc.nat(), cpu: fc.nat(), heap: fc.nat(), commands: fc.nat() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...GUARD_LEVELS),
        wish,
        wish,
        wish,
        (level, host, caller, header) => {
          const { limits, deniedNames } = mergeLimits({
            base: GUARD_TABLE[level].limits,
            host,
            caller,
            header,
          });
          const ceiling = { ...GUARD_TABLE[level].limits, ...host };
          for (const name of LIMIT_NAMES) {
            assert.ok(limits[name].value <= ceiling[name]);
            const asked = (header as Partial<typeof ceiling>)[name];
            assert.equal(
              deniedNames.includes(name),
              asked !== undefined && asked > limits[name].value,
            );
          }
        },
      ),
    );
  });
});
