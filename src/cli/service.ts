// Owns `corral service`: writes the systemd unit by which a machine keeps a server running.

import { existsSync, realpathSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { toSystemReason } from '../model/errno.ts';
import { CorralError } from '../model/errors.ts';
import { safeText } from '../model/safe-text.ts';
import { toPort } from './run/flags.ts';
import { DEFAULT_PORT } from './serve/address.ts';
import { toUnit } from './service/unit.ts';

interface Flags {
  readonly print?: boolean;
  readonly force?: boolean;
  readonly to: string;
  readonly port: number;
  readonly config?: string;
  readonly alerts?: string;
  readonly memoryMax: string;
}

const HELP = `
The service runs as a user of its own that owns nothing but /var/lib/corral, is restarted when it fails or falls silent, and
may use no more memory than --memory-max, its workers included.

Examples:
  corral service install --print
  sudo corral service install --config /etc/corral.yaml && sudo systemctl enable --now corral

Exit codes: 0 written or shown · 2 it cannot be written`;

/** `corral service`. */
export function serviceCommand(): Command {
  return new Command('service')
    .description('Install `corral serve` as a service of systemd.')
    .addCommand(installCommand())
    .exitOverride();
}

function installCommand(): Command {
  return new Command('install')
    .description('write the unit')
    .option('--print', 'show it instead')
    .option('--to <file>', 'where to', '/etc/systemd/system/corral.service')
    .option('--force', 'write over what is there')
    .option('--port <number>', 'where it listens, on 127.0.0.1', toPort, DEFAULT_PORT)
    .option('--config <file>', 'a corral.yaml; none by default')
    .option('--alerts <file>', 'who is told of what, as `corral serve --alerts` takes it')
    .option('--memory-max <size>', 'the most memory, workers included', toMemory, '4G')
    .addHelpText('after', HELP)
    .exitOverride()
    .action(install);
}

async function install(flags: Flags): Promise<void> {
  const { print = false, force = false, to, config, alerts } = flags;
  const [, script = ''] = process.argv;
  const unit = toUnit({
    node: process.execPath,
    script: realpathSync(script),
    port: flags.port,
    config: config === undefined ? null : resolve(config),
    alerts: alerts === undefined ? null : resolve(alerts),
    memoryMax: flags.memoryMax,
  });
  if (print) {
    process.stdout.write(unit);
    return;
  }
  const shown = safeText(to);
  if (!force && existsSync(to))
    throw new CorralError('unwritable-file', `${shown} is there already; --force writes over it.`);
  try {
    await writeFile(to, unit, { mode: 0o644 });
  } catch (error) {
    throw new CorralError('unwritable-file', `Cannot write ${shown}: ${toSystemReason(error)}.`, {
      cause: error,
    });
  }
  process.stderr.write(
    `Wrote ${shown}. Now: systemctl daemon-reload && systemctl enable --now corral\n`,
  );
}

function toMemory(text: string): string {
  if (!/^[1-9]\d{0,6}[MGT]$/.test(text))
    throw new InvalidArgumentError('write a size as systemd does, such as 4G.');
  return text;
}
