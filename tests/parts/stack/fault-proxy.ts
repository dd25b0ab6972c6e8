/**
 * A proxy before the servers of the stack, in which faults are made: it tells a test of each call before it is passed on and after it was
 * answered, and lets it bend the body of an answer. In: the endpoints behind it. Out: endpoints of its own. Calls wait for the test's hooks,
 * so that a process can be killed at an exact place between two steps.
 */
import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A call of an AWS API on its way. */
export interface PassingCall {
  /** counted from 1 over all calls that have come */
  readonly number: number;
  /** `s3`, `AWSGlue`, `AmazonAthena`, `AmazonSQS`, … */
  readonly service: string;
  /** `PUT`, `CreateTable`, … */
  readonly action: string;
  /** key of the object, for S3 */
  readonly key: string;
  readonly changes: boolean;
  readonly body: Buffer;
}

/** What a test does to calls. */
export interface Faults {
  /** Before the call is passed on; `drop` breaks its connection instead. */
  before?: (call: PassingCall) => Promise<'drop' | void> | 'drop' | void;
  /** After it was answered, before the caller hears of it; `drop` breaks the connection. */
  after?: (call: PassingCall) => Promise<'drop' | void> | 'drop' | void;
  /** Another way to send the body of an answer; where it throws, the connection breaks. */
  body?: (call: PassingCall, bytes: Buffer) => AsyncIterable<Uint8Array> | null;
}

export interface FaultProxy {
  /** stands for the control plane and its S3, or for an S3 server */
  readonly url: string;
  /** stands for Athena */
  readonly athena: string;
  /** in force from now on */
  set(faults: Faults): void;
  stop(): Promise<void>;
}

/** Starts the proxy on two ports of its own; calls of both are counted together. */
export async function startFaultProxy(behind: { control: string; athena: string }): Promise<FaultProxy> {
  let faults: Faults = {};
  let count = 0;
  const listen = async (target: string): Promise<{ url: string; stop: () => void }> => {
    const server = createServer((request, response) => {
      const own = faults;
      pass(target, own, () => ++count, request, response).catch(() => response.destroy());
    });
    // a caller that waits for a test is no stalled one
    server.requestTimeout = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const stop = (): void => {
      server.close();
      server.closeAllConnections();
    };
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
  };
  const [control, athena] = [await listen(behind.control), await listen(behind.athena)];
  return {
    url: control.url,
    athena: athena.url,
    set(next) {
      faults = next;
      count = 0;
    },
    async stop() {
      control.stop();
      athena.stop();
    },
  };
}

async function pass(
  target: string,
  faults: Faults,
  nextNumber: () => number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await buffer(request);
  const call = readCall(request, body, nextNumber());
  if ((await faults.before?.(call)) === 'drop') {
    response.destroy();
    return;
  }
  const answer = await forward(target, request, body);
  const bytes = await buffer(answer);
  if ((await faults.after?.(call)) === 'drop') {
    response.destroy();
    return;
  }
  response.writeHead(answer.statusCode ?? 500, plainHeaders(answer, bytes));
  const other = faults.body?.(call, bytes) ?? null;
  if (other === null) response.end(bytes);
  else {
    for await (const chunk of other) response.write(chunk);
    response.end();
  }
}

/** The same request at the target. The host stays the proxy's, because signatures cover it. */
async function forward(target: string, request: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  const { hostname, port } = new URL(target);
  const headers = { ...request.headers, 'content-length': String(body.length) };
  const left = new Set(['transfer-encoding', 'connection', 'expect']);
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !left.has(name)));
  const sent = ask({ hostname, port, method: request.method, path: request.url, headers: kept });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return answer;
}

/** An answer to HEAD tells a length without having a body. */
function plainHeaders(answer: IncomingMessage, bytes: Buffer): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value === undefined || name === 'transfer-encoding' || name === 'connection') continue;
    headers[name] = value;
  }
  if (headers['content-length'] === undefined && bytes.length > 0) headers['content-length'] = String(bytes.length);
  return headers;
}

const CHANGING = /^(?:Create|Delete|Update|Batch(?:Create|Update|Delete)|Put|Send|Start|Stop|Change)/;

function readCall({ method = '', url = '/', headers }: IncomingMessage, body: Buffer, number: number): PassingCall {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [service = '', action = ''] = target.split('.');
    return { number, service: service.replace(/_\d+$/, ''), action, key: '', changes: CHANGING.test(action), body };
  }
  const [path = '', query = ''] = url.split('?');
  const key = decodeURIComponent(path.split('/').slice(2).join('/'));
  const action = query.startsWith('delete') ? 'DeleteObjects' : method;
  return { number, service: 's3', action, key, changes: !['GET', 'HEAD'].includes(action), body };
}
