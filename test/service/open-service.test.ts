import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ControlClient } from '../../src/control/client.ts';
import { openService } from '../../src/service/open-service.ts';
import { tempDir } from '../support/temp.ts';

test('what an operator does through the control socket is in the audit, with who and why', async () => {
  using temp = tempDir();
  const controlDir = join(temp.path, 'control');
  const service = await openService({
    dataDir: join(temp.path, 'data'),
    corral: { controlDir },
    patterns: [],
    onFailed: (error) => assert.fail(String(error)),
  });
  await using _service = service;
  const { path } = await service.corral.control;
  using client = new ControlClient(path ?? assert.fail('it has no socket'));
  const run = service.corral.start('await sleep(60_000)', { lint: false });
  await client.ask({ ask: 'pause', run: run.id, by: 'ann' });
  await client.ask({ ask: 'stop', run: run.id, by: 'bob', why: 'it spams', quarantine: false });
  await client.ask({ ask: 'emergency', by: 'cy', why: 'fire' });
  await client.ask({ ask: 'clear', by: 'cy', why: '' });
  await service.history.writes.settled();
  assert.deepEqual(
    service.history.audit
      .list({ limit: 10 })
      .map(({ by, owner, action, target, detail }) => [by, owner, action, target, detail]),
    [
      ['cy', 'local', 'guard.clear', '', ''],
      ['cy', 'local', 'guard.emergency', '', 'fire'],
      ['bob', 'local', 'run.stop', run.id, 'it spams'],
      ['ann', 'local', 'run.pause', run.id, ''],
    ],
  );
});
