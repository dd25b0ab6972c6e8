/**
 * `npm run storm`: many seeds and what they covered, or one seed with its trace. In: --seed N | --seeds N [--from S] [--workers W]
 * [--until-failure] [--plant NAME]. Out: coverage and failing seeds on stdout; exit 1 if any fails. With a planted fault it must fail.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { createCoverage } from './coverage.ts';
import { PLANTED, plantSources } from './planted.ts';

interface Job {
  readonly from: number;
  readonly seeds: number;
  readonly step: number;
  readonly plant: string | null;
  readonly untilFailure: boolean;
  readonly withTrace: boolean;
}

/** What a process tells of each seed. */
interface SeedReport {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly coverage: Readonly<Record<string, number>>;
  readonly trace: readonly string[];
}

const OPTIONS = {
  seed: { type: 'string' },
  seeds: { type: 'string', default: '200' },
  from: { type: 'string', default: '1' },
  workers: { type: 'string', default: '1' },
  plant: { type: 'string' },
  'until-failure': { type: 'boolean', default: false },
  plants: { type: 'boolean', default: false },
  job: { type: 'string' },
} as const;

/** Engines are started anew after so many seeds: what they hold of dropped tables does not all come back. */
const SEEDS_PER_ENGINE = 40;

/** Runs the seeds of a job one after the other. Sources are imported only now, so that a planted fault is in them. */
async function runJob(job: Job, report: (seed: SeedReport) => void): Promise<void> {
  const unplanted = job.plant === null ? new Set<string>() : plantSources(job.plant);
  const { openStorm } = await import('./open-storm.ts');
  const { runStorm } = await import('./storm.ts');
  if (unplanted.size > 0) throw new Error(`planted fault: ${[...unplanted].join(', ')} was not loaded`);
  let storm = await openStorm(job.plant);
  try {
    for (let i = 0, seed = job.from; seed < job.from + job.seeds; i++, seed += job.step) {
      if (i > 0 && i % SEEDS_PER_ENGINE === 0) {
        storm.close();
        storm = await openStorm(job.plant);
      }
      const { problems, coverage, trace } = await runStorm(seed, storm.poolOf(seed), storm.tools);
      report({ seed, problems, coverage, trace: job.withTrace ? trace : [] });
      if (problems.length > 0 && job.untilFailure) return;
    }
  } finally {
    storm.close();
  }
}

/**
 * A seed's statements are small and many: much of what the engine does by default is to ask the system for memory and to give it back. These
 * processes keep it. It costs memory, and changes nothing else; a system that does not know the settings ignores them.
 */
const KEEP_MEMORY = {
  DUCKDB_JE_MALLOC_CONF: 'tcache_max:4194304,dirty_decay_ms:-1,muzzy_decay_ms:-1',
  GLIBC_TUNABLES:
    'glibc.malloc.mxfast=0:glibc.malloc.tcache_count=1000:glibc.malloc.trim_threshold=4294967296:glibc.malloc.mmap_threshold=1073741824',
};

/** Shares a job over processes. */
async function runShared(job: Job, workers: number, report: (seed: SeedReport) => void): Promise<void> {
  const shares = Array.from({ length: workers }, (_, i) => ({
    ...job,
    from: job.from + i,
    seeds: job.seeds - i,
    step: workers,
  }));
  const ended = await Promise.allSettled(shares.map(async (share) => await runProcess(share, report)));
  for (const end of ended) {
    if (end.status === 'fulfilled') continue;
    console.error(String(end.reason));
    process.exitCode = 1;
  }
}

/** Runs a job in a process of its own. Throws if it ends otherwise than by itself. */
async function runProcess(job: Job, report: (seed: SeedReport) => void): Promise<void> {
  const env = { ...KEEP_MEMORY, ...process.env };
  const child = fork(new URL(import.meta.url), ['--job', JSON.stringify(job)], { env });
  let last = 'none';
  child.on('message', (message) => {
    const told = message as SeedReport;
    last = String(told.seed);
    report(told);
  });
  // a process may have ended before all that it told has been read
  const [[code, signal]] = (await Promise.all([once(child, 'exit'), once(child, 'disconnect')])) as [
    [number | null, string | null],
    unknown,
  ];
  if (code !== 0) throw new Error(`a storm process ended with ${code ?? signal}; its last whole seed was ${last}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.job !== undefined) {
    const orphaned = (): never => process.exit(1);
    process.once('disconnect', orphaned);
    await runJob(JSON.parse(values.job) as Job, (seed) => process.send?.(seed));
    process.off('disconnect', orphaned);
    process.disconnect();
    return;
  }
  if (values.plants) {
    for (const { name } of PLANTED) console.log(name);
    return;
  }
  const coverage = createCoverage();
  const failing: number[] = [];
  let ran = 0;
  const job: Job = {
    from: Number(values.seed ?? values.from),
    seeds: values.seed === undefined ? Number(values.seeds) : 1,
    step: 1,
    plant: values.plant ?? null,
    untilFailure: values['until-failure'],
    withTrace: values.seed !== undefined,
  };
  await runShared(job, Number(values.workers), ({ seed, problems, coverage: own, trace }) => {
    ran++;
    coverage.add(own);
    if (trace.length > 0) console.log(trace.join('\n'));
    if (problems.length === 0) return;
    failing.push(seed);
    console.log(`seed ${seed} fails:\n  ${problems.join('\n  ')}`);
  });
  console.log(coverage.lines().join('\n'));
  const again = failing.length === 0 ? '' : `; again with: npm run storm -- --seed ${failing[0]}`;
  console.log(
    `${ran} seeds, ${failing.length} failing${failing.length > 0 ? `: ${failing.toSorted((a, b) => a - b).join(' ')}` : ''}${again}`,
  );
  if (failing.length > 0) process.exitCode = 1;
}

await main();
