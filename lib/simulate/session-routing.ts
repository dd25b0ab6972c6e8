/**
 * A router that sends a share of sessions to another model. Whole sessions, because a session that changes its model starts its prompt cache
 * again; calls without a session are routed one by one. In: a log, a share. Out: whether a call goes. Which ones a real router would send is not
 * in the log: they are drawn, the same ones each time, and a larger share sends those of a smaller one as well.
 */
import type { CallLog } from './call-log.ts';

const TWO_32 = 2 ** 32;

/** Whether the call goes to the other model when `share` of the sessions do. */
export function isRouted({ session }: Pick<CallLog, 'session'>, call: number, share: number): boolean {
  const code = session.codes[call] as number;
  return mixed(code < 0 ? 2 * call + 1 : 2 * code) < share * TWO_32;
}

/** The finish of MurmurHash3 (Appleby, public domain): numbers that follow each other end far apart. */
function mixed(number: number): number {
  let bits = number | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
