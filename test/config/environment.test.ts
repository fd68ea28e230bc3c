import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readEnvironment } from '../../src/config/environment.ts';
import { problemText } from '../../src/config/said.ts';

describe('the environment', () => {
  test('says what its variables say, and nothing where they are empty', () => {
    const { said, problems, warnings } = readEnvironment({
      CORRAL_LEVEL: 'high',
      CORRAL_LOAD_QUEUE_PER_OWNER: '5',
      CORRAL_GUARD_LOW_ADMISSION_REFUSE_RISK: 'none',
      CORRAL_COMMANDS_PRIVILEGED: 'light.set, chat.shout',
      CORRAL_WALLS: ' ',
      CORRAL_CONFIG: '/etc/corral.yaml',
      CORRALS: '1',
      PATH: '/bin',
    });
    assert.deepEqual({ problems, warnings }, { problems: [], warnings: [] });
    assert.deepEqual(
      said.map(({ setting, value, origin }) => [
        setting.path,
        value,
        origin.by === 'environment' && origin.name,
      ]),
      [
        ['level', 'high', 'CORRAL_LEVEL'],
        ['load.queuePerOwner', 5, 'CORRAL_LOAD_QUEUE_PER_OWNER'],
        ['guard.low.admission.refuseRisk', null, 'CORRAL_GUARD_LOW_ADMISSION_REFUSE_RISK'],
        ['commands.privileged', ['light.set', 'chat.shout'], 'CORRAL_COMMANDS_PRIVILEGED'],
      ],
    );
  });

  test('is told of each value that is none', () => {
    const { problems } = readEnvironment({
      CORRAL_LOAD_ACTIVE: 'many',
      CORRAL_BRAKE_HOLD: '60',
      CORRAL_LOAD_ADAPTIVE: 'maybe',
    });
    assert.deepEqual(problems.map(problemText), [
      'CORRAL_LOAD_ACTIVE: must be a whole number from 1 to 100000, not `many`.',
      'CORRAL_BRAKE_HOLD: has no unit; write 60ms or 60s.',
      'CORRAL_LOAD_ADAPTIVE: must be true or false, not `maybe`.',
    ]);
  });

  test('is warned of variables that set nothing, with the one that was meant', () => {
    const { warnings } = readEnvironment({
      CORRAL_LOAD_AKTIVE: '5',
      CORRAL_CONFIGS: 'x',
      CORRAL_SOMETHING_ELSE_ALTOGETHER: '5',
    });
    assert.deepEqual(warnings, [
      'The variable CORRAL_LOAD_AKTIVE sets nothing; did you mean CORRAL_LOAD_ACTIVE?',
      'The variable CORRAL_CONFIGS sets nothing; did you mean CORRAL_CONFIG?',
      'The variable CORRAL_SOMETHING_ELSE_ALTOGETHER sets nothing; `corral config` lists the settings.',
    ]);
  });
});
