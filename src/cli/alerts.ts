// Owns `corral alerts`: tries the channels that an alerts file names.

import { randomUUID } from 'node:crypto';
import { Command } from 'commander';
import type { Channel } from '../alerts/alerts-file.ts';
import { sendTo } from '../alerts/channels.ts';
import type { Alert } from '../model/alert.ts';
import { CorralError } from '../model/errors.ts';
import { safeText } from '../model/safe-text.ts';
import { readAlertsFile } from './alerts/read-file.ts';
import { paintFor } from './style.ts';

const HELP = `
An alerts file (for \`corral serve --alerts FILE\`):

  channels:
    - name: ops
      type: discord            # or slack, webhook (with a secret), alertmanager, console, file (with a path)
      url: $DISCORD_URL        # taken from that variable
      level: error             # from this level on: info, warning, error, critical
      kinds: [kill, breaker]   # all of them by default
      owners: [ann]            # macros: and owners: likewise
      cooldown: 5m             # the same trouble is told once in so long, the rest counted

Exit codes: 0 all took it · 1 one did not · 2 the file is wrong`;

/** `corral alerts`. */
export function alertsCommand(): Command {
  return new Command('alerts')
    .description('Try who is told when something goes wrong on a server.')
    .addCommand(testCommand())
    .addHelpText('after', HELP)
    .exitOverride();
}

function testCommand(): Command {
  return new Command('test')
    .description('send a test alert to every channel of a file, or to one')
    .argument('<file>', 'the alerts file')
    .option('--channel <name>', 'only this one')
    .exitOverride()
    .action(async (file: string, { channel }: { readonly channel?: string }) => {
      process.exitCode = await tryAll(await channelsOf(file, channel));
    });
}

async function channelsOf(file: string, name: string | undefined): Promise<readonly Channel[]> {
  const channels = await readAlertsFile(file);
  if (name === undefined) return channels;
  const found = channels.filter((each) => each.name === name);
  if (found.length === 0)
    throw new CorralError(
      'bad-usage',
      `There is no channel ${safeText(name, { charsMax: 60 })}; the file has ${channels.map((each) => each.name).join(', ')}.`,
    );
  return found;
}

async function tryAll(channels: readonly Channel[]): Promise<number> {
  const paint = paintFor(process.stdout);
  const { signal } = new AbortController();
  let failed = 0;
  for (const channel of channels) {
    const posted = await sendTo(channel, {
      alert: testAlert(),
      id: `corral_${randomUUID()}`,
      signal,
    });
    if (!posted.ok) failed += 1;
    const said = posted.ok ? paint('green', '✔') : paint('red', '✖');
    const why = posted.ok ? '' : `: ${safeText(posted.error)}`;
    process.stdout.write(`${said} ${channel.name} (${channel.type})${why}\n`);
  }
  return failed === 0 ? 0 : 1;
}

function testAlert(): Alert {
  return {
    ...{ fingerprint: 'test', kind: 'test', level: 'info', status: 'firing' },
    ...{ title: 'This is a test of Corral’s alerts', text: 'Nothing is wrong.' },
    ...{ macro: null, owner: null, run: null, risk: null, count: 1, time: Date.now() },
  };
}
