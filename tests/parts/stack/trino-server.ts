/**
 * Real Trino as Athena's engine, on one small JVM. In: the programs, the endpoints of Glue and of S3 servers. Out: a running server that
 * answers queries. Set as Athena behaves where Trino would be kinder: folders are listed with their subfolders, one statement writes at
 * most 100 partitions.
 */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, startServer, waitUntil } from './processes.ts';
import type { Server } from './processes.ts';
import { runTrino } from './trino-client.ts';

export interface TrinoOptions {
  /** where Trino is installed */
  readonly home: string;
  /** home of its Java */
  readonly java: string;
  readonly folder: string;
  readonly logs: string;
  readonly glue: string;
  /** catalog name → S3 endpoint; all catalogs show the same Glue tables */
  readonly catalogs: Readonly<Record<string, string>>;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Starts Trino and waits until it answers a query: it says it has started some seconds before it can. */
export async function startTrino(options: TrinoOptions): Promise<{ server: Server; url: string }> {
  const { home, java, folder, logs } = options;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const etc = join(folder, 'etc');
  await mkdir(join(etc, 'catalog'), { recursive: true });
  await mkdir(join(folder, 'data'), { recursive: true });
  await writeFile(join(etc, 'node.properties'), nodeProperties(folder, home));
  await writeFile(join(etc, 'config.properties'), configProperties(port, url));
  await writeFile(join(etc, 'jvm.config'), await jvmConfig(java));
  for (const name in options.catalogs)
    await writeFile(
      join(etc, 'catalog', `${name}.properties`),
      catalogProperties(options, options.catalogs[name] ?? ''),
    );
  const path = `${join(java, 'bin')}:${process.env['PATH'] ?? ''}`;
  const server = startServer('trino', join(home, 'bin', 'launcher'), ['run', '--etc-dir', etc], {
    logs,
    env: { ...process.env, JAVA_HOME: java, PATH: path },
  });
  try {
    await waitUntil(server, async () => (await runTrino(url, 'select 1', {})).error === null);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { server, url };
}

const nodeProperties = (folder: string, trino: string): string => `node.environment=parts
node.id=parts1
node.data-dir=${join(folder, 'data')}
node.bind-ip=127.0.0.1
node.internal-address=127.0.0.1
plugin.dir=${join(trino, 'plugin')}
`;

/** Small data on one node: no step that only spreads work, and no code made for each statement that would only pay with many rows. */
const configProperties = (port: number, url: string): string => `coordinator=true
node-scheduler.include-coordinator=true
http-server.http.port=${port}
discovery.uri=${url}
catalog.management=static
query.max-memory=700MB
query.max-memory-per-node=700MB
memory.heap-headroom-per-node=256MB
task.concurrency=1
enable-dynamic-filtering=false
task.max-worker-threads=2
query.max-history=50
query.min-expire-age=1m
task.info.max-age=15s
web-ui.enabled=false
redistribute-writes=false
scale-writers=false
task.scale-writers.enabled=false
optimizer.join-reordering-strategy=NONE
join-distribution-type=BROADCAST
distributed-sort=false
compiler.specialized-aggregation-loops=false
experimental.columnar-filter-evaluation.enabled=false
enable-stats-calculator=false
use-preferred-write-partitioning=false
task.cpu-timer-enabled=false
task.per-operator-cpu-timer-enabled=false
`;

const VECTOR_MODULE = 'jdk.incubator.vector';

/**
 * A Java from PyPI lacks the module that only makes Trino faster. Each statement brings code of its own: without room for it the whole heap is
 * collected again and again.
 */
async function jvmConfig(java: string): Promise<string> {
  const { stdout: modules } = await promisify(execFile)(join(java, 'bin', 'java'), ['--list-modules']);
  return `-server
-Xms1800M
-Xmx1800M
-Xmn900M
-XX:+UnlockDiagnosticVMOptions
-XX:-BytecodeVerificationRemote
-XX:MetaspaceSize=512M
-XX:ReservedCodeCacheSize=256M
-XX:+UseSerialGC
-XX:+ExitOnOutOfMemoryError
-Djdk.attach.allowAttachSelf=true
-Dfile.encoding=UTF-8
--enable-native-access=ALL-UNNAMED
${modules.includes(VECTOR_MODULE) ? `--add-modules=${VECTOR_MODULE}\n` : ''}`;
}

/** Athena knows no statistics of tables that nobody analyzed. Trino would write some into Glue with each table, and fail to read them there. */
const catalogProperties = ({ glue, credentials }: TrinoOptions, s3: string): string => `connector.name=hive
hive.metastore=glue
hive.metastore.glue.region=us-east-1
hive.metastore.glue.endpoint-url=${glue}
hive.metastore.glue.aws-access-key=${credentials.accessKeyId}
hive.metastore.glue.aws-secret-key=${credentials.secretAccessKey}
hive.non-managed-table-writes-enabled=true
hive.recursive-directories=true
hive.max-partitions-per-writers=100
hive.timestamp-precision=MILLISECONDS
hive.table-statistics-enabled=false
hive.collect-column-statistics-on-write=false
fs.native-s3.enabled=true
s3.endpoint=${s3}
s3.region=us-east-1
s3.path-style-access=true
s3.aws-access-key=${credentials.accessKeyId}
s3.aws-secret-key=${credentials.secretAccessKey}
`;
