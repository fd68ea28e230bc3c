// Owns where a macro's result comes from: the returns of its own body.

import { counted, type Scene } from './scene.ts';

const SHOWN = 3;

/** `: it returns at lines 4, 9`; '' where it never does, or where that is not known. */
export function returnedAt({ text }: Scene): string {
  const own = text?.facts.functions.find(({ node }) => node === null);
  const lines = own && text ? own.returns.map(({ node }) => text.lines.at(node.start).line) : [];
  if (lines.length === 0) return '';
  const more = lines.length > SHOWN ? ` and ${counted(lines.length - SHOWN)} more` : '';
  return `: it returns at line${lines.length > 1 ? 's' : ''} ${lines.slice(0, SHOWN).join(', ')}${more}`;
}
