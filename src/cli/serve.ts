// Owns `corral serve`: the HTTP service from its start to its end, and the one line each that says why it cannot start.

import { Command, InvalidArgumentError, Option } from 'commander';
import { Alerts } from '../alerts/alerts.ts';
import { toMacroFacts } from '../analysis/macro-facts.ts';
import { LOG_LEVELS, type LogLevel } from '../api/log.ts';
import { DEFAULT_CONTROL_DIR } from '../control/folder.ts';
import { BUILTIN_HOSTS } from '../hosts/builtin-hosts.ts';
import { safeText } from '../model/safe-text.ts';
import { loadPatterns } from '../policy/patterns.ts';
import { openService } from '../service/open-service.ts';
import { readAlertsFile } from './alerts/read-file.ts';
import {
  type ConfigFlags,
  configOptions,
  configure,
  type LoadedConfig,
  loadConfig,
} from './configuration.ts';
import { toCorralChange, toCorralOptions } from './corral-options.ts';
import { toPort } from './run/flags.ts';
import { tellWhatIsMissing } from './run/opening.ts';
import { DEFAULT_ADDRESS, DEFAULT_PORT } from './serve/address.ts';
import { toOrigins } from './serve/cors.ts';
import { DEFAULT_DATA_DIR } from './serve/data-dir.ts';
import { listen } from './serve/listen.ts';
import { createNotifier } from './serve/notify.ts';
import { endStrays } from './serve/strays.ts';
import { serveUntilStopped } from './serve/until-stopped.ts';
import { paintFor } from './style.ts';
import { watchReload } from './watch-reload.ts';

interface Flags extends ConfigFlags {
  readonly port: number;
  readonly listen: string;
  readonly dataDir: string;
  readonly controlDir: string;
  readonly control: boolean;
  readonly log: LogLevel;
  readonly rate: number;
  readonly cors?: readonly string[];
  readonly alerts?: string;
}

const HELP = `
On 127.0.0.1 and without keys, whoever sits at this machine may do everything. Make keys with \`corral keys\`, and from then
on a key is needed; on any other address there must be one before it starts. docs/service.md has the rest.

Examples:
  corral serve
  curl -s localhost:4141/api/runs -H 'content-type: application/json' -d '{"source":"return 6 * 7"}'
  corral serve --port 8080 --data-dir /var/lib/corral

SIGHUP reads the configuration again, for what starts from then on. SIGTERM and Ctrl-C let what runs come to its end
(load.drain); a second one stops it at once. What waits is begun by the next server.

Exit codes: 0 stopped in order · 2 it cannot start: the message says why · 130 stopped at once`;

/** `corral serve`. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .description('Serve macros over HTTP: submit, watch and steer them, with everything kept.')
    .option('--port <number>', 'where it listens; 0 for any that is free', toPort, DEFAULT_PORT)
    .option(
      '--listen <address>',
      'the address; needs API keys unless it is a loopback one',
      DEFAULT_ADDRESS,
    )
    .option('--data-dir <dir>', 'where everything is kept', DEFAULT_DATA_DIR)
    .option(
      '--control-dir <dir>',
      'where `corral top` finds this and can stop it',
      DEFAULT_CONTROL_DIR,
    )
    .option('--no-control', 'be found by nobody')
    .option('--alerts <file>', 'who is told of what: see `corral alerts`')
    .option('--rate <number>', 'requests a minute of one key', toRate, RATE_DEFAULT)
    .option(
      '--cors <origin...>',
      'pages of other origins that may use it in a browser, such as https://dash.example',
      toOrigins,
    )
    .addOption(
      new Option('--log <level>', 'how much is logged, as JSON lines on stdout')
        .choices(LOG_LEVELS)
        .default('info'),
    )
    .addHelpText('after', HELP)
    .exitOverride();
  return configOptions(command).action(async (flags: Flags) => {
    process.exitCode = await serve(flags);
  });
}

const RATE_DEFAULT = 6_000;
const RATE_MAX = 10_000_000;

async function serve(flags: Flags): Promise<number> {
  const config = await configure(flags);
  const channels = flags.alerts === undefined ? [] : await readAlertsFile(flags.alerts);
  // Loaded only where it is meant.
  const { createLog } = await import('../api/log.ts');
  const log = createLog(flags.log);
  const service = await openService({
    dataDir: flags.dataDir,
    corral: toOptions(config, flags),
    patterns: loadPatterns(config.settings.patterns, { toFacts: toMacroFacts }).map(
      ({ pattern }) => pattern,
    ),
    onFailed: (error, changes) => log.error({ err: error, changes }, 'could not be written'),
  });
  await using _service = service;
  await using alerts = new Alerts({
    channels,
    outbox: service.history.outbox,
    onProblem: (channel, message) => log.warn({ channel }, safeText(message)),
  });
  using _told = { [Symbol.dispose]: service.onEvent((event) => alerts.tell(event)) };
  await tellWhatIsMissing(service.corral);
  await using server = await listen(service, { cors: [], ...flags, address: flags.listen, log });
  // Once alerts and metrics hear of it.
  const { begun, lost } = await service.submissions.recover();
  const paint = paintFor(process.stderr);
  if (begun + lost > 0)
    process.stderr.write(
      `taken up from the server before: ${begun} that waited, ${lost} that were lost as they ran\n`,
    );
  const strays = await endStrays();
  if (strays > 0)
    process.stderr.write(`ended ${strays} of its processes that were left when it was killed\n`);
  process.stderr.write(`${paint('green', '✔')} listening on ${server.url}\n`);
  using _reload = watchReload({
    config,
    read: () => loadConfig(flags),
    apply: (next) => service.corral.configure(toCorralChange(next)),
    tell: (line, kind) => log[kind === 'note' ? 'info' : 'error'](safeText(line)),
    hangUp: () => process.kill(process.pid, 'SIGTERM'),
  });
  using systemd = createNotifier(process.env);
  systemd.ready();
  return await serveUntilStopped(service, log, () => systemd.stopping());
}

function toOptions(config: LoadedConfig, flags: Flags) {
  const { dumps, state, ledger } = config.said;
  const { dumpDir, stateDir, ledgerDir, ...options } = toCorralOptions(config);
  const { commands } = BUILTIN_HOSTS[config.settings.commands.host]({
    seed: Math.floor(Math.random() * 2 ** 32),
    print: () => undefined,
  });
  return {
    ...options,
    commands,
    // What nobody has said is under the data folder.
    ...(dumps?.dir !== undefined && dumpDir !== undefined && { dumpDir }),
    ...(state?.dir !== undefined && stateDir !== undefined && { stateDir }),
    ...(ledger?.dir !== undefined && ledgerDir !== undefined && { ledgerDir }),
    controlDir: flags.control ? flags.controlDir : null,
  };
}

function toRate(text: string): number {
  const rate = Number(text);
  if (!/^[1-9]\d{0,7}$/.test(text) || rate > RATE_MAX)
    throw new InvalidArgumentError(`write a whole number from 1 to ${RATE_MAX}.`);
  return rate;
}
