// Owns what is learned from a stopped macro: frames with lines, bounded previews of locals, secrets masked.

import { isSecretName, MASKED } from '../model/secret-name.ts';
import type { WireFrame } from '../model/wire.ts';
import type { CallFrame, Inspector, ObjectPreview, RemoteProperty } from './inspector.ts';

const FRAMES_MAX = 32;
/** Locals are read for the top frames only: each costs a round trip into the stopped isolate. */
const FRAMES_WITH_LOCALS = 4;
const LOCALS_MAX = 24;
const PREVIEW_CHARS = 200;
/** What an object holds is told by itself from this size on. */
const PART_SIZE = 100;

/** Whose frames are read. */
interface Whose {
  readonly number: number;
  readonly file: string;
}

/**
 * The frames of a stopped macro that lie in its own file, top first. The list is whole at once; the frames' variables
 * are there when `done` resolves, for reading them may call getters of the macro's that never return.
 */
export function readFrames(
  inspector: Inspector,
  frames: readonly CallFrame[],
  realm: Whose,
): { readonly frames: WireFrame[]; readonly done: Promise<void> } {
  // The wrapper around the macro stands left of its first column.
  const own = frames
    .filter(
      (frame) => inspector.url(frame) === realm.file && (frame.location.columnNumber ?? 0) >= 0,
    )
    .slice(0, FRAMES_MAX);
  const read = own.map((frame) => ({
    functionName: frame.functionName.slice(0, 200),
    realm: realm.number,
    line: frame.location.lineNumber + 1,
    column: (frame.location.columnNumber ?? 0) + 1,
    async: false,
    locals: [] as WireFrame['locals'],
  }));
  const readAll = async () => {
    for (const [index, frame] of own.slice(0, FRAMES_WITH_LOCALS).entries()) {
      const locals = await readLocals(inspector, frame);
      read[index]?.locals.push(...locals);
    }
  };
  return { frames: read, done: readAll() };
}

/** The frames of a stack text that lie in the macro's own file, top first, without variables. The text is hostile. */
export function framesOfText(text: string, realm: Whose): WireFrame[] {
  const mark = `${realm.file}:`;
  const frames: WireFrame[] = [];
  for (const raw of text.split('\n').slice(0, FRAMES_MAX)) {
    const at = raw.startsWith('    at ') ? raw.lastIndexOf(mark) : -1;
    const match = at < 0 ? null : /^(\d{1,7}):(\d{1,7})\)?$/.exec(raw.slice(at + mark.length));
    // The wrapper around the macro stands left of its first column.
    if (!match || Number(match[2]) < 1) continue;
    const text = raw.slice('    at '.length, at).replace(/ ?\($/, '');
    const isAsync = /^async( |$)/.test(text);
    const name = text.slice(isAsync ? 'async '.length : 0, 200);
    frames.push({
      functionName: name,
      realm: realm.number,
      line: Number(match[1]),
      column: Number(match[2]),
      async: isAsync,
      locals: [],
    });
  }
  return frames;
}

/** The variables of the innermost blocks a frame is in, such as those that a loop declares. */
export async function readBlocks(
  inspector: Inspector,
  frame: CallFrame,
): Promise<WireFrame['locals']> {
  const outer = frame.scopeChain.findIndex(({ type }) => type !== 'block');
  const scopeChain = frame.scopeChain.slice(0, outer < 0 ? undefined : outer);
  return readLocals(inspector, { ...frame, scopeChain });
}

/** Scopes whose variables are the macro's own; the global one holds every built-in too. */
const SCOPES = new Set(['local', 'block', 'catch', 'closure', 'module', 'script', 'eval']);

async function readLocals(inspector: Inspector, frame: CallFrame): Promise<WireFrame['locals']> {
  const locals: WireFrame['locals'] = [];
  for (const scope of frame.scopeChain) {
    if (!SCOPES.has(scope.type) || !scope.object.objectId) continue;
    for (const property of await inspector.properties(scope.object.objectId)) {
      if (locals.length >= LOCALS_MAX) return locals;
      if (property.name === 'this' || locals.some((local) => local.name === property.name))
        continue;
      locals.push(...toVariables(await withPreview(inspector, property)));
    }
  }
  return locals;
}

/** What is in a plain object is shown, and asked for one by one. */
async function withPreview(
  inspector: Inspector,
  property: RemoteProperty,
): Promise<RemoteProperty> {
  const { value } = property;
  const isPlain = value?.type === 'object' && value.subtype === undefined;
  if (!isPlain || !value.objectId || isSecretName(property.name)) return property;
  const preview = await inspector.preview(value.objectId);
  return preview ? { ...property, value: { ...value, preview } } : property;
}

/** A variable, and the large things in it that would not be seen otherwise: `cache` and `cache.items`. */
function toVariables({ name, value }: RemoteProperty): WireFrame['locals'] {
  const text = nameOf(name);
  const type = value?.subtype ?? value?.type ?? 'unknown';
  const isSecret = isSecretName(name);
  const preview = isSecret ? MASKED : previewOf(value);
  const whole = { name: text, type: type.slice(0, 40), preview, size: sizeOf(value) };
  if (isSecret || whole.size !== null) return [whole];
  const parts = (value?.preview?.properties ?? []).flatMap((part) => {
    const size = sizeOf({ ...part, description: part.value ?? '' });
    if (size === null || size < PART_SIZE || part.subtype === undefined) return [];
    const partPreview = isSecretName(part.name) ? MASKED : cut(part.value ?? '');
    return [
      { name: nameOf(`${text}.${part.name}`), type: part.subtype, preview: partPreview, size },
    ];
  });
  return [whole, ...parts];
}

function nameOf(name: string): string {
  return name.slice(0, 100);
}

const COUNTED = new Set(['array', 'map', 'set', 'typedarray', 'arraybuffer', 'weakmap', 'weakset']);

/** Elements of a list, map or set, bytes of a buffer, characters of a text; null for all else. */
function sizeOf(value: RemoteProperty['value']): number | null {
  if (typeof value?.value === 'string' && value.type === 'string') return value.value.length;
  if (!value?.subtype || !COUNTED.has(value.subtype)) return null;
  const count = /\((\d{1,15})\)$/.exec((value.description ?? '').slice(0, 200))?.[1];
  return count === undefined ? null : Number(count);
}

function previewOf(value: RemoteProperty['value']): string {
  if (!value) return '';
  // A function's text is in the source already; one of Corral's own has none.
  if (value.type === 'function') return headOf(value.description ?? '') || 'function';
  if (typeof value.value === 'string')
    return cut(JSON.stringify(value.value.slice(0, PREVIEW_CHARS)));
  const isPlain = value.type === 'object' && value.subtype === undefined;
  if (isPlain && value.preview) return cut(objectText(value.description ?? '', value.preview));
  if (value.subtype === 'error') return cut((value.description ?? '').split('\n', 1)[0] ?? '');
  // A proxy of many has no words of its own.
  return cut(value.description || (value.subtype ?? String(value.value)));
}

/** `{ x: 1, list: Array(3), … }`, with the class's name before it where it has one. */
function objectText(description: string, { properties, overflow }: ObjectPreview): string {
  const parts = properties.map(({ name, type, value }) => {
    const shown =
      type === 'function' ? 'function' : type === 'string' ? `"${value}"` : (value ?? type);
    return `${name.slice(0, 40)}: ${isSecretName(name) ? MASKED : shown.slice(0, 60)}`;
  });
  if (overflow) parts.push('…');
  const name = description === 'Object' ? '' : `${description.slice(0, 40)} `;
  return parts.length === 0 ? `${name}{}` : `${name}{ ${parts.join(', ')} }`;
}

function cut(text: string): string {
  return text.length > PREVIEW_CHARS ? `${text.slice(0, PREVIEW_CHARS)}…` : text;
}

/** `function name(a, b)` of a function's text; the text is the macro's. */
function headOf(text: string): string {
  const head = /^[^{}\n]*?\)|^class\s[^{\n]*/.exec(text.slice(0, PREVIEW_CHARS))?.[0];
  return head?.trim() ?? text.split('\n', 1)[0]?.slice(0, 60) ?? '';
}
