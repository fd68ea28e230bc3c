// ==Macro==
// @name        daily-chores
// @description A day at the farm, made of other macros: harvest, put everything away, eat
// @version     1.0.0
// @grant       movement inventory teleport.to combat.status chat.say
// @limit       wall=60s cpu=2s heap=64mb commands=400
// @input       quiet?:boolean     say nothing at the end
// @expect      completed
// ==/Macro==

// A macro of the same folder is called by its `@name`. It runs in a place of its own, sees only the input given here,
// uses up this run's limits, and may do what both its `@grant` and ours allow.
const harvest = await macros.call('farmer', { keepRoom: 20 });
log.info('harvested', harvest);

const sorted = await macros.call('chest-sort', { keep: ['dagger', 'bread', 'carrot'] });
log.info('sorted', sorted.moved);

// A chore that goes wrong should not spoil the day.
let meal = null;
try {
  meal = await macros.call('auto-eat', { checks: 2 });
} catch (error) {
  log.warn(`no meal: ${error.message}`);
}

const pieces = Object.values(sorted.moved).reduce((sum, count) => sum + count, 0);
if (!input.quiet) await chat.say({ text: `chores done: ${pieces} things put away` });

const { commands } = budget();
return { harvest, pieces, eaten: meal?.eaten ?? [], commandsLeft: commands };
