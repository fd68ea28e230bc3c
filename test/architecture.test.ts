// Owns the check that src/ is built the way docs/architecture.md says: who imports whom, no cycle, no junk drawer.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { describe, test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');

/** Part of src/ → the other parts it may import; `type x` stands for `import type` only. */
const ARROWS: Record<string, readonly string[]> = {
  model: [],
  analysis: ['model'],
  yaml: ['model'],
  policy: ['model', 'yaml'],
  config: ['model', 'yaml', 'hosts', 'dumps'],
  hosts: ['model'],
  dumps: ['model'],
  store: ['model'],
  sandbox: ['model'],
  devtools: ['model'],
  diagnosis: ['model', 'analysis'],
  control: ['model', 'dumps', 'type supervisor'],
  batches: ['model'],
  supervisor: ['model', 'analysis', 'policy', 'diagnosis', 'dumps'],
  'corral.ts': [
    'model',
    'analysis',
    'hosts',
    'supervisor',
    'dumps',
    'devtools',
    'policy',
    'control',
    'store',
  ],
  service: ['model', 'corral.ts', 'policy', 'store'],
  api: ['model', 'corral.ts', 'service', 'store', 'analysis', 'policy'],
  client: ['model'],
  alerts: ['model', 'yaml'],
  cli: [
    'client',
    'alerts',
    'model',
    'corral.ts',
    'service',
    'api',
    'config',
    'analysis',
    'policy',
    'dumps',
    'store',
    'hosts',
    'control',
    'batches',
    'type supervisor',
  ],
};

/** Package → the one part that may name it, types included. */
const HOMES: Record<string, string> = {
  'isolated-vm': 'sandbox',
  acorn: 'analysis',
  '@eslint-community/regexpp': 'analysis',
  yaml: 'yaml',
  cockatiel: 'supervisor',
  commander: 'cli',
  ws: 'devtools',
  kysely: 'store',
  fastify: 'api',
  'fastify-type-provider-zod': 'api',
  '@fastify/cors': 'api',
  '@fastify/helmet': 'api',
  '@fastify/multipart': 'api',
  '@fastify/rate-limit': 'api',
  '@fastify/swagger': 'api',
  '@prometheus-io/client': 'api',
  '@opentelemetry/api': 'service',
  pino: 'api',
};

const JUNK_DRAWER = /^(utils?|helpers?|common|managers?|misc|types|index)$/;
/** In cli/ a file is named after its command, and there is a `corral types`. */
const COMMAND_FILES: readonly string[] = ['src/cli/types.ts'];

interface Import {
  readonly from: string;
  /** A path under src/, or the name of a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** `import … from`, `export … from` and bare `import` at the start of a line; `import()` and `require()` anywhere. */
const STATEMENT =
  /^[ \t]*(?:import|export)\s+(?:(type)\s+(?!from\b))?(?:[\w$*{}\s,]*?\bfrom\s*)?(['"])([^'"\n]+)\2/gm;
const CALL = /\b(?:import|require)\(\s*(['"`])([^'"`\n]+)\1/g;

function readImports(file: string, source: string): Import[] {
  // Comments go first: an example in a docstring is no import.
  const code = source.replace(/^\s*(?:\/\*[\s\S]*?\*\/|\/\/.*$)/gm, '');
  const resolve = (name: string) =>
    name.startsWith('.') ? posix.join(posix.dirname(file), name) : name;
  return [
    ...[...code.matchAll(STATEMENT)].map((match) => ({
      from: file,
      to: resolve(match[3] ?? ''),
      typeOnly: match[1] !== undefined,
    })),
    ...[...code.matchAll(CALL)].map((match) => ({
      from: file,
      to: resolve(match[2] ?? ''),
      typeOnly: false,
    })),
  ];
}

/** `src/cli/run.ts` belongs to `cli`, `src/corral.ts` to `corral.ts`. */
function partOf(file: string): string {
  return file.split('/')[1] ?? '';
}

function arrowFault({ from, to, typeOnly }: Import): string[] {
  const part = partOf(from);
  if (!to.startsWith('src/')) {
    const home = Object.entries(HOMES).find(([name]) => to === name || to.startsWith(`${name}/`));
    return home && home[1] !== part ? [`${from} → ${to}: only ${home[1]} may import it`] : [];
  }
  const target = partOf(to);
  const allowed = ARROWS[part] ?? [];
  if (target === part || allowed.includes(target)) return [];
  if (typeOnly && allowed.includes(`type ${target}`)) return [];
  return [`${from} → ${to}: ${part} may import ${allowed.join(', ') || 'nothing of ours'}`];
}

/** Types only: a value may be a function, whose code a machine runs, which has values. */
const MUTUAL = ['src/analysis/evaluate/values.ts', 'src/analysis/evaluate/machine.ts'] as const;

/** Every import cycle once, as the files it runs through; of types too. */
function findCycles(imports: readonly Import[]): string[] {
  const followed = imports.filter(
    ({ from, to, typeOnly }) => !(typeOnly && from === MUTUAL[0] && to === MUTUAL[1]),
  );
  const targets = Map.groupBy(followed, ({ from }) => from);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) cycles.push(`cycle: ${[...path.slice(start), file].join(' → ')}`);
    if (start >= 0 || done.has(file)) return;
    for (const { to } of targets.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return cycles;
}

function fileFaults(file: string, source: string): string[] {
  const faults: string[] = [];
  if (!Object.hasOwn(ARROWS, partOf(file))) faults.push(`${file}: ${partOf(file)} has no row here`);
  if (/^export\s+default\b|^export\s*\{[^}]*\bas\s+default\b/m.test(source))
    faults.push(`${file}: a default export`);
  const junk = file
    .split('/')
    .slice(1)
    .find((name) => JUNK_DRAWER.test(basename(name, '.ts')));
  if (junk !== undefined && !COMMAND_FILES.includes(file))
    faults.push(`${file}: "${junk}" names no one thing`);
  return faults;
}

/** Everything in which these sources (path → text) leave the architecture, one line a fault. */
function findFaults(sources: Readonly<Record<string, string>>): string[] {
  const files = Object.entries(sources);
  const imports = files.flatMap(([file, source]) => readImports(file, source));
  return [
    ...files.flatMap(([file, source]) => fileFaults(file, source)),
    ...imports.flatMap(arrowFault),
    ...findCycles(imports),
  ];
}

/** Every TypeScript file under a folder: its path from the project's root → its text. */
function readSources(folder = 'src'): Record<string, string> {
  return Object.fromEntries(
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [
        `${folder}/${name.replaceAll('\\', '/')}`,
        readFileSync(join(ROOT, folder, name), 'utf8'),
      ]),
  );
}

/** `@scope/name/deep` and `name/deep` → the package's name. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** What package.json must have: a package that only lies about in node_modules is missing on a fresh checkout. */
function undeclared(sources: Readonly<Record<string, string>>, declared: readonly string[]) {
  return Object.entries(sources)
    .flatMap(([file, source]) => readImports(file, source))
    .filter(({ to }) => !/^(?:node:|(?:src|test|bench|bin)\/)/.test(to))
    .filter(({ to }) => !declared.includes(packageOf(to)))
    .map(({ from, to }) => `${from}: ${to} is not in package.json`);
}

describe('the architecture', () => {
  test('of src/ is the one in the table', () => {
    const sources = readSources();
    assert.ok(Object.keys(sources).length > 50, 'the sources were found');
    const faults = findFaults(sources);
    assert.equal(faults.length, 0, `src/ leaves the architecture:\n  ${faults.join('\n  ')}`);
  });

  test('uses no package that package.json does not name', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const runtime = Object.keys(manifest.dependencies);
    const all = [...runtime, ...Object.keys(manifest.devDependencies)];
    assert.deepEqual(undeclared(readSources('src'), runtime), []);
    // This file is full of imports that are examples.
    const { 'test/architecture.test.ts': _, ...tests } = readSources('test');
    assert.deepEqual(undeclared({ ...tests, ...readSources('bench') }, all), []);
    const missing = { 'src/a.ts': "import { z } from '@a/b/c';" };
    assert.deepEqual(undeclared(missing, runtime), ['src/a.ts: @a/b/c is not in package.json']);
  });

  test('has a row only for what is there', () => {
    const parts = new Set(Object.keys(readSources()).map(partOf));
    assert.deepEqual(
      Object.keys(ARROWS).filter((part) => !parts.has(part)),
      [],
    );
  });

  for (const [fault, file, source] of [
    ['an arrow against the table', 'src/model/a.ts', "import { run } from '../corral.ts';"],
    ['an arrow of several lines', 'src/hosts/a.ts', "import {\n  run,\n} from '../corral.ts';"],
    ['an arrow by re-export', 'src/model/a.ts', "export * from '../hosts/print.ts';"],
    ['an arrow by a bare import', 'src/model/a.ts', "import '../hosts/print.ts';"],
    ['an arrow of types', 'src/analysis/a.ts', "import type { A } from '../policy/admit.ts';"],
    ['an arrow by import()', 'src/cli/a.ts', "await import('../sandbox/worker.ts');"],
    [
      'more than types of the supervisor',
      'src/cli/a.ts',
      "import { R } from '../supervisor/r.ts';",
    ],
    ['a library away from home', 'src/supervisor/a.ts', "import ivm from 'isolated-vm';"],
    ["a library's types away from home", 'src/model/a.ts', "import type { Node } from 'acorn';"],
    ['a library by require()', 'src/supervisor/a.ts', "const ivm = require('isolated-vm');"],
    ['a default export', 'src/model/a.ts', 'export default 1;'],
    ['a default export by name', 'src/model/a.ts', 'const a = 1;\nexport { a as default };'],
    ['a junk drawer', 'src/model/helpers.ts', ''],
    ['a folder of junk', 'src/model/common/a.ts', ''],
    ['a part without a row', 'src/elsewhere/a.ts', ''],
    ['an import of itself', 'src/model/a.ts', "import { a } from './a.ts';"],
  ] as const) {
    test(`would not let ${fault} pass`, () => {
      const faults = findFaults({ [file]: source });
      assert.equal(faults.length, 1, faults.join('\n'));
    });
  }

  test('would not let a cycle pass, and shows it', () => {
    const cycle = {
      'src/model/a.ts': "import { b } from './b.ts';",
      'src/model/b.ts': "import { type C, c } from './deep/c.ts';",
      'src/model/deep/c.ts': "export { a } from '../a.ts';",
    };
    assert.deepEqual(findFaults(cycle), [
      'cycle: src/model/a.ts → src/model/b.ts → src/model/deep/c.ts → src/model/a.ts',
    ]);
  });

  test('would not let a cycle of types pass', () => {
    const cycle = {
      'src/model/a.ts': "import { b } from './b.ts';",
      'src/model/b.ts': "import type { A } from './a.ts';",
    };
    assert.deepEqual(findFaults(cycle), [
      'cycle: src/model/a.ts → src/model/b.ts → src/model/a.ts',
    ]);
  });

  test('lets what the table has pass', () => {
    const fine = {
      'src/cli/a.ts':
        "import type { Run } from '../supervisor/run.ts';\nimport { Command } from 'commander';",
      'src/cli/b.ts':
        "import { createCorral } from '../corral.ts';\n// import { a } from '../sandbox/a.ts';",
      'src/model/a.ts':
        "import type { B } from './b.ts';\n/**\n * import { x } from '../cli/a.ts';\n */",
      'src/model/b.ts': "import { c } from './c.ts';",
    };
    assert.deepEqual(findFaults(fine), []);
  });
});
