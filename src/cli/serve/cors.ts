// Owns how `--cors` is written: origins as a browser sends them, each exactly.

import { InvalidArgumentError } from 'commander';

/** One more origin. @throws {InvalidArgumentError} for what no browser would send, so nothing could ever match it */
export function toOrigins(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, toOrigin(text)];
}

function toOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname.includes('*'))
    throw new InvalidArgumentError(
      'write each origin exactly, for example https://dash.example or http://localhost:5173; there is no * and no null.',
    );
  if (url.origin !== text)
    throw new InvalidArgumentError(`a browser sends this origin as ${url.origin}; write that.`);
  return text;
}
