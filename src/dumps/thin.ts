// Owns leaving out samples, evenly, so that a long run keeps its shape and none of its garbage collections.

interface Thinned {
  readonly collection?: object | undefined;
}

/** Those that are kept, by their index; a collection seen by one that is not is told by the next one that is. */
export function thinSamples<Sample extends Thinned>(
  samples: readonly Sample[],
  isKept: (index: number) => boolean,
): Sample[] {
  const kept: Sample[] = [];
  let collection: Sample['collection'] | null = null;
  for (const [index, sample] of samples.entries()) {
    collection = sample.collection ?? collection;
    if (!isKept(index)) continue;
    const isTold = collection === null || collection === sample.collection;
    kept.push(isTold ? sample : { ...sample, collection });
    collection = null;
  }
  return kept;
}
