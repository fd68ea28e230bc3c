// Owns `corral keys`: makes the keys of a service, shows and revokes them, and says how much an owner may use.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CorralError } from '../model/errors.ts';
import { type KeyInfo, OwnerName, type Quota, SCOPES, type Scope } from '../model/history.ts';
import { safeText } from '../model/safe-text.ts';
import { parseDuration } from '../model/units.ts';
import { HISTORY_FILE } from '../store/history/database.ts';
import { History } from '../store/history/history.ts';
import { toBy } from './macro-ledger.ts';
import { renderKeyTable } from './render/key-table.ts';
import { safeJson } from './render/safe-json.ts';
import { dataDirOption } from './serve/data-dir.ts';

const HELP = `
A key is shown once, when it is made; only its digest is kept. Scopes: read looks at what is its owner's, author runs and
steers that too, operator sees and steers what is everybody's, admin may do all of it and see the audit. A running server knows of every
change at once.

Examples:
  corral keys create ann --scope author
  corral keys create dashboard --scope read --scope operator --expires 90d
  corral keys list
  corral keys revoke 1f2e3d4c5b6a
  corral keys quota ann --runs 5 --cpu 600 --commands 300

Exit codes: 0 done · 2 no such key, or the data folder cannot be used`;

const DEFAULT_SCOPES: readonly Scope[] = ['author'];

/** `corral keys`. */
export function keysCommand(): Command {
  return new Command('keys')
    .description('Make, list and revoke the keys of `corral serve`, and set quotas.')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand())
    .addCommand(quotaCommand())
    .addHelpText('after', HELP)
    .exitOverride();
}

interface CreateFlags {
  readonly scope: readonly Scope[];
  readonly name: string;
  readonly expires?: number;
  readonly dataDir: string;
}

function createCommand(): Command {
  return new Command('create')
    .description('make a key; it goes to stdout')
    .argument('<owner>', 'whose runs and macros are those it makes', toName)
    .addOption(
      new Option('--scope <scope>', `what it may do (repeatable): ${SCOPES.join(', ')}`)
        .argParser(toScopes)
        .default(DEFAULT_SCOPES, 'author'),
    )
    .option('--name <name>', 'what it is for', toName, 'key')
    .option('--expires <duration>', 'it opens nothing after this (90d); never by default', toMs)
    .addOption(dataDirOption())
    .exitOverride()
    .action(async (owner: string, { scope, name, expires, dataDir }: CreateFlags) => {
      await using history = makeHistory(dataDir);
      const at = Date.now();
      const expiresAt = expires === undefined ? null : at + expires;
      const { key, info } = history.keys.add({ owner, name, scopes: scope, expiresAt, at });
      note(history, { owner, action: 'key.create', target: info.id, detail: scope.join(' ') });
      process.stderr.write(`Key ${info.id} of ${safeText(owner)}. It is not shown again:\n`);
      process.stdout.write(`${key}\n`);
    });
}

function listCommand(): Command {
  return new Command('list')
    .description('every key there ever was, and what each may do')
    .option('--owner <owner>', 'only those of this owner')
    .option('--json', 'print JSON')
    .addOption(dataDirOption())
    .exitOverride()
    .action(async (flags: { owner?: string; json?: boolean; dataDir: string }) => {
      await using history = openHistory(flags.dataDir);
      const keys: readonly KeyInfo[] = history.keys.list(flags.owner ?? null);
      process.stdout.write(
        flags.json ? `${safeJson(keys, 2)}\n` : renderKeyTable(keys, Date.now()),
      );
    });
}

function revokeCommand(): Command {
  return new Command('revoke')
    .description('a key opens nothing any more')
    .argument('<id>', 'as `corral keys list` shows it')
    .addOption(dataDirOption())
    .exitOverride()
    .action(async (id: string, { dataDir }: { dataDir: string }) => {
      await using history = openHistory(dataDir);
      const key = history.keys.list(null).find((each) => each.id === id);
      if (!key || !history.keys.revoke(id, Date.now()))
        throw new CorralError(
          'bad-usage',
          key
            ? `The key ${id} was revoked already.`
            : `There is no key ${safeText(id, { charsMax: 60 })}; \`corral keys list\` shows them all.`,
        );
      note(history, { owner: key.owner, action: 'key.revoke', target: id, detail: '' });
      process.stderr.write(`Key ${id} of ${safeText(key.owner)} opens nothing any more.\n`);
    });
}

interface QuotaFlags {
  readonly runs?: Bound;
  readonly cpu?: Bound;
  readonly commands?: Bound;
  readonly dataDir: string;
}

function quotaCommand(): Command {
  return new Command('quota')
    .description('show or set what the runs of an owner may use together')
    .argument('<owner>', 'whose', toName)
    .option('--runs <number>', 'runs at once, waiting ones too; none for any number', toBound)
    .option('--cpu <seconds>', 'seconds of CPU a day; none for any', toBound)
    .option(
      '--commands <number>',
      'commands a minute; beyond, runs are held; none for any',
      toBound,
    )
    .addOption(dataDirOption())
    .exitOverride()
    .action(async (owner: string, { runs, cpu, commands, dataDir }: QuotaFlags) => {
      await using history = openHistory(dataDir);
      const before = history.keys.quotaOf(owner) ?? NO_QUOTA;
      const quota: Quota = {
        concurrentRuns: runs === undefined ? before.concurrentRuns : toMax(runs),
        cpuSecondsPerDay: cpu === undefined ? before.cpuSecondsPerDay : toMax(cpu),
        commandsPerMinute: commands === undefined ? before.commandsPerMinute : toMax(commands),
      };
      const detail = safeJson(quota);
      if (detail !== safeJson(before)) {
        history.keys.setQuota(owner, quota);
        note(history, { owner, action: 'quota.set', target: owner, detail });
      }
      process.stdout.write(`${detail}\n`);
    });
}

const NO_QUOTA: Quota = { concurrentRuns: null, cpuSecondsPerDay: null, commandsPerMinute: null };

/** @throws {CorralError} `bad-usage` where there is none: a folder that was mistyped must not look like one without keys */
function openHistory(dir: string): History {
  if (!existsSync(join(dir, HISTORY_FILE)))
    throw new CorralError(
      'bad-usage',
      `There is no history in ${safeText(dir)}. \`corral serve\` and \`corral keys create\` make one; name another folder with --data-dir.`,
    );
  return makeHistory(dir);
}

function makeHistory(dir: string): History {
  return new History({
    dir,
    onFailed: (error) => {
      throw error;
    },
  });
}

function note(
  history: History,
  entry: { owner: string; action: string; target: string; detail: string },
): void {
  history.audit.add({ time: Date.now(), by: toBy(undefined), ...entry });
}

function toScopes(text: string, before: readonly Scope[]): readonly Scope[] {
  const scope = SCOPES.find((each) => each === text);
  if (!scope) throw new InvalidArgumentError(`a scope is one of ${SCOPES.join(', ')}.`);
  // The default is no choice of anybody's.
  return before === DEFAULT_SCOPES ? [scope] : [...new Set([...before, scope])];
}

function toName(text: string): string {
  const { success, error } = OwnerName.safeParse(text);
  if (!success) throw new InvalidArgumentError(`${error.issues[0]?.message}.`);
  return text;
}

function toMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms <= 0) throw new InvalidArgumentError('write a duration, such as 90d.');
  return ms;
}

/** `none` stays a word here: commander makes an empty text of null. */
type Bound = number | 'none';

function toBound(text: string): Bound {
  if (text === 'none') return text;
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('write a whole number, or none.');
  return Number(text);
}

function toMax(bound: Bound): number | null {
  return bound === 'none' ? null : bound;
}
