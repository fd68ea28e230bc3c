// `npm run bench`: measures each arrow of the picture and prints the tables; `--write` keeps them in bench/results.md.

import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { benchAsleep } from './asleep.ts';
import { benchGuard } from './guard.ts';
import { benchHistory } from './history.ts';
import { benchKillCpu, benchKillMemory } from './kill.ts';
import { benchLint, benchLintShell, benchLintSizes } from './lint.ts';
import { benchLoad } from './load.ts';
import { benchObserve } from './observe.ts';
import { benchRun, benchRunProcesses } from './run.ts';
import { type Section, toMarkdown } from './section.ts';
import { benchServe } from './serve.ts';
import { benchThroughput } from './throughput.ts';
import { benchWatch } from './watch.ts';

const SECTIONS: Record<string, () => Promise<Section>> = {
  lint: benchLint,
  'lint-sizes': benchLintSizes,
  'lint-shell': benchLintShell,
  run: benchRun,
  'run-processes': benchRunProcesses,
  throughput: benchThroughput,
  load: benchLoad,
  serve: benchServe,
  history: benchHistory,
  observe: benchObserve,
  watch: benchWatch,
  asleep: benchAsleep,
  guard: benchGuard,
  'kill-cpu': benchKillCpu,
  'kill-memory': benchKillMemory,
};

const wanted = process.argv.slice(2).filter((name) => !name.startsWith('--'));
const unknown = wanted.filter((name) => !Object.hasOwn(SECTIONS, name));
if (unknown.length > 0) {
  process.stderr.write(
    `error there is no bench ${unknown.join(', ')}; there are ${Object.keys(SECTIONS).join(', ')}\n`,
  );
  process.exit(2);
}
const RESULTS = new URL('./results.md', import.meta.url);
const head = `# Results

\`npm run bench -- --write\` on ${cpus()[0]?.model.trim() ?? 'an unknown CPU'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node ${process.versions.node}.
`;
const kept = new Map(sectionsOf(readFileSync(RESULTS, 'utf8')));
for (const [name, bench] of Object.entries(SECTIONS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`measuring ${name} …\n`);
  const text = toMarkdown(await bench());
  process.stdout.write(`${text}\n`);
  for (const [title, section] of sectionsOf(text)) kept.set(title, section);
}
// What was not measured now stays as it was.
if (process.argv.includes('--write'))
  writeFileSync(RESULTS, `${[head, ...kept.values()].join('\n').trimEnd()}\n`);

/** The sections of a page by their titles. */
function sectionsOf(page: string): [title: string, section: string][] {
  return page
    .split(/^(?=## )/m)
    .filter((part) => part.startsWith('## '))
    .map((part) => [part.slice(3, part.indexOf('\n')), `${part.trimEnd()}\n`]);
}
