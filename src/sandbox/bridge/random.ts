// Owns a macro's seeded random numbers: sfc32, 128 bits of state, seeded by splitmix-style mixing.

import type { OwnCopies } from './own-copies.ts';

/** Makes `random()` and the function that seeds it. */
export function seededRandom({ floor, imul }: OwnCopies) {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 1;
  const random = (): number => {
    const t = (((s0 + s1) | 0) + s3) | 0;
    s3 = (s3 + 1) | 0;
    s0 = s1 ^ (s1 >>> 9);
    s1 = (s2 + (s2 << 3)) | 0;
    s2 = ((s2 << 21) | (s2 >>> 11)) + t;
    s2 |= 0;
    return (t >>> 0) / 4_294_967_296;
  };
  const mix = (n: number): number => {
    let x = imul(n ^ (n >>> 16), 0x21f0aaad);
    x = imul(x ^ (x >>> 15), 0x735a2d97);
    return x ^ (x >>> 15);
  };
  const seed = (value: number): void => {
    s0 = mix(value | 0);
    s1 = mix(floor(value / 4_294_967_296) | 0);
    s2 = mix(s0 ^ 0x9e3779b9);
    s3 = 1;
    for (let i = 0; i < 12; i++) random();
  };
  return { random, seed };
}
