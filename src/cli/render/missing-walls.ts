// Owns the one line that says which walls around the worker this machine does not have.

import type { Wall } from '../../model/wall.ts';
import type { Paint } from '../style.ts';

/** The line, with its end; '' where every wall stands. */
export function renderMissingWalls(walls: readonly Wall[], paint: Paint): string {
  const missing = walls.filter(({ up }) => !up).map(({ id }) => id);
  if (missing.length === 0) return '';
  const names = missing.join(', ');
  return `${paint('dim', `walls missing here: ${names} (\`corral doctor\` says why and what to do)`)}\n`;
}
