/** Promises about the three stacks, read from the templates as they are deployed. */
import { Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { MAX_RECEIVES } from '../../lib/infra/constructs/inbox-queue.ts';
import { SYNTH_MS, allResources, at, ofType, shown, synthesized } from './synthesized.ts';
import type { Synthesized } from './synthesized.ts';

let app: Synthesized;
beforeAll(async () => {
  app = await synthesized();
}, SYNTH_MS);

/** Resources that hold data: a changed logical id would make CloudFormation replace them. */
const STATEFUL = [
  'data.HashKey AWS::SecretsManager::Secret',
  'data.Inbox AWS::S3::Bucket',
  'data.Lake AWS::S3::Bucket',
  'data.LedgerDatabase AWS::Glue::Database',
  'data.LedgerWorkDatabase AWS::Glue::Database',
];

describe('what holds data', () => {
  test('has the logical ids it always had', () => {
    const stateful = /^AWS::(S3::Bucket|SecretsManager::Secret|Glue::Database)$/;
    const found = allResources(app).filter(([, resource]) => stateful.test(resource.Type));
    expect(found.map(([id, resource]) => `${id} ${resource.Type}`).toSorted()).toEqual(STATEFUL);
    expect(
      ofType(app.data, 'AWS::Glue::Table')
        .map(([id]) => id)
        .toSorted(),
    ).toEqual([
      'Tableanomalies',
      'Tablebudgets',
      'Tablebudgetstatus',
      'Tablechangedrivers',
      'Tablecorpuscosts',
      'Tabledocuments',
      'Tableforecasts',
      'Tableingestedobjects',
      'Tableprices',
      'Tablepromptfingerprints',
      'Tablereconciliation',
      'Tablerejects',
      'Tablesavings',
      'Tablesavingslatest',
      'Tableshowbackmonthly',
      'Tablesourcedays',
      'Tablesources',
      'Tablespendbykey',
      'Tablespendbymodel',
      'Tablespendbyteam',
      'Tablespendbyuser',
      'Tablespenddaily',
      'Tableunallocatedtop',
      'Tableusage',
      'Tableusageexcluded',
      'Tableusagetags',
    ]);
  });

  test('stays when the stack goes, unless the config says otherwise', async () => {
    const kept = allResources(app).filter(([, resource]) => resource.DeletionPolicy === 'Retain');
    expect(kept.length).toBe(5 + 26);
    for (const [, resource] of kept) expect(resource.UpdateReplacePolicy).toBe('Retain');
    const trial = await synthesized({ removal: 'destroy' });
    expect(allResources(trial).filter(([, resource]) => resource.DeletionPolicy === 'Retain')).toEqual([]);
    expect(at(trial.data.Resources['Users'], 'RecursiveDeleteOption')).toBe(true);
  });

  test('is private, encrypted, versioned, and sends events without a custom resource', () => {
    const buckets = ofType(app.data, 'AWS::S3::Bucket');
    expect(buckets).toHaveLength(2);
    for (const [, bucket] of buckets) {
      expect(at(bucket, 'PublicAccessBlockConfiguration')).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
      expect(at(bucket, 'VersioningConfiguration', 'Status')).toBe('Enabled');
      expect(at(bucket, 'BucketEncryption', 'ServerSideEncryptionConfiguration', 0)).toEqual({
        ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
      });
    }
    const events = ['NotificationConfiguration', 'EventBridgeConfiguration', 'EventBridgeEnabled'];
    expect(at(app.data.Resources['Inbox'], ...events)).toBe(true);
    expect(at(app.data.Resources['Lake'], 'NotificationConfiguration')).toBeUndefined();
    expect(allResources(app).filter(([, { Type }]) => /^Custom::|CustomResource/.test(Type))).toEqual([]);
  });

  test('takes the owner’s key for buckets, results and hash key', async () => {
    const arn = 'arn:aws:kms:eu-central-1:111122223333:key/0a0a0a0a-1111-2222-3333-444444444444';
    const { data } = await synthesized({ kms_key_arn: arn });
    for (const [, bucket] of ofType(data, 'AWS::S3::Bucket'))
      expect(at(bucket, 'BucketEncryption', 'ServerSideEncryptionConfiguration', 0)).toEqual({
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arn },
      });
    expect(at(data.Resources['HashKey'], 'KmsKeyId')).toBe(arn);
    const results = ['WorkGroupConfiguration', 'ResultConfiguration', 'EncryptionConfiguration'];
    expect(at(data.Resources['Users'], ...results)).toEqual({ EncryptionOption: 'SSE_KMS', KmsKey: arn });
  });

  test('a hash key is 64 signs of which only 0-9 and a-f are left', () => {
    const { ExcludeCharacters: excluded, ...rest } = at(
      app.data.Resources['HashKey'],
      'GenerateSecretString',
    ) as Record<string, unknown>;
    const left = 'abcdefghijklmnopqrstuvwxyz0123456789'.split('').filter((sign) => !String(excluded).includes(sign));
    expect(left.join('')).toBe('abcdef0123456789');
    expect(rest).toEqual({
      PasswordLength: 64,
      ExcludePunctuation: true,
      ExcludeUppercase: true,
      RequireEachIncludedType: false,
    });
  });
});

describe('lifecycles', () => {
  const rules = (synth: Synthesized, id: string): Record<string, unknown>[] =>
    at(synth.data.Resources[id], 'LifecycleConfiguration', 'Rules') as Record<string, unknown>[];

  test('logs and their old versions go after 30 days, or as the config says, or never', async () => {
    expect(rules(app, 'Inbox').find(({ Id }) => Id === 'logs')).toMatchObject({
      Prefix: 'inbox/',
      ExpirationInDays: 30,
      NoncurrentVersionExpiration: { NoncurrentDays: 30 },
    });
    const other = await synthesized({ inbox: { expire_days: 0 } });
    expect(rules(other, 'Inbox').map(({ Id }) => Id)).toEqual(['unfinished-uploads']);
  });

  test('of the lake, only landing, results and leftovers expire', () => {
    const expiring = rules(app, 'Lake').filter((rule) => 'ExpirationInDays' in rule);
    expect(Object.fromEntries(expiring.map((rule) => [rule['Prefix'], rule['ExpirationInDays']]))).toEqual({
      'landing/': 400,
      'athena/users/': 30,
      'athena/engine/': 3,
      'work/': 3,
      'backfill/': 90,
    });
  });
});

describe('from the bucket to the function', () => {
  test('events of the inbox’s folder reach the queue, and only those', async () => {
    const rule = app.pipeline.Resources['InboxRule'];
    expect(at(rule, 'EventPattern')).toEqual({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: {
        bucket: { name: [{ 'Fn::ImportValue': 'inference-ledger-data:InboxBucket' }] },
        object: { key: [{ prefix: 'inbox/' }] },
      },
    });
    const own = await synthesized({ inbox: { bucket: 'company-logs', prefix: '' } });
    expect(ofType(own.data, 'AWS::S3::Bucket').map(([id]) => id)).toEqual(['Lake']);
    const { InboxRule: everything, CorporaRule: ownCorpora } = own.pipeline.Resources;
    expect(at(everything, 'EventPattern', 'detail')).toEqual({ bucket: { name: ['company-logs'] } });
    expect(at(app.pipeline.Resources['CorporaRule'], 'EventPattern', 'detail', 'object')).toEqual({
      key: [{ prefix: 'inbox/corpora/' }],
    });
    expect(at(ownCorpora, 'EventPattern', 'detail')).toEqual({
      bucket: { name: ['company-logs'] },
      object: { key: [{ prefix: 'corpora/' }] },
    });
    expect(shown(own.data.Outputs['InboxPrefix']?.Value)).toBe('/');
  });

  test('every queue has dead letters or is dead letters, and so has the rule', () => {
    const queues = ofType(app.pipeline, 'AWS::SQS::Queue');
    expect(queues.map(([id]) => id).toSorted()).toEqual([
      'CorporaDeadLetters',
      'CorporaEvents',
      'InboxDeadLetters',
      'InboxEvents',
    ]);
    for (const id of ['Inbox', 'Corpora']) {
      const deadLetters = { 'Fn::GetAtt': [`${id}DeadLetters`, 'Arn'] };
      expect(at(app.pipeline.Resources[`${id}Events`], 'RedrivePolicy')).toEqual({
        deadLetterTargetArn: deadLetters,
        maxReceiveCount: MAX_RECEIVES,
      });
      expect(at(app.pipeline.Resources[`${id}DeadLetters`], 'MessageRetentionPeriod')).toBe(14 * 86_400);
      const target = at(app.pipeline.Resources[`${id}Rule`], 'Targets', 0);
      expect(target).toMatchObject({
        Arn: { 'Fn::GetAtt': [`${id}Events`, 'Arn'] },
        DeadLetterConfig: { Arn: deadLetters },
      });
    }
    for (const [, queue] of queues) expect(at(queue, 'SqsManagedSseEnabled')).toBe(true);
  });

  test.each([60, 300, 900])('a message stays hidden for six times the %i seconds of the function', async (seconds) => {
    const { pipeline } = seconds === 300 ? app : await synthesized({ ingest: { timeout_seconds: seconds } });
    const [, ingest] = ofType(pipeline, 'AWS::Lambda::Function').find(([id]) => id.startsWith('Ingest')) ?? [];
    expect(at(ingest, 'Timeout')).toBe(seconds);
    expect(at(pipeline.Resources['InboxEvents'], 'VisibilityTimeout')).toBeGreaterThanOrEqual(6 * seconds + 30);
    // what SQS allows
    expect(at(pipeline.Resources['InboxEvents'], 'VisibilityTimeout')).toBeLessThanOrEqual(43_200);
    const [, documents] = ofType(pipeline, 'AWS::Lambda::Function').find(([id]) => id.startsWith('Documents')) ?? [];
    expect(at(documents, 'Timeout')).toBe(900);
    expect(at(pipeline.Resources['CorporaEvents'], 'VisibilityTimeout')).toBe(6 * 900 + 30);
  });

  test('the function gets batches, gives back single messages, and runs no more often at once than it may', () => {
    const { IngestFromQueue: mapping, DocumentsFromQueue: documents } = app.pipeline.Resources;
    expect(documents?.Properties).toMatchObject({
      EventSourceArn: { 'Fn::GetAtt': ['CorporaEvents', 'Arn'] },
      BatchSize: 200,
      MaximumBatchingWindowInSeconds: 30,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 4 },
    });
    expect(mapping?.Properties).toMatchObject({
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: 30,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 4 },
    });
  });

  test('the backfill hands batches of the wanted folder to its function and keeps the results', () => {
    const [[, machine] = ['', undefined]] = ofType(app.pipeline, 'AWS::StepFunctions::StateMachine');
    const states = JSON.parse(shown(at(machine, 'DefinitionString'))) as {
      States: Record<string, Record<string, unknown>>;
    };
    const map = states.States['Objects'] as Record<string, Record<string, unknown>>;
    expect(map['ItemReader']?.['Parameters']).toEqual({
      Bucket: '<inference-ledger-data:InboxBucket>',
      'Prefix.$': '$.prefix',
    });
    expect(map['ItemProcessor']?.['ProcessorConfig']).toEqual({ Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' });
    expect(map['ItemBatcher']).toEqual({ MaxItemsPerBatch: 500, MaxInputBytesPerBatch: 200_000 });
    expect(map['MaxConcurrency']).toBe(4);
    expect(map['ResultWriter']?.['Parameters']).toMatchObject({ Prefix: 'backfill' });
    expect(states.States['WholeInbox']?.['Result']).toEqual({ prefix: 'inbox/' });
  });
});

describe('functions', () => {
  test('documents have a function with memory and time of their own, by the config', async () => {
    const own = (synth: Synthesized): unknown[] => {
      const [, fn] = ofType(synth.pipeline, 'AWS::Lambda::Function').find(([id]) => id.startsWith('Documents')) ?? [];
      return [at(fn, 'MemorySize'), at(fn, 'Timeout')];
    };
    expect(own(app)).toEqual([3008, 900]);
    expect(own(await synthesized({ documents: { memory_mb: 4096, timeout_seconds: 300 } }))).toEqual([4096, 300]);
  });

  test('have one runtime and processor, a log that ends, and no network of their own', () => {
    const functions = ofType(app.pipeline, 'AWS::Lambda::Function');
    expect(functions.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).toSorted()).toEqual([
      'BackfillLand',
      'Documents',
      'Ingest',
      'Seal',
    ]);
    for (const [, fn] of functions) {
      expect(fn.Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
      });
      expect(fn.Properties['VpcConfig']).toBeUndefined();
      expect(at(fn, 'MemorySize')).toBeGreaterThanOrEqual(1024);
    }
    expect(ofType(app.pipeline, 'AWS::Lambda::LayerVersion')).toEqual([]);
    const logs = ofType(app.pipeline, 'AWS::Logs::LogGroup');
    expect(logs.map(([, log]) => [at(log, 'LogGroupName'), at(log, 'RetentionInDays')])).toEqual([
      ['/inference-ledger/ingest', 30],
      ['/inference-ledger/seal', 30],
      ['/inference-ledger/backfill', 30],
      ['/inference-ledger/documents', 30],
    ]);
  });

  test('the seal runs as often as the config says', async () => {
    const often = (synth: Synthesized): unknown => at(synth.pipeline.Resources['SealSchedule'], 'ScheduleExpression');
    expect(at(app.pipeline.Resources['DocumentsSchedule'], 'ScheduleExpression')).toBe('rate(1 hour)');
    expect(often(app)).toBe('rate(15 minutes)');
    expect(often(await synthesized({ seal: { every_minutes: 60 } }))).toBe('rate(60 minutes)');
  });
});

describe('Athena', () => {
  test('people are held to results folder and cutoff, the engine is not', async () => {
    const { Users: users, Engine: engine } = app.data.Resources;
    expect(at(users, 'WorkGroupConfiguration')).toMatchObject({
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 100e9,
      EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
    });
    expect(at(engine, 'WorkGroupConfiguration', 'EnforceWorkGroupConfiguration')).toBe(false);
    expect(at(engine, 'WorkGroupConfiguration', 'BytesScannedCutoffPerQuery')).toBeUndefined();
    const output = ['WorkGroupConfiguration', 'ResultConfiguration', 'OutputLocation'];
    expect(shown(at(users, ...output))).toBe('s3://<Lake>/athena/users/');
    expect(shown(at(engine, ...output))).toBe('s3://<Lake>/athena/engine/');
    // the least that Athena takes is 10 MB
    const least = await synthesized({ athena: { query_limit_gb: 0.01 } });
    expect(at(least.data.Resources['Users'], 'WorkGroupConfiguration', 'BytesScannedCutoffPerQuery')).toBe(10_000_000);
  });
});

describe('all stacks', () => {
  test('are named and tagged as the config says', async () => {
    const { app: other } = await synthesized({
      name: 'llm-spend',
      stage: 'trial',
      tags: { 'cost-center': '4711' },
      account: '111122223333',
      region: 'eu-central-1',
    });
    const stacks = other.node.children.filter((child) => Stack.isStack(child));
    expect(stacks.map((stack) => [stack.stackName, stack.account, stack.region])).toEqual([
      ['llm-spend-data', '111122223333', 'eu-central-1'],
      ['llm-spend-pipeline', '111122223333', 'eu-central-1'],
      ['llm-spend-report', '111122223333', 'eu-central-1'],
    ]);
    for (const stack of stacks)
      expect(stack.tags.tagValues()).toEqual({ app: 'llm-spend', stage: 'trial', 'cost-center': '4711' });
  });

  test('pass cdk-nag, which is awake: a bucket beside them does not', async () => {
    const { app: own } = await synthesized();
    const violations = (): string[] =>
      own.node.children
        .filter((child) => Stack.isStack(child))
        .flatMap((stack) => new AwsSolutionsChecks().validateScope(stack).violations.map(({ ruleName }) => ruleName));
    expect(violations()).toEqual([]);
    new CfnBucket(own.node.findChild('Data'), 'Plain', {});
    expect(violations()).toEqual(expect.arrayContaining([expect.stringContaining('AwsSolutions-S10')]));
  });
});
