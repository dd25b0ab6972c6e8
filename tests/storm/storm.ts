/**
 * One seed of the storm: draws a truth, brings it into a simulated inbox under faults, lets the real journey work on it, and compares what it
 * settles to with what it must be. In: a seed and the process's engines. Out: problems, trace and coverage. Invariant: everything follows
 * from the seed.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, seedFor } from '../../lib/generate/random.ts';
import { MS_PER_DAY } from '../../lib/time.ts';
import { drawBuckets } from './buckets.ts';
import { differences } from './comparison.ts';
import type { EnginePool } from './engine-pool.ts';
import { callSums, expectedUsage } from './expected.ts';
import { MIN_FAULTS, createFaults } from './faults.ts';
import { planInbox } from './inbox-plan.ts';
import type { InboxPlan } from './inbox-plan.ts';
import { createScheduler, messageOf } from './scheduler.ts';
import type { Gate } from './scheduler.ts';
import { createCatalogContents } from './simulated-catalog.ts';
import { engineSession } from './simulated-engine.ts';
import { createQueue } from './simulated-queue.ts';
import { createStoreContents } from './simulated-store.ts';
import { DAYS, FIRST_DAY_MS, drawTruth } from './truth.ts';
import type { Truth } from './truth.ts';
import { committedReads, runWeather } from './weather.ts';
import { GRACE_MS } from './world.ts';
import type { StormTools, World } from './world.ts';

export interface StormResult {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly trace: readonly string[];
  readonly coverage: Readonly<Record<string, number>>;
}

/** The uploads of a seed come over this long. */
const SPAN_MS = 8 * 3_600_000;

/** Runs one seed to its end. */
export async function runStorm(seed: number, pool: EnginePool, tools: StormTools): Promise<StormResult> {
  const draw = (part: string): ReturnType<typeof createRandom> => createRandom(seedFor(seed, part));
  const variants = tools.variants;
  const plans = draw('plan');
  const truth = drawTruth(draw('truth'));
  const settings = variants[plans.chance(0.5) ? 'second' : 'first'];
  const pages = drawBuckets(draw('buckets'), callSums(truth.logs, truth.calls, settings));
  const startMs = FIRST_DAY_MS + DAYS * MS_PER_DAY + 20 * 3_600_000;
  const plan = planInbox(draw('inbox'), truth, pages, startMs, SPAN_MS);
  const faults = createFaults(draw('faults'), GRACE_MS);
  const scheduler = createScheduler(draw('order'), startMs, faults.ofCall, faults.slowMs);
  const prefix = `s${seed}/`;
  mkdirSync(join(pool.root, prefix), { recursive: true });
  const world: World = {
    seed,
    random: draw('weather'),
    faults,
    scheduler,
    plan,
    prefix,
    pool,
    tools,
    settings,
    inbox: createStoreContents(null, plans.chance(0.5)),
    lake: createStoreContents(join(pool.root, prefix), false),
    queue: createQueue(draw('queue')),
    catalog: createCatalogContents(),
    problems: [],
    counts: {},
  };
  try {
    await runWeather(world);
    if (world.problems.length === 0) await compare(world);
  } finally {
    await pool.forgetFiles();
    world.lake.clear();
  }
  return { seed, problems: world.problems, trace: scheduler.trace, coverage: coverageOf(truth, plan, world) };
}

async function compare(world: World): Promise<void> {
  const engine = world.pool.take();
  if (engine === null) throw new Error('storm: no engine is left for the comparison');
  const direct: Gate = async (_call, effect) => await effect();
  const session = engineSession(engine, world.lake, world.prefix, direct, world.scheduler.nowMs);
  const kept = new Map([...world.plan.final].filter(([key]) => !isRetracted(world, key)));
  const expected = expectedUsage(kept, world.settings);
  const retracted = [...world.plan.final]
    .filter(([key]) => isRetracted(world, key))
    .flatMap(([, lines]) => lines.flatMap(({ rows }) => rows));
  if (retracted.length > 0) world.counts['objects retracted'] = 1;
  try {
    world.problems.push(...(await differences(session, world.catalog.state, expected, retracted.length)));
  } catch (error) {
    world.problems.push(`the settled lake cannot be read: ${messageOf(error)}`);
  }
  world.counts['twins'] = expected.twins;
  Object.assign(world.counts, expected.counts);
  await session.end();
  world.pool.release(engine);
}

/** A retraction stands for the version it was made for: here, the newest. */
function isRetracted(world: World, key: string): boolean {
  const newest = world.inbox.objects.get(key)?.info.version;
  return committedReads(world.lake, key).some(({ version, outcome }) => outcome === 'retracted' && version === newest);
}

function coverageOf(truth: Truth, plan: InboxPlan, world: World): Record<string, number> {
  const named = (prefix: string, counts: Readonly<Record<string, number>>): [string, number][] =>
    Object.entries(counts).map(([name, n]) => [`${prefix} ${name}`, n]);
  return Object.fromEntries([
    ['calls', truth.calls.length],
    ['calls of another tier', truth.calls.filter(({ tier }) => tier !== 'standard').length],
    ...named('told by', truth.counts),
    ...named('inbox', plan.counts),
    ...named('fault', world.faults.counts),
    ...named('seen', world.counts),
    ['seen faults', world.faults.total()],
    ['seen seeds with 20 faults', world.faults.total() >= MIN_FAULTS ? 1 : 0],
    ['seen port calls', world.scheduler.trace.length],
    ['seen switches', world.catalog.switches],
    ['seen switches lost to races', world.catalog.lost],
  ]);
}
