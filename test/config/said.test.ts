import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { problemText, sayAssignment, toLocalPath } from '../../src/config/said.ts';

describe('--set', () => {
  for (const [text, told] of [
    ['load.activ=5', '--set load.activ: there is no such setting; did you mean `load.active`?'],
    ['active=5', '--set active: there is no such setting; did you mean `load.active`?'],
    ['load=5', '--set load: there is no such setting; `corral config` lists them.'],
    ['=5', '--set : there is no such setting; `corral config` lists them.'],
    ['load.active', '--set load.active: has no value; write load.active=100.'],
    ['limits.cpu', '--set limits.cpu: has no value; write limits.cpu=10s.'],
    ['load.active=', '--set load.active: must be a whole number from 1 to 100000, not ``.'],
    ['__proto__.x=5', '--set __proto__.x: there is no such setting; `corral config` lists them.'],
  ] as const)
    test(`${text} is told`, () => {
      const result = sayAssignment(text, '--set');
      assert.equal('problem' in result && problemText(result.problem), told);
    });

  test('takes everything behind the first equals sign', () => {
    const result = sayAssignment('dumps.dir=/srv/a=b', '--set');
    assert.equal('said' in result && result.said.value, '/srv/a=b');
  });
});

test('a path is shown from the working directory where it is inside, else whole', () => {
  for (const [path, folder, expected] of [
    ['x', '.', 'x'],
    ['./x/', '/srv/here', 'x'],
    ['../x', '/srv/here/deep', 'x'],
    ['x', '/srv', '/srv/x'],
    ['/x', '/srv/here', '/x'],
    ['.', '.', '/srv/here'],
    ['..x', '.', '/srv/here/..x'],
  ] as const)
    assert.equal(toLocalPath(path, folder, '/srv/here'), expected, `${path} in ${folder}`);
});
