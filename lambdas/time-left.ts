/** The time a call has left, from Lambda's context. In: the context. Out: the port of lib/batch-inbox.ts. */
import type { Context } from 'aws-lambda';
import { OutOfTime, STOP_MS } from '../lib/batch-inbox.ts';
import type { TimeLeft } from '../lib/batch-inbox.ts';

/** Work that hangs is given up early enough to say so; what it leaves behind was never committed. */
const REPORT_MS = STOP_MS / 3;

/** Time left to this call. */
export function timeLeftOf(context: Pick<Context, 'getRemainingTimeInMillis'>): TimeLeft {
  const leftMs = (): number => context.getRemainingTimeInMillis();
  return {
    leftMs,
    async within(work, limitMs = Infinity) {
      const { promise: over, reject } = Promise.withResolvers<never>();
      const message = 'there was no time to finish what was begun';
      const timer = setTimeout(
        () => reject(new OutOfTime(message)),
        Math.max(0, Math.min(limitMs, leftMs() - REPORT_MS)),
      );
      try {
        return await Promise.race([work, over]);
      } finally {
        clearTimeout(timer);
        // nobody listens to what ends after the time
        work.catch(() => undefined);
      }
    },
  };
}
