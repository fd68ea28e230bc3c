// Owns `corral patterns`: lists the patterns, explains one, runs their own tests, checks pattern files.

import { Command } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { toMacroFacts } from '../analysis/macro-facts.ts';
import { CorralError } from '../model/errors.ts';
import { safeText } from '../model/safe-text.ts';
import { type PatternTest, runPatternTests } from '../policy/pattern-tests.ts';
import {
  type CheckedPatterns,
  checkPatterns,
  type LoadedPattern,
  loadPatterns,
  problemText,
} from '../policy/patterns.ts';
import { type ConfigFlags, configFileOptions, configure } from './configuration.ts';
import { renderPattern, renderPatternTable } from './render/pattern-list.ts';
import { renderPatternTests } from './render/pattern-tests.ts';
import { safeJson } from './render/safe-json.ts';
import { paintFor } from './style.ts';

interface Flags extends ConfigFlags {
  readonly patterns?: readonly string[];
  readonly validate?: readonly string[];
  readonly test?: boolean;
  readonly json?: boolean;
}

const collect = (path: string, paths: readonly string[] = []) => [...paths, path];

/** `corral patterns`. */
export function patternsCommand(): Command {
  const command = new Command('patterns')
    .description('List what macros must not do, explain one of it, or check files of your own.')
    .argument('[id]', 'explain this pattern, for example chat-spam')
    .option('--patterns <dir>', 'patterns of your own besides the built-in ones', collect)
    .option('--test', "run the patterns' own tests")
    .option('--validate <path>', 'check a pattern file or a folder of them', collect)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nEach may be given several times: --patterns, --validate.' +
        '\nExit codes: 0 fine · 1 a test failed or a file is no pattern · 2 something could not be read or loaded',
    )
    .exitOverride();
  return configFileOptions(command).action(async (id: string | undefined, flags: Flags) => {
    process.exitCode = await patterns(id, flags);
  });
}

async function patterns(id: string | undefined, flags: Flags): Promise<number> {
  const { test, json } = flags;
  if (flags.validate) return validate(id, flags);
  // With --test a pattern whose tests fail is what is asked about, and no reason to stop.
  const paths = await pathsOf(flags);
  const loaded = test ? loadForTests(paths) : load(paths);
  const picked = id === undefined ? loaded : [find(loaded, id)];
  if (test) return runTests(picked, json === true);
  const paint = paintFor(process.stdout);
  const [first] = picked;
  if (json) write(safeJson(id === undefined ? picked.map(toJson) : first && toJson(first), 2));
  else if (id !== undefined && first) write(renderPattern(first, paint));
  else write(renderPatternTable(picked, paint));
  return 0;
}

function load(paths: readonly string[]): LoadedPattern[] {
  return loadPatterns(paths, { toFacts: toMacroFacts });
}

/** The patterns that are configured; those named here are named in their place. */
async function pathsOf(flags: Flags): Promise<readonly string[]> {
  if (flags.patterns) return flags.patterns;
  return (await configure(flags)).settings.patterns;
}

function loadForTests(paths: readonly string[]): readonly LoadedPattern[] {
  const checked = checkPatterns(paths, { toFacts: toMacroFacts, runTests: false });
  refuseProblems(checked);
  return checked.patterns;
}

function refuseProblems({ problems }: CheckedPatterns): void {
  if (problems.length === 0) return;
  throw new CorralError('bad-pattern', problems.map(problemText).join('\n      '));
}

function validate(id: string | undefined, flags: Flags): number {
  if (id !== undefined || flags.test)
    throw new CorralError(
      'bad-usage',
      '--validate checks files and runs their tests by itself; leave the pattern id and --test out.',
    );
  const paths = [...(flags.patterns ?? []), ...(flags.validate ?? [])];
  const { patterns: all, problems } = checkPatterns(paths, { toFacts: toMacroFacts });
  const own = all.filter(({ isBuiltIn }) => !isBuiltIn).map(({ file }) => file);
  const bad = new Set(problems.map(({ file }) => file));
  const fine = own.filter((file) => !bad.has(file));
  if (flags.json) write(safeJson({ valid: fine, problems }, 2));
  else {
    const paint = paintFor(process.stdout);
    for (const file of fine) write(`${paint('green', '✔')} ${safeText(file)}`);
    for (const problem of problems) write(`${paint('red', '✖')} ${problemText(problem)}`);
    const sum = `${fine.length} fine, ${bad.size} not`;
    write(paint('dim', sum));
  }
  return problems.length > 0 ? 1 : 0;
}

function runTests(picked: readonly LoadedPattern[], isJson: boolean): number {
  const results = picked.map((each) => ({
    id: each.pattern.id,
    file: each.file,
    tests: runPatternTests(each, toMacroFacts),
  }));
  const hasFailed = ({ hasPassed }: PatternTest) => !hasPassed;
  if (isJson) write(safeJson(results, 2));
  else write(renderPatternTests(results, paintFor(process.stdout)));
  return results.some(({ tests }) => tests.some(hasFailed)) ? 1 : 0;
}

function find(loaded: readonly LoadedPattern[], id: string): LoadedPattern {
  const found = loaded.find(({ pattern }) => pattern.id === id);
  if (found) return found;
  const ids = loaded.map(({ pattern }) => pattern.id);
  const asked = id.slice(0, 60);
  const near = closest(asked, ids);
  const hint =
    distance(asked, near) <= 4 ? `did you mean ${near}?` : `there are ${ids.join(', ')}.`;
  throw new CorralError('bad-usage', `There is no pattern "${safeText(asked)}"; ${hint}`);
}

function toJson({ pattern, file, isBuiltIn }: LoadedPattern) {
  return { ...pattern, file, builtIn: isBuiltIn };
}

function write(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
