import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { toDiscordText, toPlainText } from '../../src/alerts/alert-text.ts';
import { Alerts } from '../../src/alerts/alerts.ts';
import { type Channel, parseAlertsFile } from '../../src/alerts/alerts-file.ts';
import { sendTo } from '../../src/alerts/channels.ts';
import { isPrivateAddress } from '../../src/alerts/post.ts';
import { toAlert } from '../../src/alerts/to-alert.ts';
import type { Alert } from '../../src/model/alert.ts';
import type { FeedPayload } from '../../src/model/feed.ts';
import { History } from '../../src/store/history/history.ts';
import { corral } from '../support/cli.ts';
import { askAt, startServer } from '../support/server.ts';
import { tempDir } from '../support/temp.ts';
import { Remote } from './support/remote.ts';

const SECRET = `whsec_${Buffer.from('a secret of two dozen bytes').toString('base64')}`;
const { signal } = new AbortController();

function alertOf(more: Partial<Alert> = {}): Alert {
  return {
    ...{ fingerprint: 'f', kind: 'kill', level: 'error', status: 'firing' },
    ...{ title: 'duel ended: cpu-limit', text: '', macro: 'duel', owner: 'ann', run: null },
    ...{ risk: 0.5, count: 1, time: 1_700_000_000_000 },
    ...more,
  } as Alert;
}

function channel(more: object): Channel {
  const [made] = parseAlertsFile(
    JSON.stringify({ channels: [{ name: 'c', allowPrivate: true, ...more }] }),
    'alerts.yaml',
    {},
  );
  return made as Channel;
}

describe('channels', () => {
  const NASTY = '@everyone <@123> <!here> [x](https://evil.example) **b** `c`\n@here \u202e';

  test('Discord is told without mentions, markup or links of an author’s', async () => {
    await using remote = await Remote.start();
    const to = channel({ type: 'discord', url: `${remote.url}/api/webhooks/1/x` });
    const posted = await sendTo(to, { alert: alertOf({ title: NASTY }), id: 'i', signal });
    assert.deepEqual(posted, { ok: true, pauseMs: 0 });
    const [{ body, path } = assert.fail()] = remote.received;
    assert.equal(path, '/api/webhooks/1/x');
    assert.deepEqual(body.allowed_mentions, { parse: [] });
    assert.doesNotMatch(body.content, /@everyone|@here|<|:\/\/|(?<!\\)[*`[\]]|\u202e/);
    assert.ok(body.content.length <= 2_000);
  });

  test('Slack is told in plain text', async () => {
    await using remote = await Remote.start();
    const to = channel({ type: 'slack', url: remote.url });
    await sendTo(to, { alert: alertOf({ title: NASTY.repeat(50) }), id: 'i', signal });
    const { text, mrkdwn, blocks } = remote.received[0]?.body ?? assert.fail();
    assert.equal(mrkdwn, false);
    assert.doesNotMatch(text, /<|>|@everyone|:\/\//);
    assert.doesNotMatch(blocks[0].text.text, /<!|@here|:\/\//);
    assert.equal(blocks[0].text.type, 'plain_text');
    assert.ok(blocks[0].text.text.length <= 3_000);
  });

  test('a webhook is signed as Standard Webhooks asks for', async () => {
    await using remote = await Remote.start();
    const to = channel({ type: 'webhook', url: remote.url, secret: SECRET });
    await sendTo(to, { alert: alertOf(), id: 'msg_1', signal });
    const { headers, raw, body } = remote.received[0] ?? assert.fail();
    const time = headers['webhook-timestamp'];
    const key = Buffer.from(SECRET.slice(6), 'base64');
    const hash = createHmac('sha256', key).update(`msg_1.${time}.${raw}`).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${hash}`);
    assert.ok(Math.abs(Number(time) * 1000 - Date.now()) < 600_000);
    assert.deepEqual([body.type, body.data.macro], ['corral.kill', 'duel']);
  });

  test('Alertmanager is told what began and what is over, under the same labels', async () => {
    await using remote = await Remote.start();
    const to = channel({ type: 'alertmanager', url: `${remote.url}/am/` });
    const nasty = { title: NASTY, macro: NASTY.slice(0, 40) };
    await sendTo(to, { alert: alertOf(nasty), id: 'i', signal });
    await sendTo(to, { alert: alertOf({ ...nasty, status: 'resolved' }), id: 'i', signal });
    const [
      {
        path,
        body: [began],
      } = assert.fail(),
      {
        body: [over],
      } = assert.fail(),
    ] = remote.received;
    assert.equal(path, '/am/api/v2/alerts');
    assert.deepEqual(began.labels, over.labels);
    assert.equal(began.labels.alertname, 'Corral_kill');
    // What it hands on may be made into a page or a message.
    assert.doesNotMatch(JSON.stringify(began), /<|@everyone|@here|:\/\//);
    assert.ok(began.startsAt && !began.endsAt && over.endsAt);
  });

  test('a file gets a line each, and is begun anew when it is full', async () => {
    using dir = tempDir();
    const path = join(mkdtempSync(join(dir.path, 'x')), 'alerts.log');
    const to = channel({ type: 'file', path, allowPrivate: undefined });
    writeFileSync(path, ' '.repeat(11 * 1024 * 1024));
    await sendTo(to, { alert: alertOf(), id: 'i', signal });
    await sendTo(to, { alert: alertOf({ title: 'a\nb' }), id: 'i', signal });
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).title),
      ['duel ended: cpu-limit', 'a\nb'],
    );
    assert.ok(readFileSync(`${path}.1`, 'utf8').length > 10_000_000);
  });

  test('no address within the machine or its network is written to unless that is meant', async () => {
    await using remote = await Remote.start();
    const { port } = new URL(remote.url);
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0x7f.1',
      '10.0.0.1',
    ]) {
      const to = channel({ type: 'slack', url: `http://${host}:${port}`, allowPrivate: false });
      const posted = await sendTo(to, { alert: alertOf(), id: 'i', signal });
      assert.ok(!posted.ok && !posted.isWorthRetrying, host);
      assert.match(posted.error, /of this machine or its network/);
    }
    assert.equal(remote.received.length, 0);
    for (const address of [
      '169.254.169.254',
      '192.168.1.1',
      'fe80::1',
      'fd00::1',
      '::ffff:10.0.0.1',
    ])
      assert.ok(isPrivateAddress(address), address);
    const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
    assert.ok(own.length > 0);
    for (const { address } of own) assert.ok(isPrivateAddress(address), address);
    for (const address of ['1.1.1.1', '2606:4700:4700::1111'])
      assert.ok(!isPrivateAddress(address));
  });

  test('a redirect is not followed', async () => {
    await using other = await Remote.start();
    await using remote = await Remote.start({ status: 302, headers: { location: other.url } });
    const posted = await sendTo(channel({ type: 'slack', url: remote.url }), {
      alert: alertOf(),
      id: 'i',
      signal,
    });
    assert.ok(!posted.ok && !posted.isWorthRetrying);
    assert.equal(other.received.length, 0);
  });
});

describe('alerts on their way', () => {
  const open = (history: History, to: Channel, problems: string[] = []): Alerts =>
    new Alerts({
      channels: [to],
      outbox: history.outbox,
      onProblem: (_channel, message) => problems.push(message),
      firstMs: 5,
    });
  const inMemory = () =>
    new History({ dir: null, onFailed: (error) => assert.fail(String(error)) });

  test('are tried again until the other side takes them, and as late as it says', async () => {
    await using remote = await Remote.start(
      { status: 500 },
      { status: 429, headers: { 'retry-after': '9' }, body: '{"retry_after":0.2}' },
    );
    await using history = inMemory();
    const problems: string[] = [];
    await using alerts = open(history, channel({ type: 'discord', url: remote.url }), problems);
    alerts.raise(alertOf());
    alerts.raise(alertOf({ fingerprint: 'other', title: 'other' }));
    const received = await remote.until(4);
    // The first, the other one meanwhile, and after the pause both again: nothing came within it.
    assert.equal(received.length, 4);
    await waitFor(() => history.outbox.count('c') === 0);
    assert.match(problems[0] ?? '', /not be delivered yet: answered with status 500/);
  });

  test('wait where the other side has no more room for now', async () => {
    const empty = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '0.3' };
    await using remote = await Remote.start({ status: 204, headers: empty });
    await using history = inMemory();
    await using alerts = open(history, channel({ type: 'discord', url: remote.url }));
    alerts.raise(alertOf());
    alerts.raise(alertOf({ fingerprint: 'other' }));
    await remote.until(1);
    const at = performance.now();
    await remote.until(2);
    assert.ok(performance.now() - at >= 250, 'not before it said');
  });

  test('are given up where trying again does not help', async () => {
    await using remote = await Remote.start({ status: 404 });
    await using history = inMemory();
    const problems: string[] = [];
    await using alerts = open(history, channel({ type: 'slack', url: remote.url }), problems);
    alerts.raise(alertOf());
    await remote.until(1);
    await waitFor(() => history.outbox.count('c') === 0);
    assert.match(problems[0] ?? '', /given up: answered with status 404/);
  });

  test('outlive the process: what was not delivered waits for the next one', async () => {
    using dir = tempDir();
    const to = { dir: dir.path, onFailed: (error: unknown) => assert.fail(String(error)) };
    {
      await using down = await Remote.start({ status: 503 });
      await using history = new History(to);
      await using alerts = open(history, channel({ type: 'slack', url: down.url }));
      alerts.raise(alertOf({ title: 'kept' }));
      await down.until(1);
    }
    await using remote = await Remote.start();
    await using history = new History(to);
    await using _alerts = open(history, channel({ type: 'slack', url: remote.url }));
    const [{ body } = assert.fail()] = await remote.until(1);
    assert.match(body.text, /kept/);
  });

  test('of the same trouble are told once, counted, and told to be over', async () => {
    await using remote = await Remote.start();
    await using history = inMemory();
    const to = channel({ type: 'webhook', url: remote.url, secret: SECRET, cooldown: '200ms' });
    await using alerts = open(history, to);
    for (let n = 0; n < 5; n++) alerts.raise(alertOf());
    alerts.raise(alertOf({ fingerprint: 'never told', status: 'resolved' }));
    await remote.until(2);
    alerts.raise(alertOf({ status: 'resolved' }));
    const received = await remote.until(3);
    assert.deepEqual(
      received.map(({ body: { data } }) => [data.status, data.count]),
      [
        ['firing', 1],
        ['firing', 4],
        ['resolved', 1],
      ],
    );
  });

  test('arrive though the clock is set back by a day, and no later than without', async (context) => {
    await using remote = await Remote.start({ status: 500 });
    await using history = inMemory();
    const to = channel({ type: 'webhook', url: remote.url, secret: SECRET, cooldown: '100ms' });
    await using alerts = open(history, to);
    alerts.raise(alertOf());
    await remote.until(1);
    const { now } = Date;
    context.mock.method(Date, 'now', () => now() - 24 * 3_600_000);
    await remote.until(2);
    // The same trouble again, within what the clock says is the pause after it.
    alerts.raise(alertOf());
    const received = await remote.until(3);
    assert.deepEqual(
      received.map(({ body: { data } }) => data.count),
      [1, 1, 1],
    );
  });

  test('outlast an hour in which the other side is down, and arrive once each when it is back', async (context) => {
    await using remote = await Remote.start();
    remote.usual = { status: 503 };
    await using history = inMemory();
    const problems: string[] = [];
    context.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.now() });
    await using alerts = new Alerts({
      channels: [channel({ type: 'discord', url: remote.url })],
      outbox: history.outbox,
      onProblem: (_channel, message) => problems.push(message),
    });
    const isDue = () => (history.outbox.first('c')?.nextAt ?? Infinity) <= Date.now();
    const minute = async () => {
      // What has just been raised sets its timer within this turn.
      await new Promise(setImmediate);
      context.mock.timers.tick(60_000);
      // What is due is tried over a real connection, whose time is real.
      for (; isDue(); context.signal.throwIfAborted()) await new Promise(setImmediate);
    };
    const titles = Array.from({ length: 5 }, (_, n) => `trouble ${n}`);
    for (const title of titles) {
      alerts.raise(alertOf({ fingerprint: title, title }));
      await minute();
    }
    for (let n = titles.length; n < 60; n++) await minute();
    const tries = remote.received.length;
    assert.ok(tries > titles.length && tries < 20 * titles.length, `it was asked ${tries} times`);
    assert.equal(history.outbox.count('c'), titles.length);
    // The log is told once of each, not at every try.
    assert.equal(problems.length, titles.length, problems.join('\n'));
    remote.usual = { status: 204 };
    // The longest wait is 10 minutes, and a quarter of that more or less.
    for (let n = 0; n < 13; n++) await minute();
    const arrived = remote.received.slice(tries).map(({ body }) => String(body.content));
    assert.equal(arrived.length, titles.length);
    for (const title of titles)
      assert.ok(
        arrived.some((text) => text.includes(title)),
        title,
      );
    assert.equal(history.outbox.count('c'), 0);
  });

  test('go only to whom they are for', async () => {
    await using remote = await Remote.start();
    await using history = inMemory();
    const only = { level: 'error', kinds: ['kill'], owners: ['ann'], risk: 'medium' };
    const to = channel({ type: 'slack', url: remote.url, cooldown: '0ms', ...only });
    await using alerts = open(history, to);
    alerts.raise(alertOf({ level: 'warning', title: 'no' }));
    alerts.raise(alertOf({ kind: 'load', title: 'no' }));
    alerts.raise(alertOf({ owner: 'bob', title: 'no' }));
    alerts.raise(alertOf({ risk: 0.29, title: 'no' }));
    alerts.raise(alertOf({ title: 'yes' }));
    alerts.raise(alertOf({ risk: null, title: 'yes, for it may be high' }));
    const told = await remote.until(2);
    for (const { body } of told) assert.match(body.text, /yes/);
    await waitFor(() => history.outbox.count('c') === 0);
    assert.equal(remote.received.length, 2);
  });
});

describe('which events are alerts', () => {
  const whose = { runId: 'r', macro: 'm', owner: 'o' };
  const of = (payload: FeedPayload) => toAlert({ ...payload, id: 1, time: 2 });

  test('kills are, and other ends are not', () => {
    const end = (reason: 'cpu-limit' | 'completed' | 'failed' | 'cancelled') =>
      of({ type: 'run', ...whose, state: 'ended', reason, risk: 0.7 });
    const { kind, level, risk } = end('cpu-limit') ?? assert.fail();
    assert.deepEqual([kind, level, risk], ['kill', 'error', 0.7]);
    for (const reason of ['completed', 'failed', 'cancelled'] as const)
      assert.equal(end(reason), null);
    assert.equal(of({ type: 'run', ...whose, state: 'running', reason: null, risk: null }), null);
  });

  test('a kill says what happened and where, and nothing an author wrote mentions anybody', () => {
    const message = 'it used 1.2 s of CPU; the limit is 1s (@everyone <b>.js:3)';
    const event = { ...whose, state: 'ended', reason: 'cpu-limit', risk: 0, message } as const;
    const alert = of({ type: 'run', ...event }) ?? assert.fail();
    assert.equal(alert.text, message);
    assert.match(toDiscordText(toPlainText(alert)), /1\.2 s of CPU; the limit is 1s/);
    assert.doesNotMatch(toDiscordText(toPlainText(alert)), /@everyone|<b>/);
  });

  test('what is over has the fingerprint of what began', () => {
    const pull = (active: boolean) => of({ type: 'emergency', active, by: 'a', why: 'b' });
    assert.equal(pull(true)?.fingerprint, pull(false)?.fingerprint);
    assert.deepEqual([pull(true)?.status, pull(false)?.status], ['firing', 'resolved']);
    assert.equal(pull(true)?.level, 'critical');
  });
});

describe('the alerts file', () => {
  test('says line by line what is wrong with it', () => {
    const read = (text: string, env = {}) => parseAlertsFile(text, 'a.yaml', env);
    const slack = 'channels:\n  - name: a\n    type: slack\n';
    assert.throws(() => read(`${slack}    url: nonsense\n`), /a\.yaml, line 4: .*address/);
    assert.throws(() => read(`${slack}    url: http://a\n    odd: 1\n`), /line 5: .*odd/);
    assert.throws(() => read('channels: []\n'), /a\.yaml/);
    assert.throws(() => read(`${slack}    url: $NONE\n`), /variable NONE is not set/);
    const [made] = read(`${slack}    url: $SOME\n`, { SOME: 'https://hooks.example/x' });
    assert.ok(made?.type === 'slack' && made.url === 'https://hooks.example/x');
    assert.equal(made.cooldown, '5m');
  });
});

describe('corral', () => {
  test('alerts test says of each channel whether it took it', async () => {
    using dir = tempDir();
    await using remote = await Remote.start({ status: 204 }, { status: 401 });
    const file = join(dir.path, 'alerts.yaml');
    const entry = (name: string) => ({ name, type: 'slack', url: remote.url, allowPrivate: true });
    writeFileSync(file, JSON.stringify({ channels: [entry('good'), entry('bad')] }));
    const { code, stdout } = await corral(['alerts', 'test', file]);
    assert.equal(code, 1);
    assert.equal(stdout, '✔ good (slack)\n✖ bad (slack): answered with status 401\n');
    assert.match(remote.received[0]?.body.text, /test of Corral/);
    const none = await corral(['alerts', 'test', file, '--channel', 'none']);
    assert.equal(none.code, 2);
  });

  test('serve tells Discord of a macro that was stopped', async () => {
    using dir = tempDir();
    await using remote = await Remote.start();
    const file = join(dir.path, 'alerts.yaml');
    const discord = { name: 'ops', type: 'discord', url: remote.url, allowPrivate: true };
    writeFileSync(file, JSON.stringify({ channels: [discord] }));
    await using server = await startServer(dir.path, ['--alerts', file]);
    const body = { source: 'while (true);', lint: false, limits: { cpu: '50ms' }, file: 'spin.js' };
    await askAt(`${server.url}/api/runs?wait=60000`, { body });
    // It may have to tell of the machine too.
    const isTold = () =>
      remote.received.some(({ body: { content } }) => /spin ended: cpu\\-limit/.test(content));
    for (let count = 1; !isTold(); count++) await remote.until(count);
    assert.equal(await server.end('SIGTERM'), 0);
  });
});

async function waitFor(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}
