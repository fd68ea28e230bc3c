// Owns what is learned from a stopped macro: frames with lines, bounded previews of locals, secrets masked.

import type { WireFrame } from '../model/wire.ts';
import type { CallFrame, Inspector, RemoteProperty } from './inspector.ts';

const FRAMES_MAX = 32;
/** Locals are read for the top frames only: each costs a round trip into the stopped isolate. */
const FRAMES_WITH_LOCALS = 4;
const LOCALS_MAX = 24;
const PREVIEW_CHARS = 200;
const SECRET =
  /pass(word|phrase|wd)?|secret|token|api_?key|auth|credential|private_?key|cookie|session_?id/i;

/** The frames of a stopped macro that lie in its own file, top first. */
export async function readFrames(
  inspector: Inspector,
  frames: readonly CallFrame[],
  realm: { readonly number: number; readonly file: string },
): Promise<WireFrame[]> {
  // The wrapper around the macro stands left of its first column.
  const own = frames
    .filter(
      (frame) => inspector.url(frame) === realm.file && (frame.location.columnNumber ?? 0) >= 0,
    )
    .slice(0, FRAMES_MAX);
  const read: WireFrame[] = [];
  for (const [index, frame] of own.entries()) {
    read.push({
      functionName: frame.functionName === '' ? '(macro)' : frame.functionName.slice(0, 200),
      realm: realm.number,
      line: frame.location.lineNumber + 1,
      column: (frame.location.columnNumber ?? 0) + 1,
      async: false,
      locals: index < FRAMES_WITH_LOCALS ? await readLocals(inspector, frame) : [],
    });
  }
  return read;
}

async function readLocals(inspector: Inspector, frame: CallFrame): Promise<WireFrame['locals']> {
  const locals: WireFrame['locals'] = [];
  for (const scope of frame.scopeChain) {
    if (!['local', 'block', 'catch', 'closure'].includes(scope.type) || !scope.object.objectId)
      continue;
    for (const property of await inspector.properties(scope.object.objectId)) {
      if (locals.length >= LOCALS_MAX) return locals;
      if (property.name === 'this' || locals.some((local) => local.name === property.name))
        continue;
      locals.push(toVariable(property));
    }
  }
  return locals;
}

function toVariable({ name, value }: RemoteProperty): WireFrame['locals'][number] {
  const type = value?.subtype ?? value?.type ?? 'unknown';
  const preview = SECRET.test(name) ? '(masked)' : previewOf(value);
  return { name: name.slice(0, 100), type: type.slice(0, 40), preview };
}

function previewOf(value: RemoteProperty['value']): string {
  if (!value) return '';
  const text =
    typeof value.value === 'string'
      ? JSON.stringify(value.value.slice(0, PREVIEW_CHARS))
      : (value.description ?? String(value.value));
  return text.length > PREVIEW_CHARS ? `${text.slice(0, PREVIEW_CHARS)}…` : text;
}
