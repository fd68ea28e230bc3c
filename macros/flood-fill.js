// ==Macro==
// @name        flood-fill
// @description Finds out how far one can walk from here: fills the map around us, cell by cell, by recursion
// @version     1.0.0
// @grant       movement
// @limit       wall=10s cpu=500ms heap=32mb commands=10
// @input       radius:integer=8
// @expect      completed
// ==/Macro==

const { rows, centre } = await movement.look({ radius: input.radius });
const map = rows.map((row) => [...row]);

// Grass, field and our own place can be walked on.
const isOpen = (cell) => cell === '.' || cell === '=' || cell === '@';

/** Marks every cell that can be reached from this one and gives how many there are. */
function fill(row, column) {
  // The base case: outside the map, closed, or marked already. Each call marks one cell, so the depth has a bound.
  if (!isOpen(map[row]?.[column])) return 0;
  map[row][column] = 'o';
  return 1 + fill(row - 1, column) + fill(row, column + 1) + fill(row + 1, column) + fill(row, column - 1);
}

const open = rows.join('').split('').filter(isOpen).length;
const reached = fill(input.radius, input.radius);

for (const row of map) log.info(row.join(''));

// Walk to the first cell of the filled land, as seen from the north-west.
const row = map.findIndex((cells) => cells.includes('o'));
const goal = { x: centre.x - input.radius + map[row].indexOf('o'), y: centre.y - input.radius + row };
const { x, y, steps, arrived } = await movement.goto(goal);

return { open, reached, walkedTo: { x, y }, steps, arrived };
