// Owns patterns as a test of the watcher wants them: whole and fine but for what the test says.

import type { Pattern } from '../../src/model/pattern.ts';

/** A pattern that allows three `chat` commands in a second, with some of its fields changed. */
export function livePattern(id: string, changes: Partial<Pattern> = {}): Pattern {
  return {
    id,
    title: `Too much: ${id}`,
    risk: 'medium',
    confidence: 'high',
    action: 'pause',
    maxOccurrences: 3,
    timeWindowMs: 1000,
    effects: ['somebody is annoyed'],
    recovery: { advice: 'Do it less.' },
    match: { command: { category: 'chat' } },
    message: 'up to {{count}} {{command}} in {{window}}; the limit is {{limit}}',
    tests: {},
    ...changes,
  };
}
