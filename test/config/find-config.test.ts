import assert from 'node:assert/strict';
import { chownSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { findConfig } from '../../src/config/find-config.ts';
import { tempDir } from '../support/temp.ts';

const me = process.getuid?.();

/** Folders and files under a root: a name that ends in / is a folder. */
function tree(...names: readonly string[]) {
  const temp = tempDir();
  const root = realpathSync(temp.path);
  for (const name of names) {
    const path = join(root, name);
    if (name.endsWith('/')) mkdirSync(path, { recursive: true });
    else {
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, '');
    }
  }
  return {
    at: (name: string) => join(root, name),
    find: (cwd: string, home = 'home', uid = me) =>
      findConfig({ cwd: join(root, cwd), home: join(root, home), uid }),
    [Symbol.dispose]: () => temp[Symbol.dispose](),
  };
}

describe('the configuration that is meant', () => {
  test('is the one in the working directory, by either name', () => {
    using dir = tree('a/corral.yaml', 'b/corral.yml', 'c/');
    assert.equal(dir.find('a'), 'corral.yaml');
    assert.equal(dir.find('b'), 'corral.yml');
    assert.equal(dir.find('c'), null);
  });

  test('is the nearest above it in a repository, and none beyond its root', () => {
    using dir = tree('corral.yaml', 'repo/.git/', 'repo/a/b/', 'repo/a/corral.yaml', 'repo/c/d/');
    assert.equal(dir.find('repo/a/b'), dir.at('repo/a/corral.yaml'));
    assert.equal(dir.find('repo/c/d'), null);
    writeFileSync(dir.at('repo/corral.yaml'), '');
    assert.equal(dir.find('repo/c/d'), dir.at('repo/corral.yaml'));
  });

  test('outside a repository is looked for up to the home directory', () => {
    using dir = tree('corral.yaml', 'home/a/b/');
    assert.equal(dir.find('home/a/b'), null);
    writeFileSync(dir.at('home/corral.yaml'), '');
    assert.equal(dir.find('home/a/b'), dir.at('home/corral.yaml'));
  });

  test('lies in no folder above where there is neither repository nor home', () => {
    using dir = tree('corral.yaml', 'srv/a/');
    assert.equal(dir.find('srv/a'), null);
  });

  test('a home that is a link is the folder it leads to', () => {
    using dir = tree('real/a/', 'real/corral.yaml');
    symlinkSync(dir.at('real'), dir.at('link'));
    assert.equal(dir.find('real/a', 'link'), dir.at('real/corral.yaml'));
  });

  test('one of two in a folder is refused', () => {
    using dir = tree('a/corral.yaml', 'a/corral.yml');
    assert.throws(() => dir.find('a'), {
      code: 'bad-config',
      message: /two configurations, .*keep one/,
    });
  });

  test("another user's is refused", { skip: me === undefined && 'no user ids here' }, () => {
    using dir = tree('a/corral.yaml');
    // Root can give its file away; anybody else asks as somebody else.
    if (me === 0) chownSync(dir.at('a/corral.yaml'), 4321, 4321);
    assert.throws(() => dir.find('a', 'home', me === 0 ? 0 : (me ?? 0) + 1), {
      code: 'bad-config',
      message: /belongs to another user; name it with --config/,
    });
  });

  test("root's is everybody's", { skip: me !== 0 && 'only root has files of root' }, () => {
    using dir = tree('a/corral.yaml');
    assert.equal(dir.find('a', 'home', 4321), 'corral.yaml');
  });
});
