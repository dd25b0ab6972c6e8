/**
 * What happens while a seed runs: errands from outside, events, workers, readers in between, and the calm in which everything settles. In:
 * the world of a seed. Out: problems noted in it. Invariant: in the calm nothing fails, so what is wrong then is wrong for good.
 */
import type { BatchCommit } from '../../lib/commit.ts';
import type { ObjectInfo } from '../../lib/ports.ts';
import { planErrands } from './errands.ts';
import type { Errand } from './errands.ts';
import { MIN_FAULTS } from './faults.ts';
import type { Upload } from './inbox-plan.ts';
import { createReaders } from './reader.ts';
import type { Readers } from './reader.ts';
import type { StoreContents } from './simulated-store.ts';
import { createWorkers } from './workers.ts';
import type { Program, Workers } from './workers.ts';
import { GRACE_MS, count } from './world.ts';
import type { World } from './world.ts';

const MOST_INGESTERS = 2;
/** A seed that does not settle in so many steps never will. */
const MOST_STEPS = 60_000;

interface Weather {
  readonly world: World;
  readonly errands: Errand[];
  readonly program: Program;
  readonly workers: Workers;
  readonly readers: Readers;
  readonly sent: ObjectInfo[];
  /** the object that is taken out again, if any */
  readonly retracted: string | null;
}

/** Runs a seed until everything has settled, or a problem shows. */
export async function runWeather(world: World): Promise<void> {
  const errands = planErrands(world.plan, world.random);
  const plans = (kind: Errand['kind']): boolean => errands.some((errand) => errand.kind === kind);
  const { variants } = world.tools;
  const before = world.settings === variants.first ? variants.second : variants.first;
  const program: Program = {
    reader: plans('raise_reader') ? 1 : 2,
    settings: plans('change_settings') ? before : world.settings,
  };
  const retract = errands.find((errand) => errand.kind === 'retract');
  const weather: Weather = {
    world,
    errands,
    program,
    workers: createWorkers(world, program),
    readers: createReaders(world),
    sent: [],
    retracted: retract?.object ?? null,
  };
  try {
    if ((await untilQuiet(weather)) && (await padFaults(weather))) await settle(weather);
  } finally {
    await weather.workers.stopAll();
  }
}

/** Lets things happen until nothing is left to do; false if a problem shows first. */
async function untilQuiet(weather: Weather): Promise<boolean> {
  const { world, errands, workers, readers } = weather;
  const { scheduler, queue, problems } = world;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    while ((errands[0]?.atMs ?? Infinity) <= scheduler.nowMs()) doErrand(weather, errands.shift() as Errand);
    const isBusy = workers.running('ingest').length >= MOST_INGESTERS;
    const nextMessageMs = isBusy ? Infinity : (queue.nextVisibleMs() ?? Infinity);
    if (nextMessageMs <= scheduler.nowMs()) workers.ingest();
    readers.maybeStart();
    if (!(await scheduler.step())) {
      const next = Math.min(errands[0]?.atMs ?? Infinity, nextMessageMs, scheduler.nextReadyMs() ?? Infinity);
      if (next === Infinity) return true;
      scheduler.advanceTo(next);
    }
    await workers.closeSessions();
    if (problems.length > 0) return false;
  }
  problems.push(`not settled after ${MOST_STEPS} steps`);
  return false;
}

function doErrand(weather: Weather, errand: Errand): void {
  const { world, workers, program } = weather;
  const { faults, scheduler } = world;
  switch (errand.kind) {
    case 'upload':
      upload(weather, errand.upload);
      break;
    case 'scan':
      workers.scan(true);
      break;
    case 'raise_reader':
      program.reader = 2;
      faults.count('reader raised');
      scheduler.note('the reader is raised');
      break;
    case 'change_settings':
      program.settings = world.settings;
      faults.count('settings changed');
      scheduler.note(`settings are now the ${world.settings.variant}`);
      break;
    case 'restamp':
      workers.restamp(true);
      break;
    case 'retract':
      // before the first read of an object is committed there is nothing to retract
      if (committedReads(world.lake, errand.object).length === 0) break;
      faults.count('retracted midway');
      retract(weather, errand.object, true);
      break;
    case 'seal':
      if (errand.isEarly || workers.isLeaseFree()) workers.seal(true, () => undefined);
      else count(world, 'seals left to the holder of the lease');
  }
}

function retract({ workers, readers }: Weather, object: string, faulty: boolean): void {
  readers.release(object);
  workers.retract(object, faulty);
}

function upload({ world, sent }: Weather, { key, lines }: Upload): void {
  const { scheduler, random, faults, queue, inbox } = world;
  const text = lines.map((told) => `${told.text}\n`).join('');
  const info = inbox.put(key, new TextEncoder().encode(text), scheduler.nowMs());
  scheduler.note(`upload ${key} ${info.version}`);
  sent.push(info);
  const isDelayed = random.chance(0.25);
  if (isDelayed) faults.count('delayed');
  queue.send(info, scheduler.nowMs() + (isDelayed ? random.between(600_000, 21_600_000) : random.below(60_000)));
  if (!random.chance(0.3)) return;
  faults.count('duplicated');
  queue.send(info, scheduler.nowMs() + random.below(10_800_000));
}

/** Old events are delivered once more until the seed has had its share of faults. */
async function padFaults(weather: Weather): Promise<boolean> {
  const { faults, queue, random, scheduler } = weather.world;
  while (faults.total() < MIN_FAULTS) {
    faults.count('duplicated');
    queue.send(random.pick(weather.sent), scheduler.nowMs() + random.below(60_000));
    if (!(await untilQuiet(weather))) return false;
  }
  return true;
}

/** The calm: what a new reader, other settings or a retraction ask for is done, then a last seal, which leaves nothing to a second one. */
async function settle(weather: Weather): Promise<void> {
  const { world, workers, readers, retracted } = weather;
  const { faults, scheduler, problems, random } = world;
  faults.stop();
  scheduler.note('calm');
  const steps = [
    () => (faults.counts['reader raised'] === undefined ? undefined : workers.scan(false)),
    () => (faults.counts['settings changed'] === undefined ? undefined : workers.restamp(false)),
    () => (retracted === null || random.chance(0.3) ? undefined : retract(weather, retracted, false)),
    () => workers.seal(false, () => undefined),
    // what nobody needs any more goes now, and nothing else
    () => scheduler.advanceTo(scheduler.nowMs() + 2 * GRACE_MS),
    () =>
      workers.seal(false, (days) => {
        if (days > 0) problems.push(`${days} days were sealed again although nothing had changed`);
      }),
    () => readers.start(),
  ];
  for (const step of steps) {
    step();
    if (!(await untilQuiet(weather))) return;
  }
}

/** Reads of an object that a commit tells of, in no order. */
export function committedReads(lake: StoreContents, key: string): BatchCommit['objects'][number][] {
  return [...lake.objects]
    .filter(([name]) => name.startsWith('commits/'))
    .flatMap(([, { bytes }]) => (JSON.parse(new TextDecoder().decode(bytes)) as BatchCommit).objects)
    .filter(({ object }) => object === key);
}
