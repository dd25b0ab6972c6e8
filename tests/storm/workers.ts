/**
 * The workers of a storm: each wires the real journey to the simulated ports, as the command line and the functions in the cloud do, and is
 * started here. In: the world of a seed. Out: running workers. Invariant: only a worker without faults must succeed; one that was made
 * to fail may give up, and its work is done by whoever comes next.
 */
import { showback } from '../../lib/attribute/showback.ts';
import { Transient } from '../../lib/errors.ts';
import { ingestInbox, landBatch } from '../../lib/journey.ts';
import type { IngestWorld } from '../../lib/journey.ts';
import { sealLake } from '../../lib/lake-seal.ts';
import type { LakeSealInput } from '../../lib/lake-seal.ts';
import type { ObjectInfo } from '../../lib/ports.ts';
import { restampStale } from '../../lib/restamp.ts';
import { retractObject } from '../../lib/retract.ts';
import type { PooledEngine } from './engine-pool.ts';
import { messageOf } from './scheduler.ts';
import type { Gate, Worker } from './scheduler.ts';
import type { Compiled } from './settings.ts';
import { catalogPort } from './simulated-catalog.ts';
import { engineSession } from './simulated-engine.ts';
import type { EngineSession } from './simulated-engine.ts';
import { storePort } from './simulated-store.ts';
import { WIDE_DAYS } from './truth.ts';
import { GRACE_MS, LEASE_MS } from './world.ts';
import type { World } from './world.ts';

/** What a program that starts now knows: the version of its reader, prices and rules. */
export interface Program {
  reader: number;
  settings: Compiled;
}

export interface Workers {
  /** Takes messages from the queue and lands their objects; deletes them when that is done. */
  ingest(): void;
  scan(faulty: boolean): void;
  restamp(faulty: boolean): void;
  retract(object: string, faulty: boolean): void;
  /** Seals if an engine is free; `sealed` is told how many days were. */
  seal(faulty: boolean, sealed: (days: number) => void): void;
  readonly isLeaseFree: () => boolean;
  running(kind: string): Worker[];
  /** Gives back the engines of workers that have ended, in whatever way. */
  closeSessions(): Promise<void>;
  stopAll(): Promise<void>;
}

const EVERY_DAY = { from: '2026-01-01', to: null };
const SILENT = {
  log: { info: () => undefined, warn: () => undefined },
  progress: { start: () => undefined, advance: () => undefined, stop: () => undefined },
};

export function createWorkers(world: World, program: Program): Workers {
  const { scheduler, faults, queue, random } = world;
  const sessions = new Map<Worker, () => Promise<void>>();
  const lease = { untilMs: 0 };
  const nextGeneration = generationNames(world.seed);
  let started = 0;

  const start = (kind: string, faulty: boolean, work: (gate: Gate) => Promise<void>): Worker =>
    scheduler.spawn(`${kind}-${++started}`, faulty, work, endOf(world, kind, faulty));
  const running = (kind: string): Worker[] =>
    scheduler.workers.filter((worker) => worker.state === 'running' && worker.name.startsWith(kind));
  const closeSessions = async (): Promise<void> => {
    for (const [worker, end] of sessions) {
      if (worker.state === 'running') continue;
      sessions.delete(worker);
      await end();
    }
  };

  return {
    running,
    closeSessions,
    isLeaseFree: () => lease.untilMs <= scheduler.nowMs(),
    ingest() {
      const messages = queue.receive(random.between(1, 8), scheduler.nowMs());
      if (messages.length === 0) return;
      for (const message of messages) if (message.deliveries > 1) faults.count('redelivered');
      const infos = newestOfEach(messages.map(({ info }) => info));
      start('ingest', true, async (gate) => {
        await landBatch(ingestWorld(world, program, gate), infos);
        await gate('queue.delete', () => queue.delete(messages));
      });
    },
    scan(faulty) {
      start('scan', faulty, async (gate) => void (await ingestInbox(ingestWorld(world, program, gate))));
    },
    restamp(faulty) {
      start('restamp', faulty, async (gate) => void (await restampStale(ingestWorld(world, program, gate), EVERY_DAY)));
    },
    retract(object, faulty) {
      start('retract', faulty, async (gate) => void (await retractObject(ingestWorld(world, program, gate), object)));
    },
    seal(faulty, sealed) {
      const engine = world.pool.take();
      if (engine === null) return;
      if (running('seal').length > 0) faults.count('two sealers at once');
      lease.untilMs = scheduler.nowMs() + LEASE_MS;
      const session: { end: () => Promise<void> } = { end: async () => undefined };
      const worker = start('seal', faulty, async (gate) => {
        const own = engineSession(engine, world.lake, world.prefix, gate, scheduler.nowMs);
        session.end = own.end;
        const result = await sealLake(sealInput(world, gate, own, nextGeneration));
        sealed(result.sealedDays.length);
        lease.untilMs = 0;
      });
      sessions.set(worker, async () => await giveBack(world, engine, session.end));
    },
    async stopAll() {
      for (const worker of running('')) scheduler.kill(worker);
      await closeSessions();
    },
  };
}

async function giveBack(world: World, engine: PooledEngine, end: () => Promise<void>): Promise<void> {
  await end();
  world.pool.release(engine);
}

/** An event per key is enough: whoever reads an object reads its newest version. */
function newestOfEach(infos: readonly ObjectInfo[]): ObjectInfo[] {
  const newest = new Map<string, ObjectInfo>();
  for (const info of infos.toSorted((a, b) => a.lastModifiedMs - b.lastModifiedMs)) newest.set(info.key, info);
  return [...newest.values()];
}

/** What the end of a worker means. */
function endOf({ scheduler, problems }: World, kind: string, faulty: boolean): (error: unknown) => void {
  const startedMs = scheduler.nowMs();
  return (error) => {
    if (error === null || (faulty && error instanceof Transient)) return;
    // a worker slower than the grace may find its files gone: it fails, changes nothing and is called again
    if (scheduler.nowMs() - startedMs >= GRACE_MS) return;
    problems.push(`${kind} failed: ${messageOf(error)}`);
  };
}

function generationNames(seed: number): () => string {
  let last = 0;
  return () => `${seed}-${++last}`;
}

function ingestWorld(world: World, { reader, settings }: Program, gate: Gate): IngestWorld {
  const { nowMs } = world.scheduler;
  return {
    ...SILENT,
    inbox: storePort(world.inbox, 'inbox', gate, nowMs),
    lake: storePort(world.lake, 'lake', gate, nowMs),
    clock: { nowMs },
    tools: settings.tools(reader),
    maxObjectBytes: 1 << 30,
    reader,
  };
}

function sealInput(world: World, gate: Gate, engine: EngineSession, nextGeneration: () => string): LakeSealInput {
  const { scheduler, tools, settings } = world;
  return {
    context: {
      store: storePort(world.lake, 'lake', gate, scheduler.nowMs),
      engine,
      sql: tools.sql,
      landing: tools.landing,
      wideDays: WIDE_DAYS,
      nextGeneration,
    },
    catalog: catalogPort(world.catalog, gate),
    nowMs: scheduler.nowMs(),
    graceMs: GRACE_MS,
    showback: { version: 'none', split: (month, sums) => showback(month, sums, []) },
    prices: { version: settings.stamp, rows: () => [] },
  };
}
