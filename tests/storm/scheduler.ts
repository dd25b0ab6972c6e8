/**
 * Simulated concurrency. Workers are async functions; every port call of theirs waits here until it is chosen. In: chance and a fault
 * policy. Out: one interleaving of all calls, and its trace. Invariant: one call happens at a time and everything (order, time, faults)
 * comes from the seed, so that a seed replays to the letter.
 */
import { Transient } from '../../lib/errors.ts';
import type { Random } from '../../lib/generate/random.ts';

/** What may happen to one port call. */
export type CallFault = 'crash_before' | 'crash_after' | 'fail_before' | 'fail_after' | 'slow';

/** Lets a port call through when its turn comes. */
export type Gate = <T>(call: string, effect: () => T | Promise<T>) => Promise<T>;

export interface Worker {
  readonly name: string;
  readonly startedMs: number;
  readonly faulty: boolean;
  state: 'running' | 'done' | 'failed' | 'killed';
}

interface PendingCall {
  readonly worker: Worker;
  readonly call: string;
  readonly effect: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  notBeforeMs: number;
  wasSlow: boolean;
}

export interface Scheduler {
  readonly trace: string[];
  readonly nowMs: () => number;
  /** Jumps to a later instant. */
  advanceTo(ms: number): void;
  note(text: string): void;
  /** Starts a worker; its body runs up to its first port call. `ended` is told how it ended, unless it is killed. */
  spawn(name: string, faulty: boolean, body: (gate: Gate) => Promise<void>, ended: (error: unknown) => void): Worker;
  /** Lets one of the calls that are ready happen; false if none is. */
  step(): Promise<boolean>;
  /** When the next delayed call is ready, or null. */
  nextReadyMs(): number | null;
  /** Ends a worker between two calls, as if its machine had lost power. */
  kill(worker: Worker): void;
  readonly workers: Worker[];
}

/** Longest real wait of a worker for something that is no port call, in turns of the event loop. */
const PATIENCE_TURNS = 20_000;
const turn = async (): Promise<void> =>
  await new Promise((resolve) => {
    setImmediate(resolve);
  });

/** What an error says; anything can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error);
}

export function createScheduler(
  random: Random,
  startMs: number,
  faultOf: (call: string) => CallFault | null,
  slowMs: () => number,
): Scheduler {
  const trace: string[] = [];
  const pending: PendingCall[] = [];
  const workers: Worker[] = [];
  let nowMs = startMs;
  const note = (text: string): void => {
    trace.push(`${new Date(nowMs).toISOString().slice(5, 23)} ${text}`);
  };

  const gateOf =
    (worker: Worker): Gate =>
    async (call, effect) =>
      await new Promise((resolve, reject) => {
        pending.push({ worker, call, effect, resolve, reject, notBeforeMs: nowMs, wasSlow: false });
      });

  /** Waits until the worker has come to its next port call or its end. */
  const settled = async (worker: Worker): Promise<void> => {
    for (let turns = 0; turns < PATIENCE_TURNS; turns++) {
      await turn();
      if (worker.state !== 'running' || pending.some((call) => call.worker === worker)) return;
    }
    throw new Error(`storm: ${worker.name} waits for something that is no port call`);
  };

  const kill = (worker: Worker): void => {
    worker.state = 'killed';
    for (let i = pending.length - 1; i >= 0; i--) if (pending[i]?.worker === worker) pending.splice(i, 1);
  };

  const runToEnd = async (worker: Worker, work: Promise<void>, ended: (error: unknown) => void): Promise<void> => {
    try {
      await work;
      worker.state = 'done';
      note(`${worker.name} is done`);
      ended(null);
    } catch (error) {
      worker.state = 'failed';
      note(`${worker.name} gives up: ${messageOf(error).split('\n')[0]}`);
      ended(error);
    }
  };

  const perform = async (chosen: PendingCall): Promise<void> => {
    const { worker, call } = chosen;
    const fault = worker.faulty ? faultOf(call) : null;
    note(`${worker.name} ${call}${fault === null ? '' : ` !${fault}`}`);
    if (fault === 'slow' && !chosen.wasSlow) {
      chosen.wasSlow = true;
      chosen.notBeforeMs = nowMs + slowMs();
      pending.push(chosen);
      return;
    }
    if (fault === 'crash_before') return kill(worker);
    if (fault === 'fail_before') {
      chosen.reject(new Transient(`${call} failed`));
      return await settled(worker);
    }
    try {
      const value = await chosen.effect();
      if (fault === 'crash_after') return kill(worker);
      if (fault === 'fail_after') chosen.reject(new Transient(`the answer to ${call} was lost`));
      else chosen.resolve(value as never);
    } catch (error) {
      chosen.reject(error as Error);
    }
    await settled(worker);
  };

  return {
    trace,
    workers,
    note,
    kill,
    nowMs: () => nowMs,
    advanceTo: (ms) => {
      nowMs = Math.max(nowMs, ms);
    },
    spawn(name, faulty, body, ended) {
      const worker: Worker = { name, faulty, startedMs: nowMs, state: 'running' };
      workers.push(worker);
      note(`${name} starts`);
      void runToEnd(worker, body(gateOf(worker)), ended);
      return worker;
    },
    async step() {
      const ready = pending.filter((call) => call.notBeforeMs <= nowMs);
      if (ready.length === 0) return false;
      const chosen = random.pick(ready);
      pending.splice(pending.indexOf(chosen), 1);
      nowMs += random.below(400);
      await perform(chosen);
      return true;
    },
    nextReadyMs: () => pending.reduce<number | null>((first, c) => Math.min(first ?? Infinity, c.notBeforeMs), null),
  };
}
