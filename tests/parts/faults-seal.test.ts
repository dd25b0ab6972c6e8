/**
 * The bundled seal function, killed after every kind of step that changes something, and two of them at once. A reader sees the tables of before
 * or of after, whole; the next seal makes them those of an undisturbed local run; what the killed ones left behind is gone after a day.
 */
import { GetTablesCommand } from '@aws-sdk/client-glue';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { CATALOG_KEY } from '../../lib/adapters/aws/glue-catalog.ts';
import type { CatalogState } from '../../lib/ports.ts';
import { callLine, deployedRows, landText, putText, seal, settled } from './deployment.ts';
import { openFaultLab } from './fault-lab.ts';
import type { FaultLab } from './fault-lab.ts';
import type { PassingCall } from './stack/fault-proxy.ts';
import type { Outcome } from './stack/function-process.ts';

// some forty seals that are killed and as many that are not: more than the usual limit on a machine that does other work too
vi.setConfig({ testTimeout: 1_800_000 });

let lab: FaultLab;
beforeAll(async () => {
  lab = await openFaultLab({ holdsEvents: false });
  // far apart: a day whose twins cannot be on the other one costs no look at it
  await putText(lab.aws, 'old/calls.jsonl', callLine('old', '2026-08-03', 70) + '{"id":\n');
  await putText(
    lab.aws,
    'new/fixed.jsonl',
    callLine('fixed', '2026-11-10', 80, { prompt: 'Why? '.repeat(300), session: 's' }),
  );
  await putText(lab.aws, 'new/changing.jsonl', callLine('first', '2026-11-10', 90));
  await settled(lab.aws);
  await seal(lab.aws);
});
afterAll(async () => lab?.close());

let changes = 0;

/** A new version of one object: a call more on one day. */
async function change(): Promise<void> {
  changes++;
  const calls = Array.from({ length: changes + 1 }, (_, i) => callLine(`call-${i}`, '2026-11-10', 100 + i));
  expect(await landText(lab.aws, 'new/changing.jsonl', calls.join(''))).toBe(1);
}

async function keysBelow(prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of lab.aws.lake.list(prefix)) keys.push(key);
  return keys;
}

async function catalog(): Promise<CatalogState> {
  return JSON.parse(new TextDecoder().decode((await lab.aws.lake.read(CATALOG_KEY)) ?? undefined)) as CatalogState;
}

/** Calls of the changing day as a reader counts them: the fixed one and those of the newest version sealed. */
async function countOfDay(): Promise<number> {
  const [row] = await lab.aws.users.query(
    `select count(*) as calls, count(distinct record_id) as different from usage where day = date '2026-11-10'`,
  );
  expect(row?.['calls']).toBe(row?.['different']);
  return Number(row?.['calls']);
}

/** How far a seal has come, told by the statements and the switch that have passed. */
type Phase = 'before the days' | 'days' | 'other tables' | 'switched';

/**
 * Names steps, the same in every run. Work tables are made and dropped by the same code whatever they are for; statements, their plans and what
 * follows the switch are told apart by how far the seal has come.
 */
function createStepNames(): (call: PassingCall) => string {
  let phase: Phase = 'before the days';
  return (call) => {
    const text = call.body.toString();
    const target = /external_location = 's3:\/\/[^/]+\/(v1\/sealed|v1\/derived|work)\//.exec(text)?.[1];
    if (target === 'v1/sealed') phase = 'days';
    if (target === 'v1/derived') phase = 'other tables';
    const thing = thingOf(call, text, target);
    const step = `${call.action} ${thing}`;
    if (call.key.endsWith(CATALOG_KEY)) phase = 'switched';
    return thing.startsWith('work table') ? step : `${phase}: ${step}`;
  };
}

/** What a call is about, without the names that differ in every run. */
function thingOf({ service, key }: PassingCall, text: string, target: string | undefined): string {
  if (service === 's3') {
    const object = key === '' ? (/<Key>([^<]+)/.exec(text)?.[1] ?? '') : key;
    if (!object.startsWith('work/tables/')) return object.replace(/\/.*/, '/…');
    return `work table's ${/\.\w+$/.exec(object)?.[0] ?? 'files'}`;
  }
  if (service === 'AmazonAthena') return target ?? 'a query';
  const {
    DatabaseName: database = '',
    TableName: table = '',
    TableInput: input,
  } = JSON.parse(text) as {
    DatabaseName?: string;
    TableName?: string;
    TableInput?: { Name: string };
  };
  return database.endsWith('_work') ? 'work table' : `${table}${input?.Name ?? ''}`;
}

test('killed after each kind of step: readers see whole tables, the next seal the right ones', async () => {
  const killedAfter = new Set<string>();
  await change();
  let ending: Outcome['kind'] = 'killed';
  while (ending === 'killed') {
    const before = await catalog();
    const doomed = lab.start('Seal');
    const nameOf = createStepNames();
    let isKilled = false;
    lab.proxy.set({
      after: (call) => {
        if (isKilled) return 'drop';
        if (!call.changes) return;
        const step = nameOf(call);
        if (killedAfter.has(step)) return;
        killedAfter.add(step);
        isKilled = true;
        doomed.kill();
        return 'drop';
      },
    });
    ({ kind: ending } = await doomed.invoke({}));
    lab.proxy.set({});
    await doomed.stop();
    if (ending !== 'killed') break;
    const isSwitched = (await catalog()).revision > before.revision;
    const seen = await countOfDay();
    // without a switch nothing has changed; after it Glue may or may not follow yet
    expect(isSwitched ? [changes + 1, changes + 2] : [changes + 1]).toContain(seen);
    if (!isSwitched) continue;
    await seal(lab.aws);
    expect(await countOfDay()).toBe(changes + 2);
    await change();
  }
  expect(ending).toBe('returned');
  for (const step of [
    'days: StartQueryExecution v1/sealed',
    'switched: PUT catalog.json',
    'switched: UpdateTable sources',
  ])
    expect(killedAfter).toContain(step);
  // as many kinds as a seal has: should their names run into one another, fewer would be killed after
  expect(killedAfter.size).toBeGreaterThanOrEqual(30);
  expect(await deployedRows(lab.aws)).toEqual(await lab.expectedRows());
});

test('what killed seals left behind is gone after a day, and nothing that is in use', async () => {
  const generationsOf = (keys: readonly string[]): string[] =>
    [...new Set(keys.map((key) => /\/g=([^/]+)\//.exec(key)?.[1] ?? ''))].toSorted();
  const inUse = async (): Promise<string[]> =>
    generationsOf(
      Object.values((await catalog()).tables).flatMap((table) => Object.values(table).flatMap((p) => p.keys)),
    );
  const workTables = async (): Promise<number> => {
    const { TableList: found = [] } = await lab.aws.glue.send(
      new GetTablesCommand({ DatabaseName: lab.aws.places.workDatabase }),
    );
    return found.length;
  };
  expect(await workTables()).toBeGreaterThan(0);
  expect(generationsOf(await keysBelow('v1/')).length).toBeGreaterThan((await inUse()).length);
  // the next seal that changes something notes what nobody points at; one a day later removes it
  await change();
  await seal(lab.aws);
  const rows = await deployedRows(lab.aws);
  const later = lab.start('Seal', { CLOCK_AHEAD_MS: String(25 * 3_600_000) });
  expect(await later.invoke({})).toMatchObject({ kind: 'returned', result: { sealedDays: [] } });
  expect(await workTables()).toBe(0);
  expect(await keysBelow('glue-following/')).toEqual([]);
  const [usage] = await deployedRows(lab.aws);
  expect(usage).toEqual(rows[0]);
  const kept = generationsOf(await keysBelow('v1/'));
  // the seal of tomorrow may have made tables that tell of silent sources; what it replaced stays for its own day
  expect((await inUse()).filter((generation) => !kept.includes(generation))).toEqual([]);
  expect(kept.length - (await inUse()).length).toBeLessThanOrEqual(2);
  // files of work tables and plans are left to the bucket's lifecycle, which the emulator does not keep (tests/infra/stacks.test.ts)
});

const isGivingWay = (outcome: Outcome): boolean => outcome.kind === 'threw' && outcome.message.includes('another run');

test('two seals at once: both end, and the tables are right', async () => {
  for (let round = 0; round < 2; round++) {
    await change();
    const both = [lab.start('Seal'), lab.start('Seal')];
    const outcomes = await Promise.all(both.map((process) => process.invoke({})));
    expect(outcomes.some(({ kind }) => kind === 'returned')).toBe(true);
    // one may give way to the other and say so; the schedule starts the next one anyway
    const failed = outcomes.filter((outcome) => outcome.kind !== 'returned' && !isGivingWay(outcome));
    expect(failed).toEqual([]);
    expect(await countOfDay()).toBe(changes + 2);
  }
  expect(await deployedRows(lab.aws)).toEqual(await lab.expectedRows());
});

test.each([
  ['the switch', ({ action, key }: PassingCall) => action === 'PUT' && key === CATALOG_KEY],
  ['its days', ({ body }: PassingCall) => body.includes('/v1/sealed/g=') && body.includes('QueryString')],
  ['the partitions', ({ action }: PassingCall) => action === 'BatchUpdatePartition'],
])('one that is overtaken by another just before %s does not undo it', async (_name, isPlace) => {
  await change();
  const other = lab.start('Seal', {
    AWS_ENDPOINT_URL: lab.aws.endpoints.control,
    AWS_ENDPOINT_URL_ATHENA: lab.aws.endpoints.athenaOnControl,
  });
  let overtaken: Outcome | null = null;
  lab.proxy.set({
    async before(call) {
      if (overtaken !== null || !isPlace(call)) return;
      overtaken = { kind: 'killed' };
      // the other sees a call more than this one knows of
      await change();
      overtaken = await other.invoke({});
    },
  });
  const outcome = await lab.start('Seal').invoke({});
  lab.proxy.set({});
  expect(overtaken).toMatchObject({ kind: 'returned' });
  expect(outcome.kind).toBe('returned');
  expect(await countOfDay()).toBe(changes + 2);
  expect((await seal(lab.aws)).sealedDays).toEqual([]);
  expect(await countOfDay()).toBe(changes + 2);
});
