// Owns one probe: what it knocks at is opened here, it is started as a worker is, and what it tells is checked.

import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CorralError } from '../../model/errors.ts';
import { type KnockOrder, ProbeReport } from '../../model/probe.ts';
import { toWorkerProgram } from '../worker-program.ts';
import { Launched } from './launch.ts';

/** A probe that has not told by then is broken (ms); all its attempts have ends of their own. */
const TELL_MS = 60_000;
const REPORT_CHARS_MAX = 256 * 1024;

/** Sends a probe; `isNative` without Node's permission model, as code that V8 does not hold would be. */
export async function sendProbe(isNative: boolean): Promise<ProbeReport> {
  await using knocks = await openKnocks();
  const launched = new Launched(
    toWorkerProgram('probe', [JSON.stringify(knocks.order)], { isNative }),
  );
  const timer = setTimeout(() => launched.kill(), TELL_MS);
  let errors = '';
  launched.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  try {
    const [text] = await Promise.all([readAll(launched), ended(launched)]);
    return knocks.heard(ProbeReport.parse(JSON.parse(text)));
  } catch (error) {
    throw new CorralError('worker-start', `The probe of the walls told nothing: ${errors.trim()}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    launched.kill();
  }
}

async function ended({ child }: Launched): Promise<void> {
  await once(child, 'closed');
}

async function readAll({ channel }: Launched): Promise<string> {
  let text = '';
  for await (const chunk of channel.setEncoding('utf8')) {
    text += chunk;
    if (text.length > REPORT_CHARS_MAX) throw new Error('too long');
  }
  return text;
}

/** What a probe is told, and what was heard of it at the ports it was to knock at. */
interface Knocks extends AsyncDisposable {
  readonly order: KnockOrder;
  /** Sets right what the probe cannot know: a packet it could send may have arrived nowhere. */
  heard(report: ProbeReport): ProbeReport;
}

/** An order, with the ports in it open until it is disposed of, and the files in it gone afterwards. */
async function openKnocks(): Promise<Knocks> {
  let isUdpHeard = false;
  const tcp = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  const udp = createSocket('udp4', () => {
    isUdpHeard = true;
  }).bind(0, '127.0.0.1');
  await Promise.all([once(tcp, 'listening'), once(udp, 'listening')]);
  const name = `corral-doctor-${randomBytes(6).toString('hex')}`;
  const order: KnockOrder = {
    mode: 'try',
    home: homedir(),
    temp: join(tmpdir(), name),
    own: fileURLToPath(new URL(`../../${name}`, import.meta.url)),
    root: `/${name}`,
    tcpPort: (tcp.address() as AddressInfo).port,
    udpPort: udp.address().port,
    pid: process.pid,
  };
  return {
    order,
    heard: (report) => ({
      ...report,
      attempts: report.attempts.map((attempt) => {
        if (attempt.id !== 'send-udp' || !attempt.done || isUdpHeard) return attempt;
        return { ...attempt, done: false, detail: 'it arrived nowhere' };
      }),
    }),
    async [Symbol.asyncDispose]() {
      tcp.close();
      udp.close();
      for (const file of [order.temp, order.own, order.root]) rmSync(file, { force: true });
    },
  };
}
