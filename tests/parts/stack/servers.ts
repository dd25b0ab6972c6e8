/**
 * The whole stack of the part tests: an emulated control plane (ministack: Glue, CloudFormation, Lambda, EventBridge, SQS, SES …), an S3
 * server that checks signatures and conditional writes (versitygw), real Trino over both, and Athena's API in front of Trino. Loopback only.
 * Out: endpoints and a way to stop; nothing survives the process that started it.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startAthena } from './athena-server.ts';
import { cacheFolder, installPrograms } from './install.ts';
import type { Programs } from './install.ts';
import { answers, freePort, startServer, waitUntil } from './processes.ts';
import type { Server } from './processes.ts';
import { startTrino } from './trino-server.ts';

export interface Endpoints {
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** the control plane, which has an S3 of its own that sends events but checks no signature */
  readonly control: string;
  /** the S3 server that checks signatures and conditional writes */
  readonly s3: string;
  /** Athena over objects in `s3` */
  readonly athena: string;
  /** Athena over objects in the control plane's own S3 */
  readonly athenaOnControl: string;
  readonly trino: string;
}

const CREDENTIALS = { accessKeyId: 'parts', secretAccessKey: 'parts-secret' } as const;
const REGION = 'us-east-1';

/** Installs what is missing and starts everything; about 20 seconds with a full cache. */
export async function startServers(): Promise<{ endpoints: Endpoints; stop: () => Promise<void> }> {
  const programs = await installPrograms(cacheFolder());
  const folder = await mkdtemp(join(tmpdir(), 'ledger-parts-'));
  const logs = join(folder, 'logs');
  await mkdir(logs);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.toReversed()) await end();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const control = await startControl(programs, folder, logs);
    stops.push(async () => control.server.stop());
    const s3 = await startS3(programs, folder, logs);
    stops.push(async () => s3.server.stop());
    const catalogs = { awsdatacatalog: s3.url, awsdatacatalog_control: control.url };
    const options = {
      programs,
      folder: join(folder, 'trino'),
      logs,
      glue: control.url,
      catalogs,
      credentials: CREDENTIALS,
    };
    const trino = await startTrino(options);
    stops.push(async () => trino.server.stop());
    const common = { trino: trino.url, control: control.url, region: REGION, credentials: CREDENTIALS };
    const athena = await startAthena({ ...common, catalog: 'awsdatacatalog', s3: s3.url });
    stops.push(athena.stop);
    const onControl = await startAthena({ ...common, catalog: 'awsdatacatalog_control', s3: control.url });
    stops.push(onControl.stop);
    const endpoints: Endpoints = {
      region: REGION,
      ...CREDENTIALS,
      control: control.url,
      s3: s3.url,
      athena: athena.url,
      athenaOnControl: onControl.url,
      trino: trino.url,
    };
    return { endpoints, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** ministack listens on all interfaces unless told otherwise, and starts an MQTT broker; its Lambdas run on the PATH's node: this one. */
async function startControl(
  programs: Programs,
  folder: string,
  logs: string,
): Promise<{ server: Server; url: string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const work = join(folder, 'control');
  await mkdir(work);
  const server = startServer('control', programs.ministack, [], {
    logs,
    cwd: work,
    env: {
      ...process.env,
      BIND_HOST: '127.0.0.1',
      IOT_MTLS_ENABLED: '0',
      GATEWAY_PORT: String(port),
      MINISTACK_HOST: '127.0.0.1',
      TMPDIR: work,
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
    },
  });
  await started(server, `${url}/_ministack/health`);
  return { server, url };
}

/** The folder of old versions may not begin with the name of the folder of objects. */
async function startS3(programs: Programs, folder: string, logs: string): Promise<{ server: Server; url: string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const [objects, versions] = [join(folder, 'objects'), join(folder, 'older')];
  await mkdir(objects);
  await mkdir(versions);
  const words = ['--port', `127.0.0.1:${port}`, '--region', REGION, 'posix', '--versioning-dir', versions, objects];
  const server = startServer('s3', programs.versitygw, words, {
    logs,
    env: {
      ...process.env,
      ROOT_ACCESS_KEY: CREDENTIALS.accessKeyId,
      ROOT_SECRET_KEY: CREDENTIALS.secretAccessKey,
    },
  });
  await started(server, url);
  return { server, url };
}

async function started(server: Server, url: string): Promise<void> {
  try {
    await waitUntil(server, async () => await answers(url));
  } catch (error) {
    await server.stop();
    throw error;
  }
}
