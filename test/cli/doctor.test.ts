import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { WALLS, type Wall } from '../../src/model/wall.ts';
import { readWalls } from '../../src/supervisor/walls/walls.ts';
import { corral, ROOT } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';

interface Told {
  readonly machinery: readonly { readonly name: string; readonly ok: boolean }[];
  readonly walls: readonly (Pick<Wall, 'id'> & {
    readonly state: string;
    readonly tried: readonly string[];
    readonly remedy: string | null;
  })[];
}

/** Files that a probe would leave if one got through. */
const left = () =>
  [tmpdir(), '/', ROOT, join(ROOT, 'src')].flatMap((folder) =>
    readdirSync(folder).filter((name) => name.startsWith('corral-doctor-')),
  );

describe('corral doctor', () => {
  test('tries every wall on this machine: those that stand hold', async () => {
    const { code, stdout, stderr } = await corral(['doctor', '--json']);
    const { machinery, walls } = JSON.parse(stdout) as Told;
    assert.equal(stderr, '');
    assert.ok(machinery.length >= 3 && machinery.every(({ ok }) => ok), stdout);
    assert.deepEqual(walls.map(({ id }) => id).sort(), Object.keys(WALLS).sort());
    const standing = new Map(readWalls().map(({ id, up }) => [id, up]));
    for (const { id, state, tried } of walls) {
      assert.equal(state, standing.get(id) ? 'holds' : 'missing', `${id}: ${tried.join('; ')}`);
      assert.ok(tried.length > 0, `${id} was tried`);
    }
    assert.equal(code, 0);
    assert.deepEqual(left(), []);
  });

  test('where walls are missing shows what gets through and what to do; strict, that is a fault', async () => {
    using bare = tempDir();
    const env = { PATH: bare.path };
    const { code, stdout } = await corral(['doctor', '--walls', 'strict', '--json'], { env });
    assert.equal(code, 1);
    const { walls } = JSON.parse(stdout) as Told;
    const stateOf = (id: string) => walls.find((wall) => wall.id === id);
    for (const id of ['files', 'network', 'processes', 'lifetime']) {
      assert.equal(stateOf(id)?.state, 'missing', id);
      assert.match(stateOf(id)?.remedy ?? '', /install bubblewrap/);
    }
    assert.match(stateOf('files')?.tried.join() ?? '', /read \/etc\/passwd: LET THROUGH/);
    assert.match(stateOf('network')?.tried.join() ?? '', /TCP port of this machine: LET THROUGH/);
    assert.match(stateOf('lifetime')?.tried.join() ?? '', /the worker lived on/);
    // Node's own holds all the same.
    assert.equal(stateOf('permissions')?.state, 'holds');
    assert.deepEqual(left(), [], 'what was written is gone');
  });
});
