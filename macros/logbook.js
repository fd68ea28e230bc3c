// ==Macro==
// @name        logbook
// @description Remembers from run to run: how often it ran, the farthest walk, and the last few visits
// @version     1.0.0
// @grant       movement
// @limit       wall=10s cpu=500ms heap=32mb commands=20
// @input       reset:boolean=false    forget everything first
// @expect      completed
// ==/Macro==

if (input.reset) {
  for (const key of ['runs', 'farthest', 'visits']) await state.delete(key);
  log.info('the logbook is empty again');
}

// Adding is one step, so that two runs at the same time cannot count the same number.
const runs = await state.incr('runs');

// Somewhere else every time, within reach of the spawn.
const goal = { x: 18 + Math.floor(random() * 8), y: 7 + Math.floor(random() * 5) };
const { steps, x, y } = await movement.goto(goal);

const farthest = Math.max(await state.get('farthest', 0), steps);
await state.set('farthest', farthest);

const visits = [...(await state.get('visits', [])), { run: runs, x, y, at: new Date(now()) }].slice(-5);
await state.set('visits', visits);

log.info(`run ${runs}: ${steps} steps to ${x},${y}; the farthest so far is ${farthest}`);
return { runs, steps, farthest, visits: visits.map((visit) => `${visit.x},${visit.y}`) };
