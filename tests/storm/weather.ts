/**
 * What happens while a seed runs: uploads and their events, workers that ingest, scan and seal, readers in between, changes of settings, and the
 * calm in which everything settles. In: the world of a seed. Out: problems noted in it. Invariant: in the calm nothing fails, so what is
 * wrong then is wrong for good.
 */
import { showback } from '../../lib/attribute/showback.ts';
import type { BatchCommit } from '../../lib/commit.ts';
import { Transient } from '../../lib/errors.ts';
import type { Random } from '../../lib/generate/random.ts';
import { ingestInbox, landBatch } from '../../lib/journey.ts';
import type { IngestWorld } from '../../lib/journey.ts';
import { sealLake } from '../../lib/lake-seal.ts';
import type { LakeSealInput } from '../../lib/lake-seal.ts';
import { restampStale } from '../../lib/restamp.ts';
import { retractObject } from '../../lib/retract.ts';
import type { ObjectInfo } from '../../lib/ports.ts';
import type { LandingTypes, SealSql } from '../../lib/seal/seal-days.ts';
import { MIN_FAULTS } from './faults.ts';
import type { Faults } from './faults.ts';
import type { InboxPlan, Upload } from './inbox-plan.ts';
import { createReaders } from './reader.ts';
import type { Gate, Scheduler, Worker } from './scheduler.ts';
import type { Compiled, Variant } from './settings.ts';
import { catalogPort } from './simulated-catalog.ts';
import type { CatalogContents } from './simulated-catalog.ts';
import { engineSession } from './simulated-engine.ts';
import type { EnginePool, EngineSession } from './simulated-engine.ts';
import type { SimulatedQueue } from './simulated-queue.ts';
import { storePort } from './simulated-store.ts';
import type { StoreContents } from './simulated-store.ts';
import { WIDE_DAYS } from './truth.ts';

/** How long generations stay after nobody points at them. */
export const GRACE_MS = 3_600_000;
/** A sealer's lease; it runs out while a slow sealer still works. */
const LEASE_MS = 120_000;
const MOST_INGESTERS = 2;
/** A seed that does not settle in so many steps never will. */
const MOST_STEPS = 60_000;

export interface StormOptions {
  readonly chains: number;
}

/** What all seeds of a process share. */
export interface StormTools {
  readonly sql: SealSql;
  readonly landing: LandingTypes;
  readonly variants: Readonly<Record<Variant, Compiled>>;
  readonly options: StormOptions;
}

export interface World {
  readonly seed: number;
  readonly random: Random;
  readonly faults: Faults;
  readonly scheduler: Scheduler;
  readonly plan: InboxPlan;
  readonly prefix: string;
  readonly pool: EnginePool;
  readonly tools: StormTools;
  /** settings in force when everything has settled */
  readonly settings: Compiled;
  readonly inbox: StoreContents;
  readonly lake: StoreContents;
  readonly queue: SimulatedQueue;
  readonly catalog: CatalogContents;
  readonly problems: string[];
  readonly counts: Record<string, number>;
}

interface Errand {
  readonly atMs: number;
  readonly kind: 'upload' | 'seal' | 'scan' | 'raise_reader' | 'change_settings' | 'restamp' | 'retract';
  readonly upload?: Upload;
  /** the lease has run out before its time */
  readonly isEarly?: boolean;
}

export function createWeather(world: World): { run(): Promise<void> } {
  const { scheduler, random, queue, faults, problems } = world;
  const readers = createReaders(world);
  const errands = planErrands(world);
  const sessions = new Map<Worker, () => Promise<void>>();
  const lease = { untilMs: 0 };
  const sent: ObjectInfo[] = [];
  const isPlanned = (kind: Errand['kind']): boolean => errands.some((errand) => errand.kind === kind);
  const isChanging = isPlanned('change_settings');
  const retracted = isPlanned('retract') ? random.pick([...world.plan.final.keys()]) : null;
  let reader = isPlanned('raise_reader') ? 1 : 2;
  let settings = isChanging ? world.tools.variants[world.settings.variant === 'first' ? 'second' : 'first'] : world.settings;
  let generation = 0;
  let started = 0;

  const count = (what: string): void => {
    world.counts[what] = (world.counts[what] ?? 0) + 1;
  };

  const ingestWorld = (gate: Gate): IngestWorld => ({
    inbox: storePort(world.inbox, 'inbox', gate, scheduler.nowMs),
    lake: storePort(world.lake, 'lake', gate, scheduler.nowMs),
    clock: { nowMs: scheduler.nowMs },
    log: { info: () => undefined, warn: () => undefined },
    progress: { start: () => undefined, advance: () => undefined, stop: () => undefined },
    tools: settings.tools(reader),
    maxObjectBytes: 1 << 30,
    reader,
  });

  const ended =
    (what: string, faulty: boolean, startedMs: number) =>
    (error: unknown): void => {
      if (error === null || (faulty && error instanceof Transient)) return;
      // a worker slower than the grace may find its files gone: it fails, changes nothing and is called again
      if (scheduler.nowMs() - startedMs < GRACE_MS) problems.push(`${what} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    };

  const startIngest = (): void => {
    const messages = queue.receive(random.between(1, 4), scheduler.nowMs());
    if (messages.length === 0) return;
    for (const message of messages) if (message.deliveries > 1) faults.count('redelivered');
    const newest = new Map<string, ObjectInfo>();
    for (const { info } of messages.toSorted((a, b) => a.info.lastModifiedMs - b.info.lastModifiedMs)) newest.set(info.key, info);
    scheduler.spawn(
      `ingest-${++started}`,
      true,
      async (gate) => {
        await landBatch(ingestWorld(gate), [...newest.values()]);
        await gate('queue.delete', () => queue.delete(messages));
      },
      ended('ingest', true, scheduler.nowMs()),
    );
  };

  const start = (what: string, faulty: boolean, work: (gate: Gate) => Promise<unknown>): void => {
    scheduler.spawn(
      `${what}-${++started}`,
      faulty,
      async (gate) => {
        await work(gate);
      },
      ended(what, faulty, scheduler.nowMs()),
    );
  };
  const startScan = (faulty: boolean): void => start('scan', faulty, async (gate) => await ingestInbox(ingestWorld(gate)));
  const startRestamp = (faulty: boolean): void =>
    start('restamp', faulty, async (gate) => await restampStale(ingestWorld(gate), EVERY_DAY));
  const startRetract = (key: string, faulty: boolean): void => {
    readers.release(key);
    start('retract', faulty, async (gate) => await retractObject(ingestWorld(gate), key));
  };

  const sealInput = (gate: Gate, session: EngineSession): LakeSealInput => ({
    context: {
      store: storePort(world.lake, 'lake', gate, scheduler.nowMs),
      engine: session,
      sql: world.tools.sql,
      landing: world.tools.landing,
      wideDays: WIDE_DAYS,
      nextGeneration: () => `${world.seed}-${++generation}`,
    },
    catalog: catalogPort(world.catalog, gate),
    nowMs: scheduler.nowMs(),
    graceMs: GRACE_MS,
    showback: { version: 'none', split: (month, sums) => showback(month, sums, []) },
    prices: { version: world.settings.stamp, rows: () => [] },
  });

  const startSeal = (faulty: boolean, sealed: (days: number) => void): Worker | null => {
    const engine = world.pool.take();
    if (engine === null) return null;
    if (running('seal-').length > 0) faults.count('two sealers at once');
    lease.untilMs = scheduler.nowMs() + LEASE_MS;
    let end = async (): Promise<void> => undefined;
    const worker = scheduler.spawn(
      `seal-${++started}`,
      faulty,
      async (gate) => {
        const session = engineSession(engine, world.lake, world.prefix, gate, scheduler.nowMs);
        end = session.end;
        const result = await sealLake(sealInput(gate, session));
        sealed(result.sealedDays.length);
        lease.untilMs = 0;
      },
      ended('seal', faulty, scheduler.nowMs()),
    );
    sessions.set(worker, async () => {
      await end();
      world.pool.release(engine);
    });
    return worker;
  };

  const running = (prefix: string): Worker[] =>
    scheduler.workers.filter((worker) => worker.state === 'running' && worker.name.startsWith(prefix));

  /** Sessions of workers that have ended, in whatever way, are closed. */
  const closeSessions = async (): Promise<void> => {
    for (const [worker, end] of sessions) {
      if (worker.state === 'running') continue;
      sessions.delete(worker);
      await end();
    }
  };

  const upload = ({ key, lines }: Upload): void => {
    const text = lines.map((told) => `${told.text}\n`).join('');
    const info = world.inbox.put(key, new TextEncoder().encode(text), scheduler.nowMs());
    scheduler.note(`upload ${key} ${info.version}`);
    sent.push(info);
    announce(info);
  };

  const announce = (info: ObjectInfo): void => {
    const delay = random.chance(0.25) ? random.between(600_000, 6 * 3_600_000) : random.below(60_000);
    if (delay >= 600_000) faults.count('delayed');
    queue.send(info, scheduler.nowMs() + delay);
    if (!random.chance(0.3)) return;
    faults.count('duplicated');
    queue.send(info, scheduler.nowMs() + random.below(3 * 3_600_000));
  };

  const doErrand = (errand: Errand): void => {
    if (errand.upload !== undefined) upload(errand.upload);
    else if (errand.kind === 'scan') startScan(true);
    else if (errand.kind === 'raise_reader') {
      reader = 2;
      faults.count('reader raised');
      scheduler.note('the reader is raised');
    } else if (errand.kind === 'change_settings') {
      settings = world.settings;
      faults.count('settings changed');
      scheduler.note(`settings are now ${settings.variant}`);
    } else if (errand.kind === 'restamp') startRestamp(true);
    else if (errand.kind === 'retract') {
      if (retracted !== null && isLanded(retracted)) {
        faults.count('retracted midway');
        startRetract(retracted, true);
      }
    } else if (errand.isEarly || lease.untilMs <= scheduler.nowMs()) startSeal(true, () => undefined);
    else count('seals left to the holder of the lease');
  };

  /** True if some read of the object is committed: before that there is nothing to retract. */
  const isLanded = (key: string): boolean => landedVersions(world.lake, key).length > 0;

  /** Lets things happen until nothing is left to do; false if that takes too long. */
  const calm = async (): Promise<boolean> => {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      while ((errands[0]?.atMs ?? Infinity) <= scheduler.nowMs()) doErrand(errands.shift() as Errand);
      if ((queue.nextVisibleMs() ?? Infinity) <= scheduler.nowMs() && running('ingest-').length < MOST_INGESTERS) startIngest();
      await readers.maybeStart();
      if (!(await scheduler.step())) {
        const isBusy = running('ingest-').length >= MOST_INGESTERS;
        const nextMessageMs = isBusy ? null : queue.nextVisibleMs();
        const next = Math.min(errands[0]?.atMs ?? Infinity, nextMessageMs ?? Infinity, scheduler.nextReadyMs() ?? Infinity);
        if (next === Infinity) return true;
        scheduler.advanceTo(next);
      }
      await closeSessions();
      if (problems.length > 0) return false;
    }
    problems.push(`not settled after ${MOST_STEPS} steps`);
    return false;
  };

  const padFaults = async (): Promise<boolean> => {
    while (faults.total() < MIN_FAULTS) {
      faults.count('duplicated');
      queue.send(random.pick(sent), scheduler.nowMs() + random.below(60_000));
      if (!(await calm())) return false;
    }
    return true;
  };

  const settle = async (): Promise<void> => {
      if (!(await calm()) || !(await padFaults())) return;
      faults.stop();
      scheduler.note('calm');
      const steps = [
        () => (isPlanned('raise_reader') || faults.counts['reader raised'] !== undefined ? startScan(false) : undefined),
        () => (isChanging ? startRestamp(false) : undefined),
        () => (retracted !== null && random.chance(0.7) ? startRetract(retracted, false) : undefined),
      ];
      for (const step of steps) {
        step();
        if (!(await calm())) return;
      }
      startSeal(false, () => undefined);
      if (!(await calm())) return;
      startSeal(false, (days) => {
        if (days > 0) problems.push(`${days} days were sealed again although nothing changed`);
      });
      await calm();
      await readers.last();
  };

  return {
    async run() {
      try {
        await settle();
      } finally {
        for (const worker of running('')) scheduler.kill(worker);
        await closeSessions();
      }
    },
  };
}

const EVERY_DAY = { from: '2026-01-01', to: null };

/** Versions of an object that a commit tells of, with their outcomes. */
export function landedVersions(lake: StoreContents, key: string): { version: string; outcome: string }[] {
  return [...lake.objects]
    .filter(([name]) => name.startsWith('commits/'))
    .flatMap(([, { bytes }]) => (JSON.parse(new TextDecoder().decode(bytes)) as BatchCommit).objects)
    .filter(({ object }) => object === key);
}

/** Uploads as planned; seals, scans and a raised reader at times of chance. */
function planErrands(world: World): Errand[] {
  const { plan, random } = world;
  const first = plan.uploads[0]?.atMs ?? 0;
  const span = (plan.uploads.at(-1)?.atMs ?? 0) - first + 3_600_000;
  const at = (): number => first + random.below(span);
  const errands: Errand[] = plan.uploads.map((upload) => ({ atMs: upload.atMs, kind: 'upload', upload }));
  for (let seals = random.between(1, 2); seals > 0; seals--) errands.push({ atMs: at(), kind: 'seal' });
  if (random.chance(0.5)) {
    // two at once: the lease of the first runs out early
    const atMs = at();
    errands.push({ atMs, kind: 'seal' }, { atMs: atMs + random.between(1000, 20_000), kind: 'seal', isEarly: true });
  }
  if (random.chance(0.4)) errands.push({ atMs: at(), kind: 'scan' });
  if (random.chance(0.4)) errands.push({ atMs: at(), kind: 'raise_reader' });
  if (random.chance(0.5)) {
    const atMs = at();
    errands.push({ atMs, kind: 'change_settings' });
    if (random.chance(0.6)) errands.push({ atMs: atMs + random.below(3_600_000), kind: 'restamp' });
  }
  if (random.chance(0.3)) errands.push({ atMs: at(), kind: 'retract' });
  return errands.toSorted((a, b) => a.atMs - b.atMs);
}
