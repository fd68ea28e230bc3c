// `corral risk`, `corral quarantine` and `corral release`, beside runs with the same ledger.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { RECKONING } from '../../src/policy/reckoning.ts';
import { SqliteLedger } from '../../src/store/ledger.ts';
import { held, hit, macro, run } from '../store/support/notes.ts';
import { corral } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

const temp = tempDir();
after(() => temp[Symbol.dispose]());
const inTemp = (...args: string[]) => corral(args, { cwd: temp.path });

/** A folder with a ledger in its usual place. */
function known(name: string, fill: (ledger: SqliteLedger) => void) {
  const cwd = join(temp.path, name);
  mkdirSync(cwd);
  using ledger = new SqliteLedger({ dir: join(cwd, '.corral', 'ledger'), reckoning: RECKONING });
  fill(ledger);
  return (...args: string[]) => corral(args, { cwd });
}

const NOW = Date.now();
const inKnown = known('known', (ledger) => {
  for (let n = 0; n < 25; n++) ledger.noteRun(macro('patrol'), run({ at: NOW }));
  ledger.noteRun(macro('spammer'), run({ at: NOW, reason: 'stuck', staticRisk: 0.2 }));
  ledger.noteHit(macro('spammer'), hit({ at: NOW, effects: ['Other chat unreadable'] }));
  ledger.quarantine(macro('spammer'), held({ at: NOW }));
  ledger.noteRun(macro('twin', 'a', 'ann'), run({ at: NOW }));
  ledger.noteRun(macro('twin', 'b', 'bob'), run({ at: NOW }));
});

describe('a macro that runs, is held and is released', () => {
  test('is known by its run, refused while it is held, and runs again', async () => {
    writeFileSync(join(temp.path, 'hello.js'), 'return 7');
    assert.equal((await inTemp('run', 'hello.js', '--quiet')).stdout, '7\n');
    const holding = await inTemp('quarantine', 'hello', '--why', 'too\n polite');
    assert.equal(holding.code, 0, holding.stderr);
    assert.match(
      holding.stdout,
      /hello is in quarantine, by \S+: too polite\n.*corral release hello/,
    );
    const refused = await inTemp('run', 'hello.js');
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
    assert.match(
      refused.stderr,
      /✖ hello was refused \(quarantined\): it is in quarantine: \S+ put it there at .*too polite/,
    );
    const batch = join(temp.path, 'items.ndjson');
    writeFileSync(batch, '1\n');
    const many = await inTemp('run', 'hello.js', '--batch', batch);
    assert.deepEqual([many.code, many.stdout], [1, '']);
    assert.equal(many.stderr.match(/put it there/g)?.length, 1, many.stderr);
    const twice = await inTemp('quarantine', 'hello', '--why', 'again');
    assert.equal(twice.code, 2);
    assert.match(twice.stderr, /hello is in quarantine already: .* too polite/);
    const released = await inTemp('release', 'hello', '--by', 'ann', '--why', 'it is fine');
    assert.equal(released.stdout, '✔ hello is out of quarantine, by ann: it is fine\n');
    assert.equal((await inTemp('run', 'hello.js', '--quiet')).code, 0);
    const { stdout } = await inTemp('risk', 'hello');
    assert.match(stdout, /^ {2}runs +2, the last at .*: 2 completed, 2 refused$/m);
    assert.match(
      stdout.replace(/\s+/g, ' '),
      /before held at .* too polite; released at .* by ann: it is fine/,
    );
  });
});

describe('corral risk', () => {
  test('lists the riskiest first, who is held and what it did', async () => {
    const { code, stdout, stderr } = await inKnown('risk');
    assert.equal(code, 0, stderr);
    const lines = stdout.split('\n');
    assert.match(lines[0] ?? '', /^ {2}risk +macro +owner +runs +last +ends$/);
    assert.match(lines[1] ?? '', /^ {2}0\.820 high +spammer +local +1 +\S+ ago +1 stuck$/);
    assert.match(lines[2] ?? '', /^ +in quarantine by pattern:chat-spam: it spams$/);
    assert.match(lines[3] ?? '', /^ +did: Other chat unreadable$/);
    assert.match(stdout, /^ {2}0\.000 safe +patrol +local +25 +\S+ ago +25 completed$/m);
    assert.match(stdout, /^4 macros, 1 in quarantine\./m);
    assert.ok(!stdout.includes('\u001b'));
  });

  test('explains one: its score part by part, what is normal, what it did', async () => {
    const one = (await inKnown('risk', 'spammer')).stdout;
    assert.match(one, /^spammer {2}of local\n {2}risk +0\.820 high$/m);
    assert.match(one, /^ +\+0\.\d{3} {2}it was stopped for stuck \(kill:stuck\)$/m);
    assert.match(
      one,
      /^ {2}held +in quarantine by pattern:chat-spam since .* in run run-1: it spams$/m,
    );
    assert.match(one, /^ +corral release spammer --why '…'$/m);
    const named = await inKnown('risk', 'spammer', '--ledger-dir', './.corral/ledger');
    assert.match(
      named.stdout,
      /corral release spammer --ledger-dir \.\/\.corral\/ledger --why '…'$/m,
    );
    assert.match(one, /^ {2}did +Other chat unreadable \(once\)$/m);
    const calm = (await inKnown('risk', 'patrol')).stdout;
    assert.match(calm, /^ {2}normal +nine in ten of its last 25 clean runs$/m);
    assert.match(calm, /^ +commands +1 to 1 +unusual above 7$/m);
  });

  test('is JSON for programs: all of them, one, or one owner’s', async () => {
    const all = JSON.parse((await inKnown('risk', '--json')).stdout);
    assert.deepEqual(
      all.map(({ name }: { name: string }) => name),
      ['spammer', 'patrol', 'twin', 'twin'],
    );
    const one = JSON.parse((await inKnown('risk', 'spammer', '--json')).stdout);
    assert.deepEqual([one.ends, one.quarantine.by], [{ stuck: 1 }, 'pattern:chat-spam']);
    const anns = JSON.parse((await inKnown('risk', '--owner', 'ann', '--json')).stdout);
    assert.equal(anns.length, 1);
  });

  test('asks what was meant, and whose', async () => {
    const near = await inKnown('risk', 'spamer');
    assert.equal(near.code, 2);
    assert.match(near.stderr, /Nothing is known of a macro "spamer" in .*; did you mean spammer\?/);
    const far = await inKnown('release', 'x\u001b[31m', '--why', 'x');
    assert.match(far.stderr, /"x\\x1b\[31m" in .*; it knows spammer, patrol, twin/);
    const both = await inKnown('risk', 'twin');
    assert.match(both.stderr, /a macro "twin" of each of \w+, \w+; say which one with --owner/);
    assert.equal((await inKnown('risk', 'twin', '--owner', 'bob')).code, 0);
  });

  test('says that nothing is known where nothing is, and leaves no file there', async () => {
    const cwd = join(temp.path, 'empty');
    mkdirSync(cwd);
    const { code, stdout } = await corral(['risk'], { cwd });
    assert.deepEqual([code, stdout.startsWith('No macro is known in .corral/ledger')], [0, true]);
    assert.equal((await corral(['release', 'x', '--why', 'y'], { cwd })).code, 2);
    assert.equal(existsSync(join(cwd, '.corral')), false);
  });

  test('refuses a ledger that is damaged, and so does run', async () => {
    const dir = join(temp.path, 'damaged');
    mkdirSync(dir);
    writeFileSync(join(dir, 'ledger.sqlite'), 'no database'.repeat(999));
    for (const args of [['risk'], ['run', '-']]) {
      const { code, stderr } = await inTemp(...args, '--ledger-dir', dir);
      assert.equal(code, 2);
      assert.match(stderr, /^error Cannot use the ledger .*: it is damaged.*--ledger-dir/);
    }
  });
});

describe('corral quarantine and release', () => {
  test('want a reason, a macro that is known, and one that is held', async () => {
    const without = await inKnown('release', 'spammer');
    assert.equal(without.code, 2);
    assert.match(without.stderr, /required option '--why <text>' not specified/);
    const free = await inKnown('release', 'patrol', '--why', 'x');
    assert.match(free.stderr, /patrol is not in quarantine/);
    const unseen = await inKnown('quarantine', 'newcomer', '--why', 'reported');
    assert.match(unseen.stderr, /Nothing is known of a macro "newcomer"/);
    const taken = await inKnown('quarantine', 'newcomer', '--why', 'reported', '--unseen');
    assert.equal(taken.code, 0, taken.stderr);
  });

  test('say so where they cannot write', async () => {
    const file = join(temp.path, 'in-the-way');
    writeFileSync(file, '');
    const { code, stderr } = await inTemp(
      ...['quarantine', 'm', '--unseen', '--why', 'x', '--ledger-dir', join(file, 'ledger')],
    );
    assert.equal(code, 2);
    assert.match(stderr, /kept in memory only: cannot write .*in-the-way/);
  });
});

test('a run whose ledger cannot be written warns, and runs', async () => {
  const file = join(temp.path, 'also-in-the-way');
  writeFileSync(file, '');
  const { code, stdout, stderr } = await corral(
    ['run', '-', '--ledger-dir', join(file, 'ledger')],
    { cwd: temp.path, stdin: 'return 3' },
  );
  assert.deepEqual([code, stdout], [0, '3\n']);
  assert.equal(stderr.match(/What is learned of macros is kept in memory only/g)?.length, 1);
});

describe('where the ledger is', () => {
  test('goes by the configuration, for runs and for whoever looks; a flag is stronger', async () => {
    const cwd = join(temp.path, 'configured');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'corral.yaml'), 'ledger: { dir: known }\n');
    const at = (...args: string[]) => corral(args, { cwd, stdin: 'return 1' });
    assert.equal((await at('run', '-', '--quiet')).code, 0);
    assert.ok(existsSync(join(cwd, 'known', 'ledger.sqlite')));
    assert.match((await at('risk')).stdout, /1 macro\./);
    assert.match((await at('risk', '--ledger-dir', 'other')).stdout, /No macro is known in other/);
  });

  test('has to be said where none is kept', async () => {
    const cwd = join(temp.path, 'unkept');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'corral.yaml'), 'ledger: { dir: none }\n');
    assert.equal((await corral(['run', '-', '--quiet'], { cwd, stdin: 'return 1' })).code, 0);
    assert.ok(!existsSync(join(cwd, '.corral', 'ledger')));
    const { code, stderr } = await corral(['risk'], { cwd });
    assert.equal(code, 2);
    assert.match(stderr, /^error No ledger is kept: .*`ledger\.dir: none`.*--ledger-dir/);
  });
});
