// ==Macro==
// @name        farmer
// @description Harvests what is ripe, the nearest plot first, until the bag is nearly full
// @version     1.0.0
// @grant       teleport.to movement inventory
// @limit       wall=20s cpu=500ms heap=32mb commands=200
// @input       keepRoom:integer=10    leave room for so many items
// @expect      completed
// ==/Macro==

const distance = (a, b) => Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));

await teleport.to({ name: 'field' });
let here = await movement.where();
let { plots } = await inventory.crops(); // only the ripe ones, unless asked otherwise
log.info(`${plots.length} plots are ripe`);

const harvest = { wheat: 0, carrot: 0 };
while (plots.length > 0) {
  const nearest = plots.reduce((best, plot) => (distance(plot, here) < distance(best, here) ? plot : best));
  await movement.goto({ x: nearest.x, y: nearest.y });
  here = await movement.where();

  // One swing takes every ripe plot beside us, so the list is shorter by those.
  const { wheat, carrot, room } = await inventory.harvest();
  harvest.wheat += wheat;
  harvest.carrot += carrot;
  log.info(`at ${here.x},${here.y}: ${wheat} wheat, ${carrot} carrots, room for ${room} more`);
  if (room <= input.keepRoom) break;

  // Leaving out the nearest one as well makes sure that the list gets shorter whatever happens.
  plots = plots.filter((plot) => plot !== nearest && distance(plot, here) > 1);
}

const { total, room } = await inventory.list();
return { ...harvest, carried: total, room };
