/**
 * A Lambda function as every function of the ledger is: one runtime and processor, bundled from `lambdas/`, its data files beside it, its own
 * role and log group. In: what it does, reads and may do. Out: the function. Invariant: a role has the statements given here and the right to
 * write its own log, nothing else.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { NodejsFunction, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { BundlingOptions } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledgeFolders } from '../nag-wildcards.ts';
import { ARCHITECTURE, RUNTIME } from '../settings.ts';
import type { LedgerSettings } from '../settings.ts';

export interface SpendFunctionProps {
  readonly settings: LedgerSettings;
  /** file in `lambdas/`, without ending */
  readonly entry: string;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatement[];
  /** whether it counts tokens of texts, for which it needs the vocabularies */
  readonly countsTokens: boolean;
  /** whether it reads documents, for which the reading process lies beside it */
  readonly readsDocuments?: boolean;
  /** whether it simulates levers, for which it needs their SQL and the limits of models */
  readonly simulates?: boolean;
  /** whether it makes mails, for which it needs a font and what paints charts */
  readonly mails?: boolean;
  /** whether it prices corpora, for which it needs the limits of models */
  readonly pricesCorpora?: boolean;
}

/** Tokenizers that `lib/count` loads on first use. */
const VOCABULARIES = ['o200k_base', 'cl100k_base'];

/** Makes a function with its role and its log. */
export function spendFunction(scope: Construct, id: string, props: SpendFunctionProps): LambdaFunction {
  const { settings, entry } = props;
  const { aws } = settings;
  const logGroup = new LogGroup(scope, `${id}Log`, {
    logGroupName: `/${aws.name}/${entry}`,
    retention: aws.log_days,
    // what failed is no ledger data, and a name that stays behind would stop the next deployment
    removalPolicy: RemovalPolicy.DESTROY,
  });
  return new NodejsFunction(scope, id, {
    description: props.description,
    entry: join(settings.projectRoot, 'lambdas', `${entry}.ts`),
    handler: 'handler',
    runtime: RUNTIME,
    architecture: ARCHITECTURE,
    memorySize: props.memoryMb,
    timeout: Duration.seconds(props.timeoutSeconds),
    role: createRole(scope, id, props, `/${aws.name}/${entry}`),
    logGroup,
    environment: { NODE_OPTIONS: '--enable-source-maps', ...props.environment },
    projectRoot: settings.projectRoot,
    depsLockFilePath: join(settings.projectRoot, 'package-lock.json'),
    bundling: bundling(props),
  });
}

const MAKES_REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Code of the process that reads documents. */
const WORKER = 'lib/adapters/local/document-worker.ts';

function bundling(props: SpendFunctionProps): BundlingOptions {
  return {
    format: OutputFormat.ESM,
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    // errors are told apart by name in logs
    keepNames: true,
    metafile: true,
    sourceMap: true,
    sourceMapMode: SourceMapMode.EXTERNAL,
    sourcesContent: false,
    // the version of the SDK that was tested is the one that runs
    bundleAwsSDK: true,
    externalModules: ['gpt-tokenizer', '@duckdb/node-api'],
    // libraries of the mail call require() for parts of Node, which a module has only if it makes it
    ...(props.mails === true ? { banner: MAKES_REQUIRE } : {}),
    commandHooks: {
      beforeInstall: () => [],
      beforeBundling: () => [],
      afterBundling: (input, output) => [
        copyCommand(props, input, output),
        ...(props.readsDocuments === true ? [workerCommand(input, output)] : []),
      ],
    },
  };
}

/** The data files that every function reads, and the config that is deployed with it. */
function copyCommand(props: SpendFunctionProps, input: string, output: string): string {
  const { settings, countsTokens, pricesCorpora, simulates, mails } = props;
  const plan = {
    folders: {
      'data/price/book': 'lib/price/book',
      'data/seal/sql': 'lib/seal/sql',
      'data/report/queries': 'lib/report/queries',
      ...(pricesCorpora === true
        ? { 'data/price/limits': 'lib/price/limits', 'data/estimate/queries': 'lib/estimate/queries' }
        : {}),
      ...(simulates === true
        ? { 'data/price/limits': 'lib/price/limits', 'data/simulate/queries': 'lib/simulate/queries' }
        : {}),
      ...(mails === true ? { 'data/painting': 'lib/report/fonts', 'data/watch/queries': 'lib/watch/queries' } : {}),
    },
    // packages whose files a function reads: package, file in it → place
    packageFiles: mails === true ? { 'data/painting/index_bg.wasm': '@resvg/resvg-wasm/index_bg.wasm' } : {},
    files: Object.fromEntries(Object.entries(settings.configFiles).map(([to, from]) => [`data/config/${to}`, from])),
    vocabularies: countsTokens ? VOCABULARIES : [],
  };
  const script = join(dirname(fileURLToPath(import.meta.url)), '../copy-data.mjs');
  // base64, because quoting differs between the shells of Linux and Windows
  const encoded = Buffer.from(JSON.stringify(plan)).toString('base64');
  return `"${process.execPath}" "${script}" "${input}" "${output}" ${encoded}`;
}

function workerCommand(input: string, output: string): string {
  const script = join(dirname(fileURLToPath(import.meta.url)), '../bundle-worker.mjs');
  return `"${process.execPath}" "${script}" "${input}" "${output}" ${WORKER}`;
}

function createRole(scope: Construct, id: string, props: SpendFunctionProps, logGroupName: string): Role {
  const stack = Stack.of(scope);
  const statements = [
    ...props.statements,
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [stack.formatArn({ service: 'logs', resource: `log-group:${logGroupName}:*` })],
    }),
  ];
  const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  // a child of the role: whatever waits for the role waits for its rights too
  const policy = new ManagedPolicy(role, 'Policy', { roles: [role], statements });
  acknowledgeFolders(policy, statements);
  return role;
}
