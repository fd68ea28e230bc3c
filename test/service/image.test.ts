// The Dockerfile, as far as it goes without a Docker engine: the files that its image has, in a file system that is read-only,
// as a user without rights, with its own entry, command and health check. Not tried: its base image and its packages.

import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { CHILD_LIFE } from '../support/child-life.ts';
import { ROOT } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

const NOBODY = '1000';
const HOME = '/home/node';
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
const [, , image = ''] = dockerfile.split(/^FROM /m);

/** What comes after a word of the Dockerfile, as a list. */
function listOf(word: string): string[] {
  const list = new RegExp(`^${word} .*?(\\[.*\\])$`, 'm').exec(image)?.[1];
  assert.ok(list, `the Dockerfile has ${word}`);
  return JSON.parse(list) as string[];
}

/** Copies what the image has of the project, without what `npm prune --omit=dev` removes. */
function makeImage(to: string): void {
  for (const [, name] of image.matchAll(/^COPY --from=build \/corral\/(\S+) /gm)) {
    if (name === 'node_modules') copyPackages(to);
    else cpSync(join(ROOT, name as string), join(to, name as string), { recursive: true });
  }
}

function copyPackages(to: string): void {
  const list = ['ls', '--omit=dev', '--all', '--parseable'];
  const printed = execFileSync('npm', list, { ...CHILD_LIFE, cwd: ROOT, encoding: 'utf8' });
  for (const folder of printed.split('\n').slice(1).filter(Boolean)) {
    const inside = join(to, relative(ROOT, folder));
    mkdirSync(dirname(inside), { recursive: true });
    cpSync(folder, inside, { recursive: true });
  }
}

/** A newcomer to it: makes a key, starts it, waits until it is healthy, runs a macro on it, ends it. */
const SESSION = `
set -e
export CORRAL_KEY=$(node bin/corral.js keys create ann --scope admin --data-dir /data | tail -n 1)
${listOf('ENTRYPOINT').slice(2).concat(listOf('CMD')).join(' ')} > /tmp/log 2>&1 &
server=$!
for n in $(seq 100); do if "$@"; then echo healthy; break; fi; sleep 0.2; done
node bin/corral.js run --server http://127.0.0.1:4141 /tmp/macro.js || true
node bin/corral.js run --server http://127.0.0.1:4141 /tmp/endless.js --no-lint --limit cpu=200ms || true
touch /corral/it 2>/dev/null && echo 'not read-only'
kill -TERM $server
wait $server && echo 'ended in order' || cat /tmp/log
`;

describe('the image', {
  skip: spawnSync('bwrap', ['--version'], CHILD_LIFE).status !== 0 && 'no bwrap',
}, () => {
  test('serves from a read-only file system, without rights, and is told healthy', async () => {
    assert.deepEqual(listOf('ENTRYPOINT').slice(0, 3), ['tini', '--', 'node']);
    assert.match(image, /^USER node$/m);
    using dir = tempDir();
    const [corral, data, tmp] = ['corral', 'data', 'tmp'].map((name) => join(dir.path, name));
    for (const folder of [corral, data, tmp] as string[]) {
      mkdirSync(folder);
      chmodSync(folder, 0o777);
    }
    makeImage(corral as string);
    writeFileSync(join(tmp as string, 'macro.js'), "return 'from the image';");
    writeFileSync(join(tmp as string, 'endless.js'), 'for (;;);');
    const inside = [
      ...['--unshare-all', '--die-with-parent', '--uid', NOBODY, '--gid', NOBODY, '--clearenv'],
      ...['--ro-bind', '/usr', '/usr', '--ro-bind', '/etc', '/etc', '--dev', '/dev'],
      ...['bin', 'lib', 'lib64', 'sbin'].flatMap((name) => [
        '--symlink',
        `usr/${name}`,
        `/${name}`,
      ]),
      ...['--ro-bind', dirname(process.execPath), '/node', '--setenv', 'PATH', '/node:/usr/bin'],
      ...['--proc', '/proc', '--dir', HOME, '--setenv', 'HOME', HOME],
      ...['--bind', tmp as string, '/tmp', '--bind', data as string, '/data'],
      ...['--ro-bind', corral as string, '/corral', '--remount-ro', '/', '--chdir', '/corral'],
    ];
    const session = ['sh', '-c', SESSION, 'sh', ...listOf('HEALTHCHECK')];
    const { stdout, stderr } = await promisify(execFile)(
      'bwrap',
      [...inside, '--', ...session],
      CHILD_LIFE,
    );
    assert.match(stdout, /^healthy$/m);
    assert.match(stdout, /from the image/);
    assert.match(stderr, /endless was stopped after .* \(cpu-limit\).*dump +http/s);
    assert.doesNotMatch(stdout, /not read-only/);
    assert.match(stdout, /ended in order/, stderr);
  });
});
