// Owns what a macro sees, put together: the parts' own texts run inside the isolate, before the macro, and never in this
// process. Each part names nothing outside itself and the language, so that its text stands alone.

import { abortSignal } from './abort-signal.ts';
import { base64 } from './base64.ts';
import { beacon } from './beacon.ts';
import { clock } from './clock.ts';
import { decoder } from './decode.ts';
import { encoder } from './encode.ts';
import { ending } from './ending.ts';
import { repeater } from './every.ts';
import { functionText } from './function-text.ts';
import { narrow } from './narrow.ts';
import { output } from './output.ts';
import { ownCopies } from './own-copies.ts';
import { ownMethods } from './own-methods.ts';
import { seededRandom } from './random.ts';
import { receiver } from './receive.ts';
import { requests } from './requests.ts';
import { texts } from './texts.ts';
import { world } from './world.ts';

/** The bridge's parts: functions that are only ever read as text here. */
export const BRIDGE_PARTS = {
  ownCopies,
  ownMethods,
  functionText,
  texts,
  base64,
  encoder,
  decoder,
  requests,
  output,
  ending,
  seededRandom,
  abortSignal,
  repeater,
  clock,
  world,
  receiver,
  narrow,
  beacon,
} as const;

/** The name under which our own code is compiled. */
export const BRIDGE_FILE = 'corral:bridge';

/**
 * The text to run in a fresh context. It evaluates to a function of `post` (an ignored callback), `budget` (a synchronous
 * one that gives JSON) and `cell` (one shared Int32: the last risky operation begun). That function gives the bridge's two
 * ends, `configure` and `deliver`, both called with JSON text. None of these is ever reachable from macro code: strict
 * mode keeps them out of `caller` and of the frames that `Error.prepareStackTrace` is shown.
 */
export function bridgeSource(): string {
  const part = (name: keyof typeof BRIDGE_PARTS) => `(${BRIDGE_PARTS[name].toString()})`;
  return `((post, budget, cell) => {
'use strict';
const own = ${part('ownCopies')}();
const methods = ${part('ownMethods')}(own);
const disguise = ${part('functionText')}(own, methods);
const texts = ${part('texts')}(own, methods);
const base64 = ${part('base64')}(own);
const encoder = ${part('encoder')}(own, methods, texts, base64);
const decoder = ${part('decoder')}(own, methods, texts, base64);
const requests = ${part('requests')}(own, texts, encoder, post);
const output = ${part('output')}(own, texts, requests, post);
const ending = ${part('ending')}(own, texts, encoder, requests, output, post);
const random = ${part('seededRandom')}(own);
const { signal, abort } = ${part('abortSignal')}(own, texts, requests, post);
const every = ${part('repeater')}(own, requests, ending);
const setClock = ${part('clock')}(own, disguise);
const configure = ${part('world')}(
  { own, texts, decoder, requests, output, ending, random, every, signal, budget, disguise, setClock });
const deliver = ${part('receiver')}(own, texts, decoder, requests, ending, abort);
${part('narrow')}(own, disguise);
${part('beacon')}(own, cell, disguise);
return { configure, deliver };
})`;
}
