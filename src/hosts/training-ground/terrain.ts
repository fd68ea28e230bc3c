// Owns the training ground's map: what lies where, what can be walked on, and the shortest way between two places.

/** A cell of the map; x grows to the east, y to the south, both from 0. */
export interface Position {
  readonly x: number;
  readonly y: number;
}

/** What the letters of the map mean; only grass, floor and field can be walked on. */
export const LEGEND = {
  '#': 'wall',
  '.': 'grass',
  T: 'tree',
  '~': 'water',
  '=': 'field',
} as const;

/** The map, the same in every world: a walled farm in the west, water in the east, open grass between. */
const MAP = [
  '########################################',
  '#....TT.........#..........TT....~~~~~~#',
  '#..............T#................~~~~~~#',
  '#...T...........#.................~~~~~#',
  '#.......................T..........~~~~#',
  '#...............#..................~~~~#',
  '######.##########.......T..........~~~~#',
  '#..............#...................~~~~#',
  '#.====.====....#..................~~~~~#',
  '#.====.====....#.....................~~#',
  '#......................................#',
  '#.====.====....#.........TT............#',
  '#.====.====....#........TT....###.####.#',
  '#..............#..............#.......##',
  '################..............#.......##',
  '#....T..........T.............#.......##',
  '#..TT...................T.............##',
  '#...T.........................#.......##',
  '#.............T...............#.......##',
  '########################################',
];

/** Cells from west to east. */
export const WIDTH = MAP[0]?.length ?? 0;
/** Cells from north to south. */
export const HEIGHT = MAP.length;

/** The map's letter at a place; a wall outside it. */
export function letterAt({ x, y }: Position): keyof typeof LEGEND {
  return (MAP[y]?.[x] ?? '#') as keyof typeof LEGEND;
}

/** True where one can stand. */
export function isWalkable(place: Position): boolean {
  const letter = letterAt(place);
  return letter === '.' || letter === '=';
}

/** Every place with this letter, row by row. */
export function placesOf(letter: keyof typeof LEGEND): Position[] {
  return MAP.flatMap((row, y) =>
    [...row].flatMap((here, x) => (here === letter ? [{ x, y }] : [])),
  );
}

/** Steps between two places where diagonal steps count as one. */
export function distance(a: Position, b: Position): number {
  return Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));
}

/** True when two places are the same cell. */
export function isSamePlace(a: Position, b: Position): boolean {
  return a.x === b.x && a.y === b.y;
}

/** The four ways one can walk, and the step each is. */
export const DIRECTIONS = {
  north: { x: 0, y: -1 },
  east: { x: 1, y: 0 },
  south: { x: 0, y: 1 },
  west: { x: -1, y: 0 },
} as const satisfies Record<string, Position>;

/** The place one step away. */
export function step(from: Position, way: Position): Position {
  return { x: from.x + way.x, y: from.y + way.y };
}

/**
 * The shortest way from one place to another by the four directions, without the start; null when there is none.
 * Breadth first, so the map's 800 cells are looked at once at most.
 */
export function findPath(
  from: Position,
  to: Position,
  isFree: (place: Position) => boolean,
): Position[] | null {
  const key = (place: Position) => place.y * WIDTH + place.x;
  const cameFrom = new Map<number, Position | null>([[key(from), null]]);
  const frontier = [from];
  for (const place of frontier) {
    if (isSamePlace(place, to)) return trace(place, cameFrom, key);
    for (const way of Object.values(DIRECTIONS)) {
      const next = step(place, way);
      if (cameFrom.has(key(next)) || !isWalkable(next)) continue;
      if (!isFree(next) && !isSamePlace(next, to)) continue;
      cameFrom.set(key(next), place);
      frontier.push(next);
    }
  }
  return null;
}

function trace(
  end: Position,
  cameFrom: ReadonlyMap<number, Position | null>,
  key: (place: Position) => number,
): Position[] {
  const path: Position[] = [];
  let place: Position = end;
  for (let from = cameFrom.get(key(place)); from; from = cameFrom.get(key(place))) {
    path.unshift(place);
    place = from;
  }
  return path;
}
