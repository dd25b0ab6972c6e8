/**
 * The inbox as one batch of arrivals sees it. In: the store and what events said about some of its objects. Out: a store that lists these
 * objects only (looking a batch up again must not list a bucket of millions), gives what it reads the sequencer of its event, and stops
 * reading when time is short. Invariant: what is read is the object as it is now, whatever an event said.
 */
import { LedgerError } from './errors.ts';
import type { ObjectInfo, ObjectStore, OpenedObject } from './ports.ts';

/** A store that can look at one object without reading it. */
export interface HeadStore extends ObjectStore {
  /** The object as it is now, or null if there is none. */
  head(key: string): Promise<ObjectInfo | null>;
}

/** What an event said about an object. Content and order in time, where the event told. */
export interface Arrival {
  readonly key: string;
  readonly etag: string | null;
  readonly sequencer: string | null;
  /** how often it was handed out, this time included */
  readonly receives: number;
}

/** How much time is left to the caller. */
export interface TimeLeft {
  leftMs(): number;
  /** Gives up waiting for `work` when time is over, or after `limitMs`; then throws `OutOfTime`. */
  within<T>(work: Promise<T>, limitMs?: number): Promise<T>;
}

/** There was no time to finish; not a fault of the object. */
export class OutOfTime extends LedgerError {}

/** One object of several took more than its share of the time; the others need not wait for it. */
export class SlowObject extends LedgerError {
  readonly key: string;
  constructor(key: string) {
    super(`reading ${key} takes too long beside others`, { place: { object: key } });
    this.key = key;
  }
}

/** Reading stops when less is left: what was read so far must still be given back in order. */
export const STOP_MS = 15_000;

/** Of the time left when it is opened, an object that is read together with others may take this share. */
export const SHARE_OF_TIME = 0.3;

/**
 * The view of a batch. Anything but listing, looking and opening is refused: a batch only reads its inbox. `share` is what one object may
 * take of the time that is left when it is opened: 1 where no other waits for it.
 */
export function createBatchInbox(
  store: HeadStore,
  arrivals: ReadonlyMap<string, Arrival>,
  time: TimeLeft,
  share: number,
): HeadStore {
  const withSequencer = (info: ObjectInfo): ObjectInfo => {
    const arrival = arrivals.get(info.key);
    const isSame = arrival !== undefined && arrival.etag === info.version;
    return isSame && info.sequencer === null ? { ...info, sequencer: arrival.sequencer } : info;
  };
  const head = async (key: string): Promise<ObjectInfo | null> => {
    const info = await store.head(key);
    return info === null ? null : withSequencer(info);
  };
  const readOnly = async (): Promise<never> => {
    throw new LedgerError('the inbox is read only');
  };
  return {
    head,
    async *list(prefix) {
      for (const key of [...arrivals.keys()].toSorted()) {
        const info = key.startsWith(prefix) ? await head(key) : null;
        if (info !== null) yield info;
      }
    },
    async open(key): Promise<OpenedObject> {
      const budget = budgetOf(key, time, share);
      const opened = await budget.spend(store.open(key));
      return { info: withSequencer(opened.info), body: inTime(opened.body, budget) };
    },
    read: (key) => store.read(key),
    put: readOnly,
    putIfAbsent: readOnly,
    remove: readOnly,
  };
}

/** The time that reading one object may take. */
interface Budget {
  /** Waits for a step of reading; throws `SlowObject` or `OutOfTime` where it takes too long. */
  spend<T>(step: Promise<T>): Promise<T>;
}

function budgetOf(key: string, time: TimeLeft, share: number): Budget {
  const startMs = time.leftMs();
  const limitMs = share < 1 ? startMs * share : Infinity;
  const giveUp = (): never => {
    throw time.leftMs() < STOP_MS ? outOfTime(key) : new SlowObject(key);
  };
  return {
    async spend(step) {
      const found = await time.within(step, limitMs - (startMs - time.leftMs())).catch((error: unknown) => {
        if (!(error instanceof OutOfTime)) throw error;
        return giveUp();
      });
      // what was done with the bytes before counts too
      if (time.leftMs() < STOP_MS || startMs - time.leftMs() > limitMs) giveUp();
      return found;
    },
  };
}

async function* inTime(body: AsyncIterable<Uint8Array>, budget: Budget): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await budget.spend(chunks.next());
      if (done === true) return;
      yield value;
    }
  } finally {
    // not waited for: a body that hangs does not end either
    chunks.return?.().catch(() => undefined);
  }
}

/** The error of an object that was being read when time ran out. */
export function outOfTime(key: string): OutOfTime {
  return new OutOfTime(`there was no time to finish reading ${key}`, {
    place: { object: key },
    hint: 'it is read again; one that never fits is read by: inference-ledger run --stack NAME',
  });
}

/** Arrivals by key; of several of one object the newest, with the tries of the oldest. */
export function newestArrivals(arrivals: readonly Arrival[]): Map<string, Arrival> {
  const newest = new Map<string, Arrival>();
  for (const arrival of arrivals) {
    const other = newest.get(arrival.key);
    if (other === undefined) {
      newest.set(arrival.key, arrival);
      continue;
    }
    const receives = Math.max(other.receives, arrival.receives);
    newest.set(arrival.key, { ...(isLater(arrival, other) ? arrival : other), receives });
  }
  return newest;
}

/** Sequencers are hexadecimal numbers, compared after filling up the shorter one on its right. */
function isLater(a: Arrival, b: Arrival): boolean {
  if (a.sequencer === null || b.sequencer === null) return b.sequencer === null;
  const width = Math.max(a.sequencer.length, b.sequencer.length);
  return a.sequencer.toUpperCase().padEnd(width, '0') > b.sequencer.toUpperCase().padEnd(width, '0');
}
