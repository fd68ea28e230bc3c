// A program that takes the terminal, draws, and dies of an error nobody catches. Started by path, never imported.

import { Screen } from '../../../../src/cli/top/screen.ts';

const screen = new Screen(process.stdout, process.stdin, {
  keys: () => undefined,
  redraw: () => undefined,
});
screen.draw(['it is drawn']);
setTimeout(() => {
  throw new Error('nobody catches this');
}, 10);
