// Owns sets of characters as sorted ranges of code points, and what a regular expression's classes mean as such.

import type { AST } from '@eslint-community/regexpp';

/** Ranges of code points, both ends inclusive, in order and without overlap. */
export type CharSet = readonly (readonly [from: number, to: number])[];

const LAST = 0x10_ffff;
/** Every code point. */
export const ANY: CharSet = [[0, LAST]];
const DIGITS: CharSet = [[48, 57]];
const WORD: CharSet = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
const SPACE: CharSet = [
  [9, 13],
  [32, 32],
  [160, 160],
  [0x16_80, 0x16_80],
  [0x20_00, 0x20_0a],
  [0x20_28, 0x20_29],
  [0x20_2f, 0x20_2f],
  [0x20_5f, 0x20_5f],
  [0x30_00, 0x30_00],
  [0xfe_ff, 0xfe_ff],
];
const LINE_ENDS: CharSet = [
  [10, 10],
  [13, 13],
  [0x20_28, 0x20_29],
];
/** Stands for any Unicode property: letters, and all beyond ASCII. */
const PROPERTY: CharSet = [
  [65, 90],
  [97, 122],
  [128, LAST],
];

/** True when a character is in a set. */
export function includes(set: CharSet, sign: number): boolean {
  return set.some(([from, to]) => from <= sign && sign <= to);
}

/** All that is in one or the other. */
export function union(...sets: readonly CharSet[]): CharSet {
  const ranges = sets.flat().sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of ranges) {
    const last = merged.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** All that is not in a set. */
export function complement(set: CharSet): CharSet {
  const ranges: [number, number][] = [];
  let next = 0;
  for (const [from, to] of union(set)) {
    if (from > next) ranges.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= LAST) ranges.push([next, LAST]);
  return ranges;
}

/** All that is in both. */
export function intersection(a: CharSet, b: CharSet): CharSet {
  const ranges: [number, number][] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const [fromA, toA] = a[i] as readonly [number, number];
    const [fromB, toB] = b[j] as readonly [number, number];
    const from = Math.max(fromA, fromB);
    const to = Math.min(toA, toB);
    if (from <= to) ranges.push([from, to]);
    if (toA < toB) i++;
    else j++;
  }
  return ranges;
}

/** A character of a set, one that can be read where there is one; null for the empty set. */
export function exampleOf(set: CharSet): string | null {
  for (const wanted of READABLE) {
    const [from, to] = intersection(set, [wanted])[0] ?? [1, 0];
    if (from <= to) return String.fromCodePoint(from);
  }
  const [first] = set;
  return first ? String.fromCodePoint(first[0]) : null;
}

const READABLE: CharSet = [
  [97, 122],
  [48, 57],
  [65, 90],
  [33, 126],
  [32, 32],
];

/** The other case of the letters in a set, added to it. */
function foldCase(set: CharSet): CharSet {
  const letters = (from: number, to: number, shift: number): CharSet =>
    intersection(set, [[from, to]]).map(([a, b]) => [a + shift, b + shift]);
  return union(set, letters(97, 122, -32), letters(65, 90, 32));
}

/** What an element that takes one character takes. */
export function charsOf(
  element: AST.Character | AST.CharacterSet | AST.CharacterClass | AST.ExpressionCharacterClass,
  flags: string,
): CharSet {
  const set = rawCharsOf(element, flags);
  return flags.includes('i') ? foldCase(set) : set;
}

function rawCharsOf(element: AST.Node, flags: string): CharSet {
  switch (element.type) {
    case 'Character':
      return [[element.value, element.value]];
    case 'CharacterSet':
      return characterSet(element, flags);
    case 'CharacterClassRange':
      return [[element.min.value, element.max.value]];
    case 'CharacterClass': {
      const inside = union(...element.elements.map((each) => rawCharsOf(each, flags)));
      return element.negate ? complement(flags.includes('i') ? foldCase(inside) : inside) : inside;
    }
    // Set operations of the `v` flag: taken for more than they are.
    default:
      return ANY;
  }
}

function characterSet(element: AST.CharacterSet, flags: string): CharSet {
  switch (element.kind) {
    case 'any':
      return flags.includes('s') ? ANY : complement(LINE_ENDS);
    case 'digit':
      return element.negate ? complement(DIGITS) : DIGITS;
    case 'word':
      return element.negate ? complement(WORD) : WORD;
    case 'space':
      return element.negate ? complement(SPACE) : SPACE;
    case 'property':
      return element.negate ? complement(PROPERTY) : PROPERTY;
  }
}
