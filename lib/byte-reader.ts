/**
 * A byte stream that can be looked at before it is read, and that takes back what was too much. Containers need both: a magic number
 * decides how to go on, and a compressed member ends somewhere inside the bytes already fetched.
 * Invariant: every byte of the body is handed out once and in order; an error of the body comes after the bytes before it.
 */

export interface ByteReader {
  /** The first `n` bytes without taking them; fewer only where the stream ends or breaks. */
  peek(n: number): Promise<Buffer>;
  /** Exactly `n` bytes, fewer only at the end; empty at the end. Throws what the body threw. */
  take(n: number): Promise<Buffer>;
  /** The next bytes in whatever size they arrived; null at the end. Throws what the body threw. */
  next(): Promise<Buffer | null>;
  /** Puts bytes back in front. */
  unread(bytes: Buffer): void;
  /** Everything that is left; closes the body when the caller stops. */
  rest(): AsyncGenerator<Uint8Array>;
  /** Releases the body. */
  close(): Promise<void>;
}

/** Wraps a body. The body is read on demand only. */
export function createByteReader(body: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = body[Symbol.asyncIterator]();
  let held: Buffer[] = [];
  let heldBytes = 0;
  let ended = false;
  let failure: { readonly error: unknown } | null = null;

  /** Fetches one more chunk; false at the end, and where the body broke. */
  const fetch = async (): Promise<boolean> => {
    if (ended) return false;
    try {
      const step = await iterator.next();
      if (step.done !== true) {
        hold(Buffer.from(step.value.buffer, step.value.byteOffset, step.value.length));
        return true;
      }
    } catch (error) {
      failure = { error };
    }
    ended = true;
    return false;
  };
  const fill = async (n: number): Promise<void> => {
    for (;;) if (heldBytes >= n || !(await fetch())) return;
  };
  const hold = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    held.push(bytes);
    heldBytes += bytes.length;
  };
  const first = (n: number): Buffer => {
    const joined = held.length === 1 ? (held[0] as Buffer) : Buffer.concat(held);
    held = joined.length > 0 ? [joined] : [];
    return joined.subarray(0, n);
  };
  const drop = (n: number): void => {
    const joined = held[0];
    held = joined !== undefined && joined.length > n ? [joined.subarray(n)] : [];
    heldBytes -= n;
  };
  const rethrow = (): void => {
    if (failure !== null) throw failure.error;
  };
  const reader: ByteReader = {
    async peek(n) {
      await fill(n);
      return first(n);
    },
    async take(n) {
      const bytes = await reader.peek(n);
      if (bytes.length === 0) rethrow();
      drop(bytes.length);
      return bytes;
    },
    async next() {
      await fill(1);
      const bytes = held.shift();
      if (bytes === undefined) rethrow();
      else heldBytes -= bytes.length;
      return bytes ?? null;
    },
    unread(bytes) {
      if (bytes.length === 0) return;
      held.unshift(bytes);
      heldBytes += bytes.length;
    },
    async *rest() {
      try {
        for (let bytes = await reader.next(); bytes !== null; bytes = await reader.next()) yield bytes;
      } finally {
        await reader.close();
      }
    },
    async close() {
      ended = true;
      await iterator.return?.();
    },
  };
  return reader;
}
