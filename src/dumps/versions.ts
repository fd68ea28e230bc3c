// Owns bringing crash dumps of earlier versions to the shape of today, one version after another. A newer one stays as it is.

import { type CrashDump, DUMP_SCHEMA_VERSION } from '../model/dump.ts';

/** A dump as it was read: an object, and nothing more is certain. */
type Raw = Readonly<Record<string, unknown>>;

/** By the version it begins with: what changed its meaning in the next one. */
const STEPS: Readonly<Record<number, (dump: Raw) => Raw>> = {
  1: namelessFunctions,
};

/** A dump in the shape of today. What is not as its own version has it is left for the reader to find. */
export function toCurrentVersion(dump: Raw): Raw {
  let current = dump;
  for (;;) {
    const { schemaVersion } = current;
    const step = typeof schemaVersion === 'number' ? STEPS[schemaVersion] : undefined;
    if (!step) return current;
    current = { ...step(current), schemaVersion: Number(schemaVersion) + 1 };
  }
}

/** What whoever looks at a dump of a newer Corral should know; null for any other. */
export function newerNote({ schemaVersion, corralVersion }: CrashDump): string | null {
  if (schemaVersion <= DUMP_SCHEMA_VERSION) return null;
  return `it was written by a newer Corral (${corralVersion.slice(0, 20)}, dumps of version ${schemaVersion}; this one knows up to ${DUMP_SCHEMA_VERSION}): something may be missing here, or mean something else`;
}

/** Version 1 called every function without a name `(macro)`; since 2 that is the macro's own top level alone. */
function namelessFunctions(dump: Raw): Raw {
  const { stack } = dump;
  if (!Array.isArray(stack)) return dump;
  const frames = stack as readonly unknown[];
  // The top level calls everything else, so it is the last.
  const top = frames.findLastIndex((frame) => nameOf(frame) === '(macro)');
  return {
    ...dump,
    stack: frames.map((frame, index) =>
      index !== top && nameOf(frame) === '(macro)'
        ? { ...(frame as object), functionName: '(anonymous)' }
        : frame,
    ),
  };
}

function nameOf(frame: unknown): unknown {
  return typeof frame === 'object' && frame !== null && 'functionName' in frame
    ? frame.functionName
    : null;
}
