/** How much of one object is read before it is refused: clear outcomes instead of a machine that stops. */
import { UnreadableObject } from '../errors.ts';
import type { InflateGuard } from '../inflate.ts';

export interface ReadLimits {
  /** a longer line is one reject; the next line is read */
  readonly maxLineBytes: number;
  /** decompressed size of one object */
  readonly maxInflatedBytes: number;
  /** decompressed bytes per compressed byte, looked at once the output is large */
  readonly maxInflateRatio: number;
}

export const DEFAULT_READ_LIMITS: ReadLimits = {
  maxLineBytes: 64 << 20,
  maxInflatedBytes: 64 * 1024 ** 3,
  maxInflateRatio: 400,
};

/** Below this output no ratio is suspicious: a small file of equal lines compresses a thousandfold. */
const RATIO_FROM_BYTES = 256 << 20;

/** Watches one decompression of an object: it throws `UnreadableObject`. */
export function createInflateGuard(key: string, limits: ReadLimits): InflateGuard {
  let read = 0;
  let written = 0;
  const refuse = (message: string): never => {
    throw new UnreadableObject('too_large', message, { place: { object: key } });
  };
  return {
    count(readBytes, writtenBytes) {
      read += readBytes;
      written += writtenBytes;
      if (written > limits.maxInflatedBytes) {
        refuse(`inflates to more than ${limits.maxInflatedBytes} bytes (limits.max_inflated_bytes)`);
      }
      if (written > RATIO_FROM_BYTES && written > read * limits.maxInflateRatio) {
        refuse(`inflates to more than ${limits.maxInflateRatio} times its size (limits.max_inflate_ratio)`);
      }
    },
  };
}
