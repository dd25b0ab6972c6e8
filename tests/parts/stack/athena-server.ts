/**
 * Athena's API in front of real Trino, for the part tests: what @aws-sdk/client-athena says is understood as Athena understands it. The
 * queries' life is in athena-execution.ts, what Athena refuses in athena-rules.ts. Calls that are not about queries (workgroups, named
 * queries) go to the control plane, whose workgroups this server obeys.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { AthenaClient, GetWorkGroupCommand } from '@aws-sdk/client-athena';
import { S3Client } from '@aws-sdk/client-s3';
import { createExecutions, Refused } from './athena-execution.ts';
import type { Executions } from './athena-execution.ts';
import type { Workgroup } from './athena-rules.ts';

export interface AthenaOptions {
  readonly trino: string;
  readonly catalog: string;
  readonly s3: string;
  readonly control: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Starts the server on a port of its own. */
export async function startAthena(options: AthenaOptions): Promise<{ url: string; stop: () => Promise<void> }> {
  const { region, credentials } = options;
  const control = new AthenaClient({ region, credentials, endpoint: options.control });
  const s3 = new S3Client({ region, credentials, endpoint: options.s3, forcePathStyle: true });
  const executions = createExecutions({
    trino: options.trino,
    catalog: options.catalog,
    s3,
    workgroup: async (name) => await readWorkgroup(control, name),
  });
  const server = createServer((request, response) => {
    answer(executions, options.control, request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await executions.settled();
    control.destroy();
    s3.destroy();
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

async function readWorkgroup(control: AthenaClient, name: string): Promise<Workgroup> {
  const { WorkGroup: found } = await control.send(new GetWorkGroupCommand({ WorkGroup: name })).catch(() => {
    throw new Refused(`WorkGroup ${name} is not found.`);
  });
  const settings = found?.Configuration;
  return {
    name,
    isEnforced: settings?.EnforceWorkGroupConfiguration ?? false,
    outputLocation: settings?.ResultConfiguration?.OutputLocation ?? null,
    bytesCutoff: settings?.BytesScannedCutoffPerQuery ?? null,
  };
}

async function answer(
  executions: Executions,
  control: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await buffer(request);
  const action = String(request.headers['x-amz-target'] ?? '').replace(/^.*\./, '');
  const handler = executions.calls[action];
  if (handler === undefined) {
    await passOn(control, request, body, response);
    return;
  }
  try {
    send(response, 200, await handler(JSON.parse(body.toString() || '{}') as never));
  } catch (error) {
    if (!(error instanceof Refused)) {
      send(response, 500, { __type: 'InternalServerException', message: String(error) });
      return;
    }
    send(response, 400, { __type: 'InvalidRequestException', message: error.message, AthenaErrorCode: error.code });
  }
}

function send(response: ServerResponse, status: number, content: unknown): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() });
  response.end(JSON.stringify(content));
}

async function passOn(
  control: string,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const left = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'expect']);
  const headers = Object.entries(request.headers)
    .filter(([name]) => !left.has(name))
    .map(([name, value]) => [name, String(value)] as [string, string]);
  const found = await fetch(control + (request.url ?? '/'), {
    method: request.method ?? 'POST',
    headers,
    ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
  });
  response.writeHead(found.status, { 'content-type': found.headers.get('content-type') ?? 'application/json' });
  response.end(Buffer.from(await found.arrayBuffer()));
}
