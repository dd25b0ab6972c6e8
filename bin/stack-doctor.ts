/**
 * `doctor --stack`: looks at a deployed ledger and says what is wrong. In: the name of the deployment. Out: findings. It changes nothing, and a
 * check that is not allowed becomes a finding of its own, so that the others still speak. What concerns rows and commits is looked at by the
 * same checks as in a folder.
 */
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { createS3Store } from '../lib/adapters/aws/s3-store.ts';
import { CATALOG_KEY, createFolderCatalog } from '../lib/adapters/local/folder-catalog.ts';
import { loadSqlFolder } from '../lib/adapters/local/sql-files.ts';
import { readCommits } from '../lib/commit.ts';
import type { BatchCommit } from '../lib/commit.ts';
import { CONFIG_NAME } from '../lib/config.ts';
import { LedgerError } from '../lib/errors.ts';
import { firstPlaces, several } from '../lib/health/finding.ts';
import type { Finding } from '../lib/health/finding.ts';
import { checkPriceAge } from '../lib/health/price-age.ts';
import { checkObjects, checkRows } from '../lib/health/row-checks.ts';
import { checkAssumptions, checkSources } from '../lib/health/trust-checks.ts';
import type { CatalogState, ObjectStore } from '../lib/ports.ts';
import { readAssumptions } from '../lib/report/assumptions.ts';
import { CONFIG_FOLDER } from '../lib/rules-source.ts';
import { freeze } from '../lib/seal/dirty-days.ts';
import { readSourceDays } from '../lib/seal/source-tables.ts';
import { emptyObjects, sourceStates } from '../lib/seal/sources.ts';
import { mailFindings } from './mail-doctor.ts';
import { neededRights, rightsFindings } from './stack-rights.ts';
import { glueColumns, partitionFindings, tableFindings } from './stack-tables.ts';
import type { StackPlaces, StackWorld } from './stack-world.ts';
import { openStackWorld, readPlaces } from './stack-world.ts';

type Check = readonly [name: string, look: () => Promise<readonly Finding[]>];

/** All findings about a deployment. */
export async function stackFindings(stack: string, now: string | undefined): Promise<Finding[]> {
  const places = await readPlaces(new CloudFormationClient({}), stack);
  const findings = await rightsFindings(neededRights(places), stack);
  const world = await openStackWorld({ stack, ...(now === undefined ? {} : { now }) }).catch((error: unknown) => {
    findings.push(failed('config', error));
    return null;
  });
  const checks = [...placeChecks(places), ...(world === null ? [] : worldChecks(world, stack))];
  for (const [check, look] of checks)
    findings.push(...(await look().catch((error: unknown) => [failed(check, error)])));
  return findings;
}

/** What can be looked at without knowing the rules. */
function placeChecks(places: StackPlaces): Check[] {
  const glue = new GlueClient({});
  const { lakeBucket: bucket, database } = places;
  const lake = createS3Store({ client: new S3Client({}), bucket });
  let columns: Promise<Map<string, string[]>> | null = null;
  const tables = (): Promise<Map<string, string[]>> => (columns ??= glueColumns({ glue, database }));
  return [
    ['queue', async () => await queueFindings(new SQSClient({ useQueueUrlAsEndpoint: false }), places)],
    ['tables', async () => tableFindings(await tables())],
    [
      'partitions',
      async () => {
        const state = await createFolderCatalog(lake).read();
        return await partitionFindings({ glue, bucket, database }, state, (await tables()).keys());
      },
    ],
  ];
}

function worldChecks(world: StackWorld, stack: string): Check[] {
  const { rules, lake, carry, clock, users } = world;
  const catalog = createFolderCatalog(lake);
  return [
    ['config', async () => await configFindings(world)],
    [
      'sealed',
      async () => {
        const movedAtMs = (await lake.head(CATALOG_KEY))?.lastModifiedMs ?? null;
        return sealFindings(await catalog.read(), await readCommits(carry.lake), clock.nowMs(), movedAtMs);
      },
    ],
    ['objects', async () => checkObjects(await readCommits(carry.lake))],
    ['rows', async () => await checkRows(users)],
    ['sources', async () => await sourceFindings(world, await catalog.read())],
    ['assumptions', async () => await assumptionFindings(world)],
    [
      'mail',
      async () =>
        await mailFindings({
          client: new SESv2Client({}),
          store: lake,
          config: rules.config,
          stack,
          nowMs: clock.nowMs(),
        }),
    ],
    ['prices', async () => checkPriceAge(rules.book, await usedProviders(world), clock.nowMs())],
  ];
}

function failed(check: string, error: unknown): Finding {
  return {
    level: 'problem',
    check,
    message: `could not be looked at: ${error instanceof Error ? error.message : 'unknown error'}`,
    todo:
      (error instanceof LedgerError ? error.hint : undefined) ??
      'use credentials that may read the stacks, their buckets, queues and tables',
  };
}

/** The config in force, why another one is not, and files below `config/` that nothing reads. */
export async function configFindings({
  places,
  rules,
  configProblem,
  lake,
}: Pick<StackWorld, 'rules' | 'configProblem'> & {
  readonly places: Pick<StackPlaces, 'lakeBucket'>;
  readonly lake: Pick<ObjectStore, 'list'>;
}): Promise<Finding[]> {
  const read = new Set([CONFIG_NAME, ...rules.config.prices.overlays.map((path) => path.replace(/^\.\//, ''))]);
  const unread: string[] = [];
  for await (const { key } of lake.list(CONFIG_FOLDER))
    if (!key.endsWith('/') && !read.has(key.slice(CONFIG_FOLDER.length))) unread.push(key);
  const findings: Finding[] = [
    configProblem === null
      ? {
          level: 'ok',
          check: 'config',
          message: `the config is valid, ${several(rules.config.attribution.rules.length, 'attribution rule')}`,
        }
      : {
          level: 'problem',
          check: 'config',
          message: configProblem.message,
          todo: (configProblem.hint ?? '').replace('the lake bucket', places.lakeBucket),
        },
    { level: 'ok', check: 'hash key', message: `key ${rules.hashKey.id}, kept in Secrets Manager` },
  ];
  if (unread.length > 0 && configProblem === null)
    findings.push({
      level: 'note',
      check: 'config',
      message: `${several(unread.length, 'file')} below ${CONFIG_FOLDER} that nothing reads: ${unread[0]}`,
      where: firstPlaces(unread),
      todo: `overlays are read when prices.overlays of ${CONFIG_NAME} names them`,
    });
  return findings;
}

/** The same table of sources as a seal reads, as people see it. */
async function sourceFindings({ users, rules, carry, clock }: StackWorld, state: CatalogState): Promise<Finding[]> {
  // the port's `files` would stage a work table: here the public table of this name is asked
  const engine = { ...users, files: async () => undefined };
  const days = await readSourceDays({ engine }, state);
  const { sources } = rules.config;
  const empty = emptyObjects(freeze(await readCommits(carry.lake)), sources);
  return checkSources(sourceStates(days, clock.nowMs(), sources, empty));
}

const WHOLE_LEDGER = { from: '0001-01-01', to: '9999-12-31' };

async function assumptionFindings({ users }: StackWorld): Promise<Finding[]> {
  const queries = await loadSqlFolder('report/queries');
  return checkAssumptions(
    await readAssumptions(
      async (name, ...parameters) => await users.query(queries[name] ?? '', parameters),
      WHOLE_LEDGER,
    ),
  );
}

async function usedProviders({ users }: StackWorld): Promise<Set<string>> {
  const rows = await users.query(
    "select distinct provider from spend_daily where cost_status in ('priced', 'estimated', 'included')",
  );
  return new Set(rows.map((row) => String(row['provider'])));
}

/** Events that wait, and objects that could not be read. */
export async function queueFindings(
  client: Pick<SQSClient, 'send'>,
  places: Pick<StackPlaces, 'ingestQueue' | 'deadLetters' | 'documentsQueue' | 'documentDeadLetters'>,
): Promise<Finding[]> {
  const count = async (url: string): Promise<number> => {
    const names = ['ApproximateNumberOfMessages'] as const;
    const { Attributes: found } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...names] }),
    );
    return Number(found?.ApproximateNumberOfMessages ?? 0);
  };
  const [waiting, dead] = [await count(places.ingestQueue), await count(places.deadLetters)];
  const [waitingDocuments, deadDocuments] = [
    await count(places.documentsQueue),
    await count(places.documentDeadLetters),
  ];
  return [
    { level: 'ok', check: 'queue', message: `${several(waiting, 'event')} waiting` },
    { level: 'ok', check: 'queue of documents', message: `${several(waitingDocuments, 'event')} waiting` },
    ...(deadDocuments === 0
      ? []
      : [
          {
            level: 'problem' as const,
            check: 'dead letters of documents',
            message: `${several(deadDocuments, 'object')} could not be read`,
            todo: 'docs/runbook.md, "Alarm: documents in the dead letters"',
          },
        ]),
    dead === 0
      ? { level: 'ok', check: 'dead letters', message: 'none' }
      : {
          level: 'problem',
          check: 'dead letters',
          message: `${several(dead, 'object')} could not be read`,
          todo: 'docs/runbook.md, "Alarm: objects in the dead letters"',
        },
  ];
}

/** What waits longer than this was not sealed by several rounds in a row. */
const WAITS_TOO_LONG_MS = 2 * 3_600_000;

/** What has landed and is in no table yet. `movedAtMs` is when the catalog was switched last. */
export function sealFindings(
  state: CatalogState,
  batches: readonly BatchCommit[],
  nowMs: number,
  movedAtMs: number | null,
): Finding[] {
  if (batches.length === 0)
    return [{ level: 'note', check: 'lake', message: 'nothing has arrived yet', todo: 'put a log into the inbox' }];
  const waiting = waitingDays(state, batches);
  const objects = batches.reduce((sum, batch) => sum + batch.objects.length, 0);
  const days = Object.keys(state.tables['usage'] ?? {}).length;
  const findings: Finding[] = [
    {
      level: 'ok',
      check: 'lake',
      message: `${several(objects, 'object version')} read, ${several(days, 'day')} sealed`,
    },
  ];
  if (waiting.length === 0)
    return [...findings, { level: 'ok', check: 'sealed', message: 'everything that has landed is in the tables' }];
  const since = batches.map(({ ingestedAtMs }) => ingestedAtMs).filter((ms) => ms > (movedAtMs ?? 0));
  const waitedMs = since.length === 0 ? 0 : nowMs - since.reduce((a, b) => Math.min(a, b));
  const isLong = waitedMs > WAITS_TOO_LONG_MS;
  return [
    ...findings,
    {
      level: isLong ? 'problem' : 'note',
      check: 'sealed',
      message: isLong
        ? `${several(waiting.length, 'day')} not sealed, though something landed ${several(Math.floor(waitedMs / 3_600_000), 'hour')} ago: the tables lack it`
        : `${several(waiting.length, 'day')} to be compared or sealed by the next round`,
      where: firstPlaces(waiting),
      todo: isLong
        ? 'docs/runbook.md, "Alarm: nothing was sealed"; at once: inference-ledger run --stack NAME'
        : 'wait for the next round, or at once: inference-ledger run --stack NAME',
    },
  ];
}

/** Days that were sealed from another set of commits than today's, or never. */
function waitingDays(state: CatalogState, batches: readonly BatchCommit[]): string[] {
  const set = freeze(batches);
  const sealed = state.tables['usage'] ?? {};
  const behind = Object.entries(sealed).filter(([, pointer]) => pointer.madeFrom !== set.id);
  const unsealed = set.objects.flatMap(({ commit }) => Object.keys(commit.days)).filter((day) => !(day in sealed));
  return [...new Set([...behind.map(([day]) => day), ...unsealed])].toSorted();
}
