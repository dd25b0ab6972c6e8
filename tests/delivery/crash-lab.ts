/**
 * A lake and a mail service that fail where a test says: before or after the effect of the n-th call, by an error or by the death of the process.
 * In: a fault. Out: a store and a way to send that share one count of calls. Invariant: what happened, happened, whatever the caller heard of it.
 */
import { Transient } from '../../lib/errors.ts';
import type { ObjectInfo, ObjectStore, SendOutcome } from '../../lib/ports.ts';
import { createMemoryStore } from '../fixtures/memory-store.ts';
import type { MemoryStore } from '../fixtures/memory-store.ts';

/** `dies`: nothing of the run goes on after it · `errs`: the caller gets an error it may handle */
export interface Fault {
  readonly atCall: number;
  readonly when: 'before' | 'after';
  readonly how: 'dies' | 'errs';
}

/** The process is gone. No code may catch it and go on: every later call of the run dies, too. */
export class Died extends Error {}

export interface Lab {
  readonly lake: MemoryStore;
  /** messages that the service took */
  readonly taken: string[];
  /** one run of the function, with at most one fault; says how many calls it made */
  run<T>(
    work: (store: ObjectStore, send: (what: string) => () => Promise<SendOutcome>) => Promise<T>,
    fault?: Fault,
  ): Promise<{ result: T | Error; calls: number }>;
}

/** `refusals`: how often the service refuses before it takes something. */
export function openLab({ refusals = 0, isRetryable = true } = {}): Lab {
  const lake = createMemoryStore();
  const taken: string[] = [];
  let left = refusals;
  return {
    lake,
    taken,
    async run(work, fault) {
      let calls = 0;
      let isDead = false;
      const step = async <T>(effect: () => Promise<T>): Promise<T> => {
        if (isDead) throw new Died();
        const isHit = fault !== undefined && fault.atCall === calls;
        calls++;
        const fail = (): never => {
          isDead = fault?.how === 'dies';
          throw isDead ? new Died() : new Transient('no answer');
        };
        if (isHit && fault.when === 'before') fail();
        const result = await effect();
        if (isHit) fail();
        return result;
      };
      const store: ObjectStore = {
        ...lake,
        async *list(prefix) {
          yield* await step(async () => await listed(lake, prefix));
        },
        read: async (key) => await step(async () => await lake.read(key)),
        put: async (key, bytes) => await step(async () => await lake.put(key, bytes)),
        putIfAbsent: async (key, bytes) => await step(async () => await lake.putIfAbsent(key, bytes)),
      };
      const send = (what: string) => async (): Promise<SendOutcome> =>
        await step(async () => {
          if (left > 0) {
            left--;
            return { kind: 'refused', reason: 'later', isRetryable } as const;
          }
          taken.push(what);
          return { kind: 'sent', id: `m-${taken.length}` } as const;
        });
      // a dead process ends here, whatever its code would have done next
      const result = await work(store, send).catch((error: Error) => error);
      return { result: isDead ? new Died() : result, calls };
    },
  };
}

/** A whole listing, as one call. */
export async function listed(store: ObjectStore, prefix: string): Promise<ObjectInfo[]> {
  const all: ObjectInfo[] = [];
  for await (const info of store.list(prefix)) all.push(info);
  return all;
}
