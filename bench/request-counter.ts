/**
 * Counts the requests of a measured function: a server between it and an AWS endpoint that hands everything on unchanged. In: the endpoint.
 * Out: an address to use in its place, and counts by kind: what S3 bills by (LIST, PUT, GET, HEAD, DELETE), or the name of the call for services that
 * speak JSON. Invariant: signatures stay good, because the host that was signed is handed on.
 */
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

export interface RequestCounter {
  readonly url: string;
  /** Requests by kind since the last call of `take`. */
  take(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** Starts counting in front of an endpoint. */
export async function countRequests(endpoint: string): Promise<RequestCounter> {
  const { hostname, port } = new URL(endpoint);
  const agent = new Agent({ keepAlive: true });
  let counts = new Map<string, number>();
  const server = createServer((incoming, outgoing) => {
    const kind = kindOf(incoming);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const { method, url: path, headers } = incoming;
    const forward = request({ hostname, port, method, path, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      pipeline(answer, outgoing).catch(() => outgoing.destroy());
    });
    pipeline(incoming, forward).catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
      counts = new Map();
      return taken;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await once(server, 'close');
    },
  };
}

function kindOf({ method = '', url = '', headers }: IncomingMessage): string {
  const call = headers['x-amz-target'];
  if (typeof call === 'string') return call.slice(call.indexOf('.') + 1);
  const query = new URL(url, 'http://host').searchParams;
  if (method === 'GET' && query.has('list-type')) return 'LIST';
  if (method === 'POST' && query.has('delete')) return 'DELETE';
  return method === 'POST' ? 'PUT' : method;
}
