// Owns how messages travel between supervisor and worker: length-prefixed JSON frames, bounded. Their shapes are wire.ts'.

import type { FromWorker, ToWorker } from './wire.ts';

/** The largest frame either side takes (bytes). The biggest honest one is a result of 4 M characters. */
export const FRAME_BYTES_MAX = 32 * 1024 * 1024;

/** Packs a message into one frame: 4 bytes of length (big-endian), then JSON. */
export function toFrame(message: ToWorker | FromWorker): Buffer {
  const body = Buffer.from(JSON.stringify(message), 'utf8');
  const frame = Buffer.allocUnsafe(body.length + 4);
  frame.writeUInt32BE(body.length, 0);
  body.copy(frame, 4);
  return frame;
}

/** Cuts a byte stream back into messages; holds at most one frame of {@link FRAME_BYTES_MAX}. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #need = -1;

  /**
   * Takes the next bytes and returns the JSON values that are complete.
   * @throws {Error} when a frame is announced over the bound or is not JSON.
   */
  push(chunk: Buffer): unknown[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const messages: unknown[] = [];
    for (;;) {
      if (this.#need < 0) {
        if (this.#bytes < 4) break;
        this.#need = this.#take(4).readUInt32BE(0);
        if (this.#need > FRAME_BYTES_MAX)
          throw new Error(`a frame of ${this.#need} bytes was announced`);
      }
      if (this.#bytes < this.#need) break;
      messages.push(JSON.parse(this.#take(this.#need).toString('utf8')));
      this.#need = -1;
    }
    return messages;
  }

  #take(count: number): Buffer {
    const first = this.#chunks[0];
    const all = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#chunks = all.length > count ? [all.subarray(count)] : [];
    this.#bytes -= count;
    return all.subarray(0, count);
  }
}
