// Owns whether what a command is given fits what it takes, as far as the text shows it.

import type { AnyNode } from 'acorn';
import { type Command, isObjectSchema } from '../../model/command.ts';
import { safeText } from '../../model/safe-text.ts';
import type { CommandSite } from '../cost/command-sites.ts';
import { constantOf } from '../facts/constants.ts';
import type { NodeOf } from '../facts/facts.ts';
import type { Scopes } from '../facts/scopes.ts';
import type { RawFinding } from './rule.ts';

const SHOWN_CHARS_MAX = 40;
const CHECKED_CHARS_MAX = 10_000;

/** What is surely wrong with the arguments of a command; slash lines are left to the host. */
export function wrongArgumentsOf(
  { site: { node }, command, slash, name }: CommandSite,
  scopes: Scopes,
): RawFinding[] {
  const isSlash = slash !== null || !('arguments' in node);
  if (!command || !isObjectSchema(command.input) || isSlash || node.arguments.length > 1) return [];
  const [given] = node.arguments as AnyNode[];
  if (!given) return missing(command, [], node.callee);
  if (given.type === 'ObjectExpression') return inObject(command, given, scopes);
  const known = constantOf(given, scopes);
  if (!known || (typeof known.value === 'object' && known.value !== null)) return [];
  if (known.value === undefined) return missing(command, [], given);
  const [key] = Object.keys(command.input.shape);
  const example = key === undefined ? '{}' : `{ ${key}: … }`;
  const message = `\`${name}\` takes one object, not ${show(known.value)}; write \`${name}(${example})\``;
  return [{ level: 'warning', start: given.start, end: given.end, message }];
}

function inObject(
  command: Command,
  given: NodeOf<'ObjectExpression'>,
  scopes: Scopes,
): RawFinding[] {
  const keys: string[] = [];
  const found: RawFinding[] = [];
  for (const property of given.properties) {
    if (property.type !== 'Property' || property.computed) return [];
    const key = keyOf(property.key);
    if (key === null) return [];
    keys.push(key);
    found.push(...wrongValue(command, key, property.value, scopes));
    found.push(...unknownKey(command, key, property));
  }
  return [...found, ...missing(command, keys, given)];
}

function keyOf(node: AnyNode): string | null {
  if (node.type === 'Identifier') return node.name;
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : null;
}

/** Only primitive values are certain in whole. */
function wrongValue(
  { name, input }: Command,
  key: string,
  node: AnyNode,
  scopes: Scopes,
): RawFinding[] {
  const known = Object.hasOwn(input.shape, key) ? constantOf(node, scopes) : null;
  if (!known || (typeof known.value === 'object' && known.value !== null)) return [];
  const isLong = typeof known.value === 'string' && known.value.length > CHECKED_CHARS_MAX;
  const wrong = isLong ? null : problemOf(input, key, known.value);
  if (wrong === null) return [];
  const { start, end } = node;
  const message = `\`${key}\` of \`${name}\` cannot be ${show(known.value)}: ${wrong}`;
  return [{ level: 'warning', start, end, message }];
}

function unknownKey({ name, input }: Command, key: string, { start, end }: AnyNode): RawFinding[] {
  if (Object.hasOwn(input.shape, key)) return [];
  const { catchall } = input.def as unknown as { catchall?: { def: { type: string } } };
  // Keys a schema drops do no harm; those it takes are no matter.
  if (catchall && catchall.def.type !== 'never') return [];
  const list = Object.keys(input.shape).join(', ') || 'nothing';
  const message = `\`${name}\` has no \`${safeText(key, { charsMax: SHOWN_CHARS_MAX })}\`; it takes ${list}`;
  return [{ level: catchall ? 'warning' : 'info', start, end, message }];
}

function missing(
  { name, input }: Command,
  keys: readonly string[],
  { start, end }: AnyNode,
): RawFinding[] {
  const needed = Object.keys(input.shape).filter(
    (key) => !keys.includes(key) && problemOf(input, key, undefined) !== null,
  );
  if (needed.length === 0) return [];
  const list = needed.map((key) => `\`${key}\``).join(' and ');
  return [{ level: 'warning', start, end, message: `\`${name}\` needs ${list}` }];
}

/** What the schema says of a value; null when it takes it, or cannot tell at once. */
function problemOf(input: Command['input'], key: string, value: unknown): string | null {
  try {
    const checked = input.shape[key].safeParse(value);
    if (checked.success) return null;
    return safeText(checked.error.issues[0]?.message ?? 'it does not fit', { charsMax: 120 });
  } catch {
    // A check that needs to wait, or the host's own that failed: the run will tell.
    return null;
  }
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return safeText(text, { charsMax: SHOWN_CHARS_MAX });
}
