/** How much of one object is read before it is refused: clear outcomes instead of a machine that stops. */
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
