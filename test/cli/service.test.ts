import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createNotifier } from '../../src/cli/serve/notify.ts';
import { toUnit } from '../../src/cli/service/unit.ts';
import { corral } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

describe('corral service install', () => {
  test('shows a unit, writes it once, and says what to do next', async () => {
    using dir = tempDir();
    const shown = await corral(['service', 'install', '--print', '--port', '5000']);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /^Type=notify$/m);
    assert.match(
      shown.stdout,
      /^ExecStart=\/\S+ \/\S+ serve --port 5000 --data-dir \/var\/lib\/corral --no-config$/m,
    );
    assert.match(shown.stdout, /^MemoryMax=4G$/m);
    assert.doesNotMatch(shown.stdout, /^MemoryDenyWriteExecute=/m);
    const file = join(dir.path, 'corral.service');
    const written = await corral(['service', 'install', '--port', '5000', '--to', file]);
    assert.equal(written.code, 0, written.stderr);
    assert.match(written.stderr, /systemctl enable --now corral/);
    assert.equal(readFileSync(file, 'utf8'), shown.stdout);
    assert.equal(statSync(file).mode & 0o777, 0o644);
    const again = await corral(['service', 'install', '--to', file]);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /--force/);
  });

  test('nothing in a path is a specifier, a variable, or a second argument', () => {
    const unit = toUnit({
      ...{ node: '/opt/node', script: '/srv/my $HOME/100%/"x".js' },
      ...{ port: 1, config: null, alerts: '/srv/100%.yaml', memoryMax: '1G' },
    });
    assert.ok(unit.includes('ExecStart=/opt/node "/srv/my $$HOME/100%%/\\"x\\".js" serve'), unit);
    assert.ok(unit.includes('LoadCredential=alerts.yaml:/srv/100%%.yaml\n'), unit);
    assert.match(unit, /^ExecStart=.* --alerts %d\/alerts\.yaml$/m);
    for (const line of unit.split('\n'))
      assert.match(line, /^(?:$|#|\[(?:Unit|Service|Install)\]$|[A-Z]\w+=)/, line);
  });
});

describe('systemd', () => {
  const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;
  test('finds nothing wrong with the unit', { skip: !analyze && 'no systemd here' }, async () => {
    using dir = tempDir();
    const file = join(dir.path, 'corral.service');
    await corral(['service', 'install', '--alerts', 'alerts.yaml', '--to', file]);
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
  });

  test('is told what becomes of a server it started, and nothing otherwise', async () => {
    using dir = tempDir();
    const bin = join(dir.path, 'bin');
    const told = join(dir.path, 'told');
    mkdirSync(bin);
    writeFileSync(join(bin, 'systemd-notify'), `#!/bin/sh\necho "$1" >> ${told}\n`);
    chmodSync(join(bin, 'systemd-notify'), 0o755);
    const module = new URL('../../src/cli/serve/notify.ts', import.meta.url).href;
    const script = `
      const { createNotifier } = await import(${JSON.stringify(module)});
      using notifier = createNotifier(process.env);
      notifier.ready();
      await new Promise((resolve) => setTimeout(resolve, 300));
      notifier.stopping();`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: {
        PATH: `${bin}:${process.env.PATH ?? ''}`,
        NOTIFY_SOCKET: '/run/none',
        WATCHDOG_USEC: '100000',
      },
      stdio: 'ignore',
    });
    await once(child, 'exit');
    const lines = readFileSync(told, 'utf8').trim().split('\n');
    assert.equal(lines.filter((line) => line === 'READY=1').length, 1);
    assert.ok(lines.includes('WATCHDOG=1') && lines.includes('STOPPING=1'), lines.join());

    using quiet = createNotifier({});
    quiet.ready();
    quiet.stopping();
    assert.ok(existsSync(told));
  });
});
