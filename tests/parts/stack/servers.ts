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
import { answers, freePort, holdPort, startServer, waitUntil } from './processes.ts';
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

/** A stack on its way. */
export interface Running {
  /** Once everything but the S3 server answers. */
  readonly endpoints: Promise<Endpoints>;
  /** Once the S3 server answers too: its program is compiled, which takes longer than all the rest. */
  readonly s3Ready: Promise<void>;
  stop(): Promise<void>;
}

/** Begins to install what is missing and to start everything; about 20 seconds with a full cache. */
export function startServers(): Running {
  const ended = new AbortController();
  const programs = installPrograms(cacheFolder(), ended.signal);
  const stops: (() => Promise<void>)[] = [];
  const place = makePlace(stops);
  const s3 = startObjects(place, programs, stops, ended.signal);
  const rest = place.then(async (made) => await startRest(programs, made, stops));
  // who waits for them is told; without anyone, the run ends as it does
  for (const one of [s3, rest]) one.catch(() => undefined);
  return {
    endpoints: rest,
    s3Ready: s3,
    async stop() {
      ended.abort();
      await Promise.allSettled([s3, rest]);
      for (const end of stops.toReversed()) await end();
    },
  };
}

interface ServerPlace {
  readonly folder: string;
  readonly logs: string;
  /** the S3 server's, whose address the others are told before it runs */
  readonly s3Port: { readonly port: number; readonly release: () => Promise<void> };
}

async function makePlace(stops: (() => Promise<void>)[]): Promise<ServerPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'ledger-parts-'));
  stops.push(async () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const logs = join(folder, 'logs');
  await mkdir(logs);
  return { folder, logs, s3Port: await holdPort() };
}

async function startObjects(
  place: Promise<ServerPlace>,
  programs: Programs,
  stops: (() => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> {
  const [{ folder, logs, s3Port }, program] = await Promise.all([place, programs.versitygw]);
  await s3Port.release();
  signal.throwIfAborted();
  const server = await startS3(program, folder, logs, s3Port.port);
  stops.push(async () => server.stop());
}

async function startRest(
  programs: Programs,
  { folder, logs, s3Port }: ServerPlace,
  stops: (() => Promise<void>)[],
): Promise<Endpoints> {
  const s3 = `http://127.0.0.1:${s3Port.port}`;
  const controlPort = await freePort();
  const control = `http://127.0.0.1:${controlPort}`;
  const startPlane = async (): Promise<void> => {
    const server = await startControl(await programs.ministack, folder, logs, controlPort);
    stops.push(async () => server.stop());
  };
  const startEngine = async (): Promise<string> => {
    const [home, java] = await Promise.all([programs.trino, programs.java]);
    const catalogs = { awsdatacatalog: s3, awsdatacatalog_control: control };
    const options = { home, java, folder: join(folder, 'trino'), logs, glue: control, catalogs };
    const { server, url } = await startTrino({ ...options, credentials: CREDENTIALS });
    stops.push(async () => server.stop());
    return url;
  };
  const both = [startPlane(), startEngine()] as const;
  // whichever fails, the other is not left without an end
  await Promise.allSettled(both);
  const [, trino] = await Promise.all(both);
  const common = { trino, control, region: REGION, credentials: CREDENTIALS };
  const athena = await startAthena({ ...common, catalog: 'awsdatacatalog', s3 });
  stops.push(athena.stop);
  const onControl = await startAthena({ ...common, catalog: 'awsdatacatalog_control', s3: control });
  stops.push(onControl.stop);
  return {
    region: REGION,
    ...CREDENTIALS,
    control,
    s3,
    athena: athena.url,
    athenaOnControl: onControl.url,
    trino,
  };
}

/** ministack listens on all interfaces unless told otherwise, and starts an MQTT broker; its Lambdas run on the PATH's node: this one. */
async function startControl(program: string, folder: string, logs: string, port: number): Promise<Server> {
  const work = join(folder, 'control');
  await mkdir(work);
  const server = startServer('control', program, [], {
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
  await started(server, `http://127.0.0.1:${port}/_ministack/health`);
  return server;
}

/** The folder of old versions may not begin with the name of the folder of objects. */
async function startS3(program: string, folder: string, logs: string, port: number): Promise<Server> {
  const [objects, versions] = [join(folder, 'objects'), join(folder, 'older')];
  await mkdir(objects);
  await mkdir(versions);
  const words = ['--port', `127.0.0.1:${port}`, '--region', REGION, 'posix', '--versioning-dir', versions, objects];
  const server = startServer('s3', program, words, {
    logs,
    env: {
      ...process.env,
      ROOT_ACCESS_KEY: CREDENTIALS.accessKeyId,
      ROOT_SECRET_KEY: CREDENTIALS.secretAccessKey,
    },
  });
  await started(server, `http://127.0.0.1:${port}`);
  return server;
}

async function started(server: Server, url: string): Promise<void> {
  try {
    await waitUntil(server, async () => await answers(url));
  } catch (error) {
    await server.stop();
    throw error;
  }
}
