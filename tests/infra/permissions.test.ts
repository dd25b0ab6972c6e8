/** Who may do what, read from the templates as they are deployed. */
import { beforeAll, describe, expect, test } from 'vitest';
import { SYNTH_MS, allResources, allStatements, ofType, shown, synthesized } from './synthesized.ts';
import type { Statement, Synthesized } from './synthesized.ts';

let app: Synthesized;
let statements: Statement[];
beforeAll(async () => {
  app = await synthesized({
    kms_key_arn: 'arn:aws:kms:eu-central-1:111122223333:key/0a0a0a0a-1111-2222-3333-444444444444',
  });
  statements = allStatements(app);
}, SYNTH_MS);

const allowed = (): Statement[] => statements.filter(({ effect }) => effect === 'Allow');
const of = (id: string): Statement[] => allowed().filter(({ where }) => where.startsWith(`pipeline.${id}RolePolicy`));
/** what may be done, as `action on resource` */
const rights = (id: string): string[] =>
  of(id).flatMap(({ actions, resources }) => actions.flatMap((action) => resources.map((on) => `${action} ${on}`)));

/** A resource of the operator's policy, by its short name. */
function place(resource: string): string {
  return resource
    .replace('<inference-ledger-data:InboxBucket>', 'INBOX')
    .replace('<inference-ledger-data:LakeBucket>', 'LAKE')
    .replace(/^arn:aws:kms:.*$/, 'KEY')
    .replace(/^<inference-ledger-data:(\w+)>$/, '$1')
    .replace(/^<(\w+)\.Arn>$/, '$1')
    .replace(/^arn:<AWS::Partition>:(s3:::|(glue|athena|cloudformation):<AWS::Region>:<AWS::AccountId>:)/, '')
    .replace(/<inference-ledger-data:(\w+)>/, '$1');
}

/** What people who operate may do: action → places. */
function operatorRights(): Record<string, string[]> {
  const own = allowed().filter(({ where }) => where.startsWith('pipeline.Operator'));
  const rights: Record<string, string[]> = {};
  for (const { actions, resources } of own)
    for (const action of actions)
      rights[action] = [...new Set([...(rights[action] ?? []), ...resources.map(place)])].toSorted();
  return rights;
}

const LEDGER = ['catalog', 'database/inference_ledger', 'table/inference_ledger/*'];
const WORK = ['catalog', 'database/inference_ledger_work', 'table/inference_ledger_work/*'];
const BOTH = [...new Set([...LEDGER, ...WORK])].toSorted();
const WORKGROUPS = ['workgroup/EngineWorkgroup', 'workgroup/UsersWorkgroup'];
const lake = (...places: string[]): string[] => places.map((one) => `LAKE/${one}`);
const SWEPT = lake(
  'athena/engine/*',
  'cleared-landing/*',
  'commit-packs/*',
  'commit-sets/*',
  'documents/*',
  'first-seen/*',
  'glue-following/*',
  'landing/*',
  'retired-documents/*',
  'retired-landing/*',
  'retired/*',
  'v1/*',
  'work/*',
);
const ADDED = lake('athena/users/*', 'catalog.json', 'commits/*', 'deployed-config.json', 'rules-in-force.json');
const WRITTEN = [...SWEPT, ...ADDED].toSorted();

/** What the operator's policy allows, action by action; a change here is a change of what people may do. */
const OPERATOR: Record<string, string[]> = {
  'athena:GetQueryExecution': WORKGROUPS,
  'athena:GetQueryResults': WORKGROUPS,
  'athena:GetWorkGroup': WORKGROUPS,
  'athena:StartQueryExecution': WORKGROUPS,
  'athena:StopQueryExecution': WORKGROUPS,
  'cloudformation:DescribeStacks': ['stack/inference-ledger-data/*', 'stack/inference-ledger-pipeline/*'],
  'glue:BatchCreatePartition': BOTH,
  'glue:BatchDeletePartition': WORK,
  'glue:BatchGetPartition': BOTH,
  'glue:BatchUpdatePartition': LEDGER,
  'glue:CreatePartition': WORK,
  'glue:CreateTable': BOTH,
  'glue:DeletePartition': BOTH,
  'glue:DeleteTable': WORK,
  'glue:GetDatabase': BOTH,
  'glue:GetPartition': BOTH,
  'glue:GetPartitions': BOTH,
  'glue:GetTable': BOTH,
  'glue:GetTables': BOTH,
  'glue:UpdatePartition': WORK,
  'glue:UpdateTable': BOTH,
  'kms:Decrypt': ['KEY'],
  'kms:GenerateDataKey': ['KEY'],
  's3:AbortMultipartUpload': WRITTEN,
  's3:DeleteObject': SWEPT,
  's3:GetBucketLocation': ['LAKE'],
  's3:GetObject': ['INBOX/inbox/*', ...WRITTEN, 'LAKE/config/*'].toSorted(),
  's3:ListBucket': ['INBOX', 'LAKE'],
  's3:ListBucketMultipartUploads': ['LAKE'],
  's3:PutObject': WRITTEN,
  'secretsmanager:GetSecretValue': ['HashKeySecret'],
  'sqs:GetQueueAttributes': ['CorporaDeadLetters', 'CorporaEvents', 'InboxDeadLetters', 'InboxEvents'],
};

describe('rights', () => {
  test('no statement that allows has a wildcard in an action', () => {
    expect(allowed().length).toBeGreaterThan(30);
    expect(allowed().filter(({ actions }) => actions.some((action) => action.includes('*')))).toEqual([]);
  });

  test('a wildcard in a resource stands only below a named folder, database, stack, log group or state machine', () => {
    // trust policies name no resource at all
    const resources = allowed().flatMap(({ resources }) => resources.filter((resource) => resource !== ''));
    const named = [
      /:s3:::<[^>]+>\/[^*]+\/\*$/,
      /:glue:[^*]+:table\/[a-z_]+\/\*$/,
      /:cloudformation:[^*]+:stack\/inference-ledger-(data|pipeline|report)\/\*$/,
      /:logs:[^*]+:log-group:\/[a-z-]+\/[a-z-]+:\*$/,
      /:states:[^*]+:execution:[a-z-]+:\*$/,
    ];
    const wild = resources.filter((resource) => resource.includes('*'));
    expect(wild.length).toBeGreaterThan(10);
    expect(wild.filter((resource) => !named.some((pattern) => pattern.test(resource)))).toEqual([]);
  });

  test('every Deny is the one that refuses what does not come over TLS', () => {
    const denied = statements.filter(({ effect }) => effect === 'Deny');
    expect(denied.map(({ where }) => where.replace(/^.*\./, '')).toSorted()).toEqual([
      'AlarmsPolicy',
      'CorporaDeadLettersPolicy',
      'CorporaEventsPolicy',
      'InboxDeadLettersPolicy',
      'InboxEventsPolicy',
      'InboxPolicy',
      'LakePolicy',
    ]);
    for (const { conditions } of denied) expect(conditions).toEqual({ Bool: { 'aws:SecureTransport': 'false' } });
  });

  test('ingest reads the inbox and adds to the lake: it deletes no object, asks no SQL, moves no table', () => {
    const own = rights('Ingest');
    const lake = '<inference-ledger-data:LakeBucket>';
    expect(own.filter((right) => right.startsWith('s3:PutObject')).toSorted()).toEqual(
      ['commits/', 'first-seen/', 'landing/'].map(
        (folder) => `s3:PutObject arn:<AWS::Partition>:s3:::${lake}/${folder}*`,
      ),
    );
    expect(own).toContain('s3:GetObject arn:<AWS::Partition>:s3:::<inference-ledger-data:InboxBucket>/inbox/*');
    expect(own.filter((right) => /^(athena|glue|s3:Delete)/.test(right))).toEqual([]);
    expect(own.filter((right) => right.startsWith('s3:PutObject') && right.includes('InboxBucket'))).toEqual([]);
  });

  test('documents reads corpora, and no log, and adds to their results: it deletes no object, asks no SQL, moves no table', () => {
    const own = rights('Documents');
    const places = own
      .filter((right) => /^s3:(Get|Put)Object /.test(right))
      .map((right) => right.replace(/^(\S+) .*<[^>]+:/, '$1 '));
    expect(places.toSorted()).toEqual([
      's3:GetObject InboxBucket>/inbox/corpora/*',
      's3:GetObject LakeBucket>/config/*',
      's3:GetObject LakeBucket>/documents/*',
      's3:GetObject LakeBucket>/rules-in-force.json',
      's3:PutObject LakeBucket>/documents/*',
    ]);
    expect(own.filter((right) => /^(athena|glue|s3:Delete|sqs:Send)/.test(right))).toEqual([]);
    expect(own.filter((right) => right.startsWith('sqs:')).map((right) => right.replace(/^\S+ /, ''))).toEqual(
      Array.from({ length: 4 }, () => '<CorporaEvents.Arn>'),
    );
  });

  test('the seal lists corpora and cannot open the inbox, nor delete a commit record or the config', () => {
    const own = rights('Seal');
    expect(own.length).toBeGreaterThan(20);
    expect(own.filter((right) => right.includes('InboxBucket'))).toEqual([
      's3:ListBucket arn:<AWS::Partition>:s3:::<inference-ledger-data:InboxBucket>',
    ]);
    const listing = of('Seal').find(({ resources }) => resources.some((on) => on.includes('InboxBucket')));
    expect(listing?.conditions).toEqual({ StringLike: { 's3:prefix': ['inbox/corpora/', 'inbox/corpora/*'] } });
    const deleted = own.filter((right) => right.startsWith('s3:DeleteObject'));
    expect(deleted.length).toBeGreaterThan(3);
    expect(deleted.filter((right) => /\/(commits|config)\/|catalog\.json/.test(right))).toEqual([]);
    expect(own.filter((right) => right.startsWith('s3:PutObject') && right.includes('/config/'))).toEqual([]);
  });

  test('people read the tables and their own results, nothing else of the lake', () => {
    const reader = allowed().filter(({ where }) => where.startsWith('data.Reader'));
    const objects = reader.filter(({ actions }) => actions.some((action) => /^s3:(Get|Put)Object$/.test(action)));
    expect(objects.flatMap(({ resources }) => resources.map((on) => on.replace(/^.*>\//, ''))).toSorted()).toEqual([
      'athena/users/*',
      'athena/users/*',
      'v1/*',
    ]);
    const workgroups = reader.filter(({ actions }) => actions.includes('athena:StartQueryExecution'));
    expect(workgroups.flatMap(({ resources }) => resources).map((on) => on.replace(/^.*workgroup\//, ''))).toEqual([
      expect.stringMatching(/^<Users/),
    ]);
  });

  test('people find the ledger by its name: the outputs of the data stack, of no other', () => {
    const described = allowed().filter(
      ({ where, actions }) => where.startsWith('data.Reader') && actions.includes('cloudformation:DescribeStacks'),
    );
    expect(described.flatMap(({ resources }) => resources.map((on) => on.replace(/^.*:/, '')))).toEqual([
      'stack/inference-ledger-data/*',
    ]);
  });

  test('people who operate may do what the commands with --stack do: exact actions, each in named places', () => {
    expect(operatorRights()).toEqual(OPERATOR);
  });

  test('people who operate cannot write a log or the config, delete a commit record or the catalog, or touch stacks', () => {
    const own = Object.entries(operatorRights()).flatMap(([action, places]) => places.map((on) => `${action} ${on}`));
    expect(own.filter((right) => /^s3:(Put|Delete)Object INBOX|^s3:PutObject LAKE\/config/.test(right))).toEqual([]);
    expect(own.filter((right) => /^s3:DeleteObject LAKE\/(commits|catalog|athena\/users)/.test(right))).toEqual([]);
    expect(own.filter((right) => /^(cloudformation|iam|lambda|sqs|states):/.test(right))).toEqual([
      'cloudformation:DescribeStacks stack/inference-ledger-data/*',
      'cloudformation:DescribeStacks stack/inference-ledger-pipeline/*',
      'sqs:GetQueueAttributes CorporaDeadLetters',
      'sqs:GetQueueAttributes CorporaEvents',
      'sqs:GetQueueAttributes InboxDeadLetters',
      'sqs:GetQueueAttributes InboxEvents',
    ]);
  });

  test('a managed policy holds 6,144 characters, and every one of ours fits with the longest names there can be', async () => {
    // of 63 characters are names of buckets and functions; CloudFormation adds 13 signs and the logical id to the stack's name
    const lake = 'l'.repeat('-data-lake-'.length + 32 + 13);
    const longest = await synthesized(
      {
        name: 'n'.repeat(32),
        inbox: { bucket: 'i'.repeat(63), prefix: `${'p'.repeat(100)}/` },
        kms_key_arn: 'arn:aws:kms:ap-southeast-1:111122223333:key/0a0a0a0a-1111-2222-3333-444444444444',
      },
      {
        mail: { from: `${'f'.repeat(60)}@${'d'.repeat(60)}.example` },
        webhooks: Array.from({ length: 10 }, (_, i) => ({
          name: `hook-${i}`,
          secret_arn: `arn:aws:secretsmanager:ap-southeast-1:111122223333:secret:webhook-${i}-AbCdEf`,
        })),
      },
    );
    const policies = allResources(longest).filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy');
    expect(policies.length).toBeGreaterThan(6);
    const whole = (_: string, value: unknown): unknown =>
      typeof value === 'object' && value !== null && /^(Ref|Fn::)/.test(Object.keys(value)[0] ?? '')
        ? shown(value)
            .replaceAll('<AWS::Partition>', 'aws')
            .replaceAll('<AWS::AccountId>', '1'.repeat(12))
            .replaceAll('<AWS::Region>', 'ap-southeast-1')
            .replaceAll(/<[^>]*Lake(Bucket)?>/g, lake)
            .replaceAll(/<[^>]*>/g, 'x'.repeat(63))
        : value;
    const sizes = policies.map(([id, { Properties }]) => [
      id,
      JSON.stringify(Properties['PolicyDocument'], whole).length,
    ]);
    expect(sizes.filter(([, size]) => Number(size) > 6144)).toEqual([]);
  });

  test('with a key of the owner, every role may use exactly this key', () => {
    for (const id of ['Ingest', 'Documents', 'Seal', 'BackfillLand', 'BackfillMachine']) {
      const keys = of(id).filter(({ actions }) => actions.some((action) => action.startsWith('kms:')));
      expect(keys.map(({ actions, resources }) => [actions, resources])).toEqual([
        [
          ['kms:Decrypt', 'kms:GenerateDataKey'],
          ['arn:aws:kms:eu-central-1:111122223333:key/0a0a0a0a-1111-2222-3333-444444444444'],
        ],
      ]);
    }
  });

  test('queues and topic take messages of this account only', () => {
    const open = allowed().filter(({ actions }) =>
      actions.some((action) => /^(sqs:SendMessage|sns:Publish)$/.test(action)),
    );
    const fromServices = open.filter(({ where }) =>
      /(Inbox|Corpora)(Events|DeadLetters)Policy|AlarmsPolicy/.test(where),
    );
    expect(fromServices).toHaveLength(5);
    for (const { conditions } of fromServices)
      expect(shown((conditions as { StringEquals: Record<string, unknown> }).StringEquals['aws:SourceAccount'])).toBe(
        '<AWS::AccountId>',
      );
  });

  test('no role has a policy that AWS manages, and each belongs to one service', () => {
    const roles = allResources(app).filter(([, resource]) => resource.Type === 'AWS::IAM::Role');
    expect(roles.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).toSorted()).toEqual([
      'pipeline.BackfillLandRole',
      'pipeline.BackfillMachineRole',
      'pipeline.DocumentsRole',
      'pipeline.DocumentsScheduleRole',
      'pipeline.IngestRole',
      'pipeline.SealRole',
      'pipeline.SealScheduleRole',
      'report.CheckDayRole',
      'report.CheckScheduleRole',
      'report.ReportScheduleRole',
      'report.ReportWeekRole',
      'report.SimulateWeekRole',
      'report.WeeklyReportRole',
    ]);
    for (const [, role] of roles) {
      expect(role.Properties['ManagedPolicyArns']).toBeUndefined();
      expect(role.Properties['Policies']).toBeUndefined();
    }
    expect(ofType(app.data, 'AWS::IAM::Role')).toEqual([]);
  });
});
