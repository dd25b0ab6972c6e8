/**
 * Deploys the synthesized app on the emulated control plane: assets zipped and uploaded, templates as they are, except for what the emulator lacks
 * or must be told. In: endpoints and a name. Out: the outputs of the stacks. What is changed in a template is listed in `adapted`, nowhere else.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { globSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import { readFunctions } from '../../bench/lambda-bundles.ts';
import { ROOT } from '../architecture/imports.ts';
import { cacheFolder } from './stack/install.ts';
import type { Endpoints } from './stack/servers.ts';

const run = promisify(execFile);
const ACCOUNT = '000000000000';

export interface DeployedApp {
  readonly name: string;
  /** outputs of all stacks by name */
  readonly outputs: Readonly<Record<string, string>>;
  /** bundle of each function by its id in the stack (`Ingest`, `Seal`), if it was asked to keep them */
  readonly bundles: Readonly<Record<string, string>>;
}

/**
 * Synthesizes and deploys the app under this name, with this config. The hash key (64 hexadecimal
 * signs) is put into the secret that the stack made, because the emulator does not heed how it is to be generated.
 * What was synthesized stays in the folder `keepIn`, if there is one.
 */
export async function deployApp(
  endpoints: Endpoints,
  { name, hashKey, config, keepIn }: { name: string; hashKey: string; config: object; keepIn?: string },
): Promise<DeployedApp> {
  const out = keepIn ?? (await mkdtemp(join(tmpdir(), 'deploy-')));
  try {
    const file = join(out, 'config.json');
    const aws = { ...('aws' in config && (config.aws as object)), name, account: ACCOUNT, region: endpoints.region };
    await writeFile(file, JSON.stringify({ ...config, aws }));
    // what `npx cdk synth` runs
    await run(join(ROOT, 'node_modules', '.bin', 'cdk'), ['synth', '--quiet', '--output', out], {
      cwd: ROOT,
      env: { ...process.env, LEDGER_CONFIG: file, NODE_COMPILE_CACHE: join(cacheFolder(), 'node-code') },
    });
    const common = {
      region: endpoints.region,
      endpoint: endpoints.control,
      credentials: { accessKeyId: endpoints.accessKeyId, secretAccessKey: endpoints.secretAccessKey },
    };
    const s3 = new S3Client({ ...common, forcePathStyle: true });
    await uploadAssets(s3, out);
    const templates = `${name}-templates`;
    await s3.send(new CreateBucketCommand({ Bucket: templates }));
    const client = new CloudFormationClient(common);
    const outputs: Record<string, string> = {};
    for (const stack of ['Data', 'Pipeline', 'Report']) {
      const template = JSON.parse(await readFile(join(out, `${stack}.template.json`), 'utf8')) as Template;
      const stackName = `${name}-${stack.toLowerCase()}`;
      const Body = JSON.stringify(adapted(template, endpoints));
      await s3.send(new PutObjectCommand({ Bucket: templates, Key: stackName, Body }));
      Object.assign(outputs, await deploy(client, stackName, `${endpoints.control}/${templates}/${stackName}`));
    }
    const secrets = new SecretsManagerClient(common);
    await secrets.send(new PutSecretValueCommand({ SecretId: outputs['HashKeySecret'] ?? '', SecretString: hashKey }));
    const functions = keepIn === undefined ? [] : [...(await readFunctions(out))];
    return { name, outputs, bundles: Object.fromEntries(functions.map(([id, { bundle }]) => [id, bundle])) };
  } finally {
    if (keepIn === undefined) await rm(out, { recursive: true, force: true });
  }
}

interface Template {
  Parameters?: object;
  Rules?: object;
  readonly Resources: Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>;
}

/** What the emulator lacks, and where its Athena is. */
function adapted(template: Template, endpoints: Endpoints): Template {
  // the check of CDK's bootstrap version
  delete template.Parameters;
  delete template.Rules;
  for (const [id, { Type: type, Properties: properties }] of Object.entries(template.Resources)) {
    // ministack creates no named queries and no alarms over two metrics
    const isMath = type === 'AWS::CloudWatch::Alarm' && 'Metrics' in properties;
    if (type === 'AWS::Athena::NamedQuery' || isMath) delete template.Resources[id];
    if (type === 'AWS::Glue::Table') inOtherCatalog(properties['TableInput'] as Record<string, string>);
    if (type !== 'AWS::Lambda::Function') continue;
    const { Variables: variables } = properties['Environment'] as { Variables: Record<string, string> };
    variables['AWS_ENDPOINT_URL_ATHENA'] = endpoints.athenaOnControl;
  }
  return template;
}

/** Trino knows the control plane's objects by another catalog than Athena's only one, which a view names. */
function inOtherCatalog(table: Record<string, string>): void {
  const encoded = /^\/\* Presto View: (.+) \*\/$/.exec(table['ViewOriginalText'] ?? '')?.[1];
  if (encoded === undefined) return;
  const view = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as object;
  const moved = Buffer.from(JSON.stringify({ ...view, catalog: 'awsdatacatalog_control' })).toString('base64');
  table['ViewOriginalText'] = `/* Presto View: ${moved} */`;
}

async function uploadAssets(s3: S3Client, out: string): Promise<void> {
  const buckets = new Set<string>();
  for (const manifest of globSync('*.assets.json', { cwd: out })) {
    const { files } = JSON.parse(await readFile(join(out, manifest), 'utf8')) as {
      files: Record<
        string,
        {
          source: { path: string; packaging: string };
          destinations: Record<string, { bucketName: string; objectKey: string }>;
        }
      >;
    };
    for (const { source, destinations } of Object.values(files)) {
      const [destination] = Object.values(destinations);
      if (source.packaging !== 'zip' || destination === undefined) continue;
      if (!buckets.has(destination.bucketName))
        await s3.send(new CreateBucketCommand({ Bucket: destination.bucketName })).catch(() => undefined);
      buckets.add(destination.bucketName);
      const Body = zipped(join(out, source.path));
      await s3.send(new PutObjectCommand({ Bucket: destination.bucketName, Key: destination.objectKey, Body }));
    }
  }
}

function zipped(folder: string): Uint8Array {
  const files = globSync('**/*', { cwd: folder }).filter((file) => statSync(join(folder, file)).isFile());
  return zipSync(Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file))])), { level: 1 });
}

const POLL_MS = 250;

async function deploy(
  client: CloudFormationClient,
  name: string,
  templateUrl: string,
): Promise<Record<string, string>> {
  await client.send(
    new CreateStackCommand({
      StackName: name,
      TemplateURL: templateUrl,
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
    }),
  );
  for (;;) {
    const { Stacks: stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const status = stacks[0]?.StackStatus ?? '';
    if (status === 'CREATE_COMPLETE')
      return Object.fromEntries((stacks[0]?.Outputs ?? []).map((o) => [o.OutputKey ?? '', o.OutputValue ?? '']));
    if (status !== 'CREATE_IN_PROGRESS') throw new Error(`${name}: ${status}: ${await reasons(client, name)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function reasons(client: CloudFormationClient, name: string): Promise<string> {
  const { StackEvents: events = [] } = await client.send(new DescribeStackEventsCommand({ StackName: name }));
  return events
    .filter(({ ResourceStatus: status = '' }) => status.endsWith('FAILED'))
    .map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`)
    .join('; ');
}
