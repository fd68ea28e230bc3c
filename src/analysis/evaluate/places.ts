// Owns the places that change from turn to turn of a loop: variables, properties, items, lengths; what each was, and what it
// is as a function of the turn.

import { Activation, type Machine } from './machine.ts';
import {
  ArrayObj,
  Cell,
  CollectionObj,
  Linear,
  type Mutable,
  Obj,
  Slot,
  Text,
  UNKNOWN,
  Unknown,
  type Value,
} from './values.ts';

type Journal = ReadonlyMap<Mutable, unknown>;
/** What a target consists of, by name. */
type Parts = Map<string, Value>;

/** A place that changes. */
export interface Place {
  readonly target: Mutable;
  readonly key: string;
  /** False where nothing is known of it but that it changes. */
  readonly isRegular: boolean;
  /** Puts the function of the turn there. */
  generalise(m: Machine): void;
  /** True when it is where the function says it is a turn later. */
  isHeld(): boolean;
  /** Moves it by so many turns; tells whether it can, and does it only if `now`. */
  skip(turns: number, now: boolean): boolean;
}

const ITEMS_MAX = 20_000;
/** Arrays with more items are not compared item by item. */
const COMPARED_MAX = 500;
const LENGTH = 'length of the array';

/** All places that changed in both periods, regularly or not; null when some change is of no known kind. */
export function placesOf(
  first: Journal,
  second: Journal,
  known: ReadonlySet<object>,
): Place[] | null {
  const places: Place[] = [];
  const slots = slotCells(first, second);
  for (const target of new Set([...first.keys(), ...second.keys()])) {
    // What was made on the way is nobody's yet; a cell in a slot is looked at there.
    if (!known.has(target) || (target instanceof Cell && slots.has(target))) continue;
    const now = partsOf(target, null, null);
    const middle = second.has(target) ? partsOf(target, second.get(target), second) : now;
    const start = first.has(target) ? partsOf(target, first.get(target), first) : middle;
    if (!now || !middle || !start) return null;
    const found = changesOf(target, start, middle, now);
    if (!found) return null;
    places.push(...found);
  }
  return places;
}

/** Cells that stand or stood in the slots of an activation that got new ones. */
function slotCells(...journals: readonly Journal[]): Set<Cell> {
  const cells = new Set<Cell>();
  for (const journal of journals)
    for (const [target, saved] of journal)
      if (target instanceof Activation)
        for (const cell of [...(saved as Cell[]), ...target.cells]) cells.add(cell);
  return cells;
}

function changesOf(target: Mutable, start: Parts, middle: Parts, now: Parts): Place[] | null {
  const length = now.get(LENGTH);
  if (length !== undefined) {
    const shape = shapeOf(start.get(LENGTH), middle.get(LENGTH), length);
    // What an array of another length holds is not looked at: reading from it is then unknown.
    if (shape) return shape instanceof Linear ? [placeOf(target, LENGTH, length, shape)] : null;
    if (now.size > COMPARED_MAX) return null;
  }
  if (!isSameShape(start, middle, now)) return null;
  const places: Place[] = [];
  for (const [key, value] of now) {
    const shape = shapeOf(start.get(key), middle.get(key), value);
    if (shape === undefined) continue;
    if (target instanceof CollectionObj) return null;
    places.push(placeOf(target, key, value, shape));
  }
  return places;
}

function isSameShape(start: Parts, middle: Parts, now: Parts): boolean {
  if (start.size !== now.size || middle.size !== now.size) return false;
  for (const key of now.keys()) if (!start.has(key) || !middle.has(key)) return false;
  return true;
}

/** The parts of a target, as it is or as it was saved; null for what is not taken apart. */
function partsOf(target: Mutable, saved: unknown, journal: Journal | null): Parts | null {
  const isNow = journal === null;
  if (target instanceof Cell) return new Map([['', isNow ? target.v : (saved as Value)]]);
  if (target instanceof Activation) {
    const cells = isNow ? target.cells : (saved as Cell[]);
    // The cell may have changed after it was saved, and then its own entry has what it was.
    const valueThen = (cell: Cell) => (journal?.has(cell) ? (journal.get(cell) as Value) : cell.v);
    return new Map(cells.map((cell, index) => [String(index), valueThen(cell)]));
  }
  if (target instanceof ArrayObj) {
    const { items, length } = isNow ? target : (saved as ArrayObj);
    return arrayParts(items, length);
  }
  if (target instanceof CollectionObj)
    return collectionParts(isNow ? target : (saved as CollectionObj));
  if (target instanceof Obj) {
    const { props } = isNow ? target : (saved as Obj);
    return new Map([...props].map(([key, { value }]) => [key, value]));
  }
  return null;
}

function arrayParts(items: readonly Value[], length: Linear | null): Parts {
  const parts: Parts = new Map([[LENGTH, length ?? items.length]]);
  if (!length && items.length <= COMPARED_MAX)
    items.forEach((item, index) => {
      parts.set(String(index), item);
    });
  return parts;
}

function collectionParts({ entries }: CollectionObj): Parts | null {
  const parts: Parts = new Map();
  for (const [key, value] of entries) {
    if (typeof key === 'object' && key !== null) return null;
    parts.set(`${typeof key} ${String(key)}`, value);
  }
  return parts;
}

/** What three sightings of a place make it: a function of the turn, unknown, or undefined where it never changed. */
function shapeOf(start: Value, middle: Value, now: Value): Linear | Text | Unknown | undefined {
  if (Object.is(start, middle) && Object.is(middle, now)) return undefined;
  if (typeof now === 'string' && typeof middle === 'string' && typeof start === 'string') {
    const step = now.length - middle.length;
    return step === middle.length - start.length ? new Text(new Linear(now.length, step)) : UNKNOWN;
  }
  // The types call BigInts numbers here; their operators are the same.
  if (typeof now === 'bigint' && typeof middle === 'bigint' && typeof start === 'bigint')
    return now - middle === middle - start
      ? new Linear(now as never, (now - middle) as never)
      : UNKNOWN;
  if (typeof now !== 'number' || typeof middle !== 'number' || typeof start !== 'number')
    return UNKNOWN;
  const step = now - middle;
  if (!Number.isFinite(step) || !isNear(step, middle - start)) return UNKNOWN;
  return new Linear(now, step);
}

/** Whole numbers are the same or not; others may differ by what adding them up has lost. */
function isNear(a: number, b: number): boolean {
  if (a === b || typeof a === 'bigint') return a === b;
  if (Number.isInteger(a) && Number.isInteger(b)) return false;
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

function placeOf(target: Mutable, key: string, now: Value, shape: Linear | Text | Unknown): Place {
  return {
    target,
    key,
    isRegular: !(shape instanceof Unknown),
    generalise(m) {
      m.touch(target);
      if (target instanceof Activation) m.touch(target.cells[Number(key)] as Cell);
      write(target, key, shape);
    },
    isHeld() {
      if (shape instanceof Unknown) return true;
      const line = shape instanceof Text ? shape.length : shape;
      const got = read(target, key);
      const at = shape instanceof Text && got instanceof Text ? got.length : got;
      return (
        at instanceof Linear &&
        isNear(at.slope, line.slope) &&
        isNear(at.base, line.base + line.slope)
      );
    },
    skip(turns, isNow) {
      const next = afterTurns(target, key, now, shape, turns);
      if (next === null) return false;
      if (isNow) write(target, key, next);
      return true;
    },
  };
}

/** What a place is so many turns later; null where that cannot be said. */
function afterTurns(
  target: Mutable,
  key: string,
  now: Value,
  shape: Linear | Text | Unknown,
  turns: number,
): Value | null {
  if (shape instanceof Unknown) return UNKNOWN;
  if (shape instanceof Text) return null;
  if (typeof now === 'bigint') return now + BigInt(turns) * (shape.slope as unknown as bigint);
  const next = (now as number) + turns * shape.slope;
  if (
    !Number.isSafeInteger(now) ||
    !Number.isSafeInteger(shape.slope) ||
    !Number.isSafeInteger(next)
  )
    return null;
  if (target instanceof ArrayObj && key === LENGTH && (next > ITEMS_MAX || next < 0)) return null;
  return next;
}

function read(target: Mutable, key: string): Value {
  if (target instanceof ArrayObj && key === LENGTH) return target.length ?? target.items.length;
  return partsOf(target, null, null)?.get(key);
}

function write(target: Mutable, key: string, value: Value): void {
  if (target instanceof Cell) target.v = value;
  else if (target instanceof Activation) (target.cells[Number(key)] as Cell).v = value;
  else if (target instanceof ArrayObj && key === LENGTH) writeLength(target, value);
  else if (target instanceof ArrayObj && /^\d+$/.test(key)) target.items[Number(key)] = value;
  else if (target instanceof Obj) target.props.set(key, new Slot(value));
}

function writeLength(array: ArrayObj, value: Value): void {
  if (value instanceof Linear) {
    array.length = value;
    return;
  }
  if (typeof value !== 'number') return;
  array.length = null;
  array.items = new Array<Value>(value).fill(UNKNOWN);
}

/**
 * What a turn has shown: places that are not where they should be, or that changed though they never had, are given up
 * as unknown. Empty when all is as it should be; null when that cannot be said.
 */
export function strayPlaces(
  journal: Journal,
  places: readonly Place[],
  known: ReadonlySet<object>,
): Place[] | null {
  const stray: Place[] = [];
  const moved = new Map<Mutable, Set<string>>();
  for (const place of places) {
    const { target, key } = place;
    moved.set(target, (moved.get(target) ?? new Set<string>()).add(key));
    if (place.isHeld()) continue;
    if (key === LENGTH) return null;
    stray.push(placeOf(target, key, UNKNOWN, UNKNOWN));
  }
  const slots = slotCells(journal);
  for (const [target, saved] of journal) {
    if (!known.has(target) || (target instanceof Cell && slots.has(target))) continue;
    const keys = moved.get(target);
    if (keys?.has(LENGTH)) continue;
    const before = partsOf(target, saved, journal);
    const now = partsOf(target, null, null);
    if (!before || !now || before.size !== now.size || now.size > COMPARED_MAX) return null;
    for (const [key, value] of now) {
      if (keys?.has(key) || Object.is(value, before.get(key))) continue;
      if (target instanceof CollectionObj || key === LENGTH) return null;
      stray.push(placeOf(target, key, UNKNOWN, UNKNOWN));
    }
  }
  return stray;
}

/** Places with some of them given up. */
export function withStray(places: readonly Place[], stray: readonly Place[]): Place[] {
  const isStray = ({ target, key }: Place) =>
    stray.some((each) => each.target === target && each.key === key);
  return [...places.filter((place) => !isStray(place)), ...stray];
}
