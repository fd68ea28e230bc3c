import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { corral } from '../support/cli.ts';
import { sampleDump, samplePath } from '../support/dumps.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
const inspect = (...args: string[]) => corral(['inspect', ...args], { cwd: temp.path });

/** Writes a file into the temporary folder and gives its path. */
function file(name: string, text: string | Buffer): string {
  const path = join(temp.path, name);
  writeFileSync(path, text);
  return path;
}

describe('corral inspect', () => {
  test('shows the summary: what happened, where, what to try', async () => {
    const { code, stdout, stderr } = await inspect(samplePath('cpu-limit'));
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.match(stdout, /^walk was stopped: cpu-limit\n/);
    assert.match(stdout, /> 13 \| {3}while \(true\) \{\n +\| +\^\n/);
    assert.match(stdout, /What to try\n/);
    assert.ok(stdout.includes(`corral inspect ${samplePath('cpu-limit')} --stack`));
  });

  test('shows each part that is asked for, under its name when there are several', async () => {
    const dump = samplePath('heap-limit');
    const { code, stdout } = await inspect(
      dump,
      '--logs',
      '--stack',
      '--samples',
      '--commands',
      '--source',
      '--ast',
    );
    assert.equal(code, 0);
    const headings = [
      ...stdout.matchAll(/(?:^|\n\n)(stack|samples|commands|logs|source|ast)\n\n/g),
    ];
    assert.deepEqual(
      headings.map(([, name]) => name),
      ['stack', 'samples', 'commands', 'logs', 'source', 'ast'],
    );
    const alone = await inspect(dump, '--logs');
    assert.match(alone.stdout, /^ +\d+ms {2}info {2}round 0 1\n/);
  });

  test('--export gives parts to other programs, and says what a dump does not have', async () => {
    const at = { functionName: 'f', scriptId: '1', url: 'a.js', lineNumber: 0, columnNumber: 0 };
    const profile = {
      nodes: [{ id: 1, callFrame: at, hitCount: 1, children: [] }],
      startTime: 0,
      endTime: 5,
      samples: [1],
      timeDeltas: [5],
    };
    const hotLines = [{ functionName: 'f', file: 'a.js', line: 13, hits: 9, share: 0.9 }];
    const path = file('p.json', JSON.stringify(sampleDump('cpu-limit', { profile, hotLines })));
    const cpu = await inspect(path, '--export', 'cpuprofile');
    assert.deepEqual([cpu.code, JSON.parse(cpu.stdout)], [0, profile]);
    const csv = (await inspect(path, '--export', 'csv')).stdout.split('\n');
    assert.equal(csv[0], 'at,heapUsed,heapTotal,external,rss,cpuMs,collection');
    assert.match(csv[1] ?? '', /^[\d.]+(,[\d.]+){5},(v8|corral)?$/);
    const ast = JSON.parse((await inspect(path, '--export', 'ast')).stdout) as { type: string };
    assert.equal(ast.type, 'Program');
    const none = await inspect(path, '--export', 'heapprofile');
    assert.deepEqual([none.code, none.stdout], [2, '']);
    assert.match(none.stderr, /has no heap profile/);
    const both = await inspect(path, '--export', 'csv', '--json');
    assert.equal(both.code, 2);
    const table = (await inspect(path, '--profile')).stdout;
    assert.match(table, / 90% █+ +line 13 +f +while \(true\) \{/);
    assert.match(table, /its allocations were not noted/);
  });

  test('finds nodes of the tree by type, by line and by a selector, as JSON too', async () => {
    const dump = samplePath('cpu-limit');
    const byType = await inspect(dump, '--type', 'WhileStatement,ForStatement');
    assert.match(byType.stdout, /^13:3 +WhileStatement {2}while \(true\) \{ …\n1 node\n$/);
    const byLine = await inspect(dump, '--line', '13', '--type', 'Literal');
    assert.match(byLine.stdout, /^13:10 +Literal {2}true\n1 node\n$/);
    const byQuery = await inspect(dump, '--query', 'WhileStatement > Literal', '--json');
    const found = JSON.parse(byQuery.stdout) as { type: string; line: number; text: string }[];
    assert.deepEqual(
      found.map(({ type, line, text }) => [type, line, text]),
      [['Literal', 13, 'true']],
    );
    const none = await inspect(dump, '--line', '9999');
    assert.deepEqual([none.code, none.stdout], [0, 'no node of the tree fits\n']);
  });

  test('--timeline shows the commands over time', async () => {
    const { stdout } = await inspect(samplePath('heap-limit'), '--timeline');
    assert.match(stdout, /^chat\.say {2,}[·\d#]+ {2}×26\n/);
    assert.match(stdout, /\nheap +[▁▂▃▄▅▆▇█]+ {2}[\d.]+mb\n/);
    assert.match(stdout, /\n26 of 27 commands came back · /);
  });

  test('--diff holds two dumps against each other, the older one first', async () => {
    const text = readFileSync(samplePath('cpu-limit'), 'utf8');
    const json = JSON.parse(text) as { source: string; statistics: { cpuMs: number } };
    const later = file(
      'later.json',
      JSON.stringify({
        ...json,
        endedAt: '2099-01-01T00:00:00.000Z',
        source: json.source.replace('while (true)', 'while (1)'),
        statistics: { ...json.statistics, cpuMs: json.statistics.cpuMs * 2 },
      }),
    );
    const told = await inspect(later, '--diff', samplePath('cpu-limit'));
    assert.equal(told.code, 0, told.stderr);
    assert.match(told.stdout, /^not the same trouble/);
    assert.match(told.stdout, /\n {2}CPU .*\+100%\n/);
    assert.match(told.stdout, /\n {2}- {2}while \(true\) \{\n {2}\+ {2}while \(1\) \{\n/);
    const same = await inspect('--diff', samplePath('cpu-limit'), samplePath('cpu-limit'));
    assert.match(same.stdout, /^the same trouble: the same reason at the same code\n/);
    const other = await inspect('--diff', samplePath('stuck'), samplePath('failed'), '--json');
    assert.equal((JSON.parse(other.stdout) as { isSameMacro: boolean }).isSameMacro, false);
  });

  test('--group tells the troubles of a folder, the frequent first, and what it could not open', async () => {
    const folder = join(temp.path, 'many');
    mkdirSync(folder);
    const put = (stamp: string, text: string) =>
      writeFileSync(join(folder, `corral-crash-dump-${stamp}.json`), text);
    const cpu = readFileSync(samplePath('cpu-limit'), 'utf8');
    put('20260101-000000-one', readFileSync(samplePath('failed'), 'utf8'));
    put('20260102-000000-two', cpu);
    put('20260103-000000-three', cpu);
    put('20260104-000000-four', cpu.slice(0, 500));
    const { code, stdout } = await inspect(folder, '--group');
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^×2 {2}cpu-limit {2}walk {2}line 13 in walk {2}[0-9a-f]{8}\n {4}while \(true\) \{\n/,
    );
    assert.match(stdout, /\n×1 {2}failed TypeError/);
    assert.match(
      stdout,
      /\n3 dumps, 2 kinds of trouble\nnot opened: .*-four\.json: it ends too early/,
    );
    const json = JSON.parse((await inspect(folder, '--group', '--json')).stdout) as {
      groups: { count: number; newest: string }[];
    };
    assert.match(json.groups[0]?.newest ?? '', /20260103-000000-three\.json$/);
  });

  for (const [args, told] of [
    [['--query', 'CallExpression['], /Cannot read the selector "CallExpression\["/],
    [['--query', ' '], /write a selector/],
    [['--type', 'while'], /write types of nodes/],
    [['--line', '0'], /write a line number, from 1/],
    [['--diff', 'none.json'], /none\.json: there is no such file/],
    [['--diff'], /argument missing/],
    [['--group', '--ast'], /cannot be used with/],
    [['--group'], /is no folder/],
    [['--timeline', '--json'], /cannot be used with/],
    [['--export', 'pdf'], /Allowed choices are/],
  ] as const)
    test(`${args.join(' ')} is wrong, and says how it is right`, async () => {
      const { code, stdout, stderr } = await inspect(samplePath('cpu-limit'), ...args);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
      assert.match(stderr, told);
    });

  test('--diff with one dump says that it takes two', async () => {
    const { code, stderr } = await inspect('--diff', samplePath('cpu-limit'));
    assert.equal(code, 2);
    assert.match(stderr, /--diff takes two dumps: corral inspect --diff BEFORE AFTER/);
  });

  test('--depth opens so many levels of the tree besides the way to the end', async () => {
    const dump = samplePath('cpu-limit');
    const shallow = (await inspect(dump, '--ast', '--depth', '1')).stdout;
    const deep = (await inspect(dump, '--ast', '--depth', '20')).stdout;
    assert.match(shallow, /WhileStatement {2}13:3 .*◀ it ended here/);
    assert.match(shallow, /… \d+ more inside/);
    assert.doesNotMatch(deep, /more inside/);
    assert.ok(shallow.split('\n').length < deep.split('\n').length);
    for (const wrong of ['0', '-1', 'many', '501'])
      assert.equal((await inspect(dump, '--ast', '--depth', wrong)).code, 2);
  });

  test('--json prints the whole dump, and nothing else goes with it', async () => {
    const { code, stdout } = await inspect(samplePath('failed'), '--json');
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(sampleDump('failed'))));
    assert.equal((await inspect(samplePath('failed'), '--json', '--ast')).code, 2);
  });

  test('takes a folder for its newest dump, and a summary for the dump beside it', async () => {
    const dir = join(temp.path, '.corral/dumps');
    mkdirSync(dir, { recursive: true });
    copyFileSync(samplePath('failed'), join(dir, 'corral-crash-dump-20250101-000000-aaa.json'));
    copyFileSync(samplePath('stuck'), join(dir, 'corral-crash-dump-20260101-000000-aaa.json'));
    assert.match((await inspect(dir)).stdout, /^fill was stopped/);
    assert.match((await inspect()).stdout, /^fill was stopped/);
    const summary = join(dir, 'corral-crash-summary-20250101-000000-aaa.txt');
    assert.match((await inspect(summary)).stdout, /^price failed/);
  });

  test('opens a dump of a newer Corral, and keeps what it does not know', async () => {
    const newer = {
      ...sampleDump('failed'),
      schemaVersion: 9,
      reason: 'new-reason',
      status: 'killed',
      moon: { phase: 3 },
    };
    const path = file('newer.json', JSON.stringify(newer));
    const { stdout, stderr } = await inspect(path);
    assert.match(stdout, /^price was stopped: new-reason\n/);
    assert.match(stderr, /^warning .*newer\.json: it was written by a newer Corral/);
    assert.deepEqual(JSON.parse((await inspect(path, '--json')).stdout).moon, { phase: 3 });
  });

  test('paints nothing in a pipe, and never lets a macro paint', async () => {
    const dump = sampleDump('failed');
    const text = '\u001b[31mred\u001b[0m\u202eevil';
    const hostile = {
      ...dump,
      macro: { ...dump.macro, name: text },
      logs: [{ at: 1, level: 'info', text }],
      source: text,
      ast: { type: text, start: 0, end: 5, name: text },
    };
    const path = file('hostile.json', JSON.stringify(hostile));
    for (const flags of [[], ['--logs', '--source', '--ast', '--stack'], ['--json']]) {
      const { code, stdout } = await inspect(path, ...flags);
      assert.equal(code, 0);
      assert.ok(!stdout.includes('\u001b') && !stdout.includes('\u202e'));
    }
  });
});

describe('corral inspect ends with 2 and names what is wrong with', () => {
  const text = readFileSync(samplePath('failed'), 'utf8');
  const cases: readonly (readonly [string, () => string, RegExp])[] = [
    [
      'a file that is not there',
      () => join(temp.path, 'none.json'),
      /none\.json: there is no such file/,
    ],
    ['an empty file', () => file('empty.json', ''), /empty\.json: it is empty/],
    [
      'a dump that was cut off',
      () => file('cut.json', text.slice(0, 900)),
      /it ends too early, in line 1/,
    ],
    [
      'a file that is not JSON',
      () => file('text.json', 'What a day.'),
      /it is not JSON from line 1 on/,
    ],
    [
      'a token in the middle that is none',
      () => file('token.json', text.replace('"macro":', '\n"macro":oops')),
      /it is not JSON from line 2 on/,
    ],
    [
      'JSON that is no dump',
      () => file('foreign.json', '{"name":"corral"}'),
      /it is JSON, but no crash dump/,
    ],
    [
      'a damaged field',
      () =>
        file(
          'field.json',
          text.replace(/"statistics":\{"durationMs":[\d.]+/, '"statistics":{"durationMs":"long"'),
        ),
      /its field statistics\.durationMs is damaged/,
    ],
    [
      'a file that is not UTF-8',
      () => file('latin1.json', Buffer.from('{"name":"Zoë"}', 'latin1')),
      /it is not UTF-8/,
    ],
    [
      'a folder without dumps',
      () => join(temp.path, 'bare'),
      /no crash dump in the folder .*bare \(a file corral-crash-dump-….json\); name/,
    ],
    [
      'a pipe that nobody writes into',
      () => {
        execFileSync('mkfifo', [join(temp.path, 'fifo')]);
        return join(temp.path, 'fifo');
      },
      /fifo: it is no regular file/,
    ],
    [
      'links that lead round in a circle',
      () => {
        symlinkSync('round', join(temp.path, 'round'));
        return join(temp.path, 'round');
      },
      /round: its links lead round in a circle/,
    ],
  ];
  mkdirSync(join(temp.path, 'bare'));
  for (const [name, path, expected] of cases) {
    test(name, async () => {
      const { code, stdout, stderr } = await inspect(path());
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
      assert.match(stderr, expected);
    });
  }
});
