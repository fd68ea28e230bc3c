// Owns which paths stand for what the shell hands over: these may be pipes, for there somebody writes.

const HANDED_OVER = /^(\/dev\/stdin|\/dev\/fd\/\d+|\/proc\/self\/fd\/\d+)$/;

/** True for `/dev/stdin` and for what a shell makes of `<(…)`. */
export function isHandedOver(path: string): boolean {
  return HANDED_OVER.test(path);
}
