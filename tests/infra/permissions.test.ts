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

describe('rights', () => {
  test('no statement that allows has a wildcard in an action', () => {
    expect(allowed().length).toBeGreaterThan(30);
    expect(allowed().filter(({ actions }) => actions.some((action) => action.includes('*')))).toEqual([]);
  });

  test('a wildcard in a resource stands only below a named folder, database, log group or state machine', () => {
    // trust policies name no resource at all
    const resources = allowed().flatMap(({ resources }) => resources.filter((resource) => resource !== ''));
    const named = [
      /:s3:::<[^>]+>\/[^*]+\/\*$/,
      /:glue:[^*]+:table\/[a-z_]+\/\*$/,
      /:logs:[^*]+:log-group:\/[a-z-]+\/[a-z]+:\*$/,
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

  test('the seal cannot open the inbox, nor delete a commit record or the config', () => {
    const own = rights('Seal');
    expect(own.length).toBeGreaterThan(20);
    expect(own.filter((right) => right.includes('InboxBucket'))).toEqual([]);
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

  test('with a key of the owner, every role may use exactly this key', () => {
    for (const id of ['Ingest', 'Seal', 'BackfillLand', 'BackfillMachine']) {
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
      /InboxEventsPolicy|InboxDeadLettersPolicy|AlarmsPolicy/.test(where),
    );
    expect(fromServices).toHaveLength(3);
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
      'pipeline.IngestRole',
      'pipeline.SealRole',
      'pipeline.SealScheduleRole',
    ]);
    for (const [, role] of roles) {
      expect(role.Properties['ManagedPolicyArns']).toBeUndefined();
      expect(role.Properties['Policies']).toBeUndefined();
    }
    expect(ofType(app.data, 'AWS::IAM::Role')).toEqual([]);
  });
});
