/**
 * A person who asks `usage` while it is sealed again and again: 50 re-seals, each of which adds a call to one day and moves another call between
 * two days. In every answer each call is there, none is twice in a day, no day is empty, and the money is that of exactly these calls.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { rm } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { CATALOG_KEY } from '../../lib/adapters/aws/glue-catalog.ts';
import type { SqlRow } from '../../lib/ports.ts';
import { deployApp } from './deployed-app.ts';
import {
  HASH_KEY,
  callLine,
  copyOf,
  deployedRows,
  landText,
  localRows,
  openDeployment,
  putText,
  runLocally,
  seal,
  settled,
} from './deployment.ts';
import type { Deployment } from './deployment.ts';
import { deployableStack, freshName } from './stack/clients.ts';

const SEALS = 50;
/** a re-seal of two days is some five CPU seconds of Trino */
const MAX_MS = 1_800_000;
/** between two looks at the catalog, which cost a request and no statement */
const LOOK_EVERY_MS = 150;
const [ONE_DAY, OTHER_DAY] = ['2026-11-10', '2026-11-11'];
const FIXED = Array.from({ length: 5 }, (_, i) => `fixed-${i}`);
/** gpt-4o at 2.50 and 10 USD per million tokens: 1,000 tokens in, 100 out */
const COST_OF_CALL = '0.003500000000';

let aws: Deployment;
beforeAll(async () => {
  const endpoints = await deployableStack();
  // the schedule's own seal may not come between two of the test's
  const config = { aws: { seal: { every_minutes: 1440 } } };
  const app = await deployApp(endpoints, { name: freshName('read-'), hashKey: HASH_KEY, config });
  aws = await openDeployment(endpoints, app);
  const fixed = (day: string): string => FIXED.map((id) => line(`${id} of ${day}`, day)).join('');
  await putText(aws, 'fixed.jsonl', fixed(ONE_DAY) + fixed(OTHER_DAY));
  await putText(aws, 'changing.jsonl', changing(0));
  await settled(aws);
  await seal(aws);
});

const line = (id: string, day: string): string => callLine(id, day, 1000, { provider: 'openai', output_tokens: 100 });

/** So many calls that have come, and one that is on the other day in every second round. */
function changing(round: number): string {
  const grown = Array.from({ length: round }, (_, i) => line(`grown-${i}`, ONE_DAY)).join('');
  return grown + line('moved', round % 2 === 0 ? ONE_DAY : OTHER_DAY);
}

interface Answer {
  /** rounds that were sealed before the question was asked, and rounds that had landed */
  readonly sealed: number;
  readonly landed: number;
  readonly rows: readonly SqlRow[];
}

const QUESTION = `
select cast(day as varchar) as day, call_id as id, count(*) as times, cast(sum(cost) as decimal(38,12)) as cost
from usage group by day, call_id`;

/** What is wrong with an answer; nothing if every call of the rounds it may show is there as it must be. */
function faultsOf({ sealed, landed, rows }: Answer): string[] {
  const faults: string[] = [];
  const daysOf = new Map<string, string[]>();
  for (const row of rows) {
    const { day, id, times, cost } = row;
    if (times !== '1' || cost !== COST_OF_CALL) faults.push(`not once for its price: ${JSON.stringify(row)}`);
    daysOf.set(String(id), [...(daysOf.get(String(id)) ?? []), String(day)]);
  }
  const expectOn = (id: string, days: readonly string[]): void => {
    const found = daysOf.get(id) ?? [];
    if (found.join() !== days.join()) faults.push(`${id} is on ${found.join(' and ') || 'no day'}`);
    daysOf.delete(id);
  };
  for (const day of [ONE_DAY, OTHER_DAY]) for (const id of FIXED) expectOn(`${id} of ${day}`, [day]);
  const moved = daysOf.get('moved') ?? [];
  if (moved.length === 0) faults.push('the call that moves is nowhere');
  daysOf.delete('moved');
  const grown = daysOf.size;
  for (let i = 0; i < grown; i++) expectOn(`grown-${i}`, [ONE_DAY]);
  if (grown < sealed || grown > landed) faults.push(`${grown} calls have come, of ${sealed} to ${landed}`);
  return [...faults, ...[...daysOf.keys()].map((id) => `${id} is none of the calls`)];
}

/** What the catalog is now; it changes when a seal switches. */
const catalogVersion = async (): Promise<string | undefined> => (await aws.lake.head(CATALOG_KEY))?.version;

/**
 * Seals once while a person asks: when the seal begins, and at the moment the catalog switches, while Glue's tables still follow it. More
 * questions would take the machine from the seal; these fall where something changes.
 */
async function sealAndAsk(progress: {
  readonly sealed: number;
  readonly landed: number;
}): Promise<{ sealedDays: readonly string[]; answers: Answer[] }> {
  const ask = async (): Promise<Answer> => ({ ...progress, rows: await aws.users.query(QUESTION) });
  const before = await catalogVersion();
  const round = { isOver: false };
  const reading = (async () => {
    const answers = [await ask()];
    while (!round.isOver && (await catalogVersion()) === before) await pause(LOOK_EVERY_MS);
    answers.push(await ask());
    return answers;
  })();
  try {
    const { sealedDays } = await seal(aws);
    round.isOver = true;
    return { sealedDays, answers: await reading };
  } finally {
    round.isOver = true;
    await reading.catch(() => undefined);
  }
}

test(
  `a reader during ${SEALS} seals misses no call and sees none twice`,
  async () => {
    const answers: Answer[] = [];
    for (let round = 1; round <= SEALS; round++) {
      await landText(aws, 'changing.jsonl', changing(round));
      const told = await sealAndAsk({ sealed: round - 1, landed: round });
      expect(told.sealedDays).toEqual([ONE_DAY, OTHER_DAY]);
      answers.push(...told.answers);
    }
    expect(answers.flatMap(faultsOf)).toEqual([]);
    expect(answers).toHaveLength(2 * SEALS);
    // the states of before and after: a reader who only ever saw the last one would have proved nothing
    const states = answers.map(({ rows }) => rows.length);
    expect(new Set(states).size).toBeGreaterThanOrEqual(SEALS);
    const folder = await copyOf(aws.inbox, {});
    try {
      await runLocally(folder);
      expect(await deployedRows(aws)).toEqual(await localRows(folder));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  MAX_MS,
);
