/**
 * A door before the control plane and Athena that lets through what one IAM policy allows, because the emulator looks at no policy. In: the
 * policy's document as it was deployed. Out: endpoints that refuse the rest as AWS does, and the list of what was asked. It knows the calls
 * that the product makes; any other is refused, so that nothing passes unseen. What Athena itself reads with its caller's rights is not seen.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Endpoints } from './stack/servers.ts';

export interface PolicyStatement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

/** An action on a resource. */
interface Asked {
  readonly action: string;
  readonly on: string;
}

export interface PolicyDoor {
  /** where the door stands, for the control plane and Athena alike */
  readonly url: string;
  /** `action resource` of every call that came, and whether it was let through */
  readonly seen: Map<string, boolean>;
  /** From now on only this is allowed. */
  allow(statements: readonly PolicyStatement[]): void;
  stop(): void;
}

const ACCOUNT = '000000000000';

/** Opens the door for this policy. */
export async function openDoor(endpoints: Endpoints, first: readonly PolicyStatement[]): Promise<PolicyDoor> {
  let allowed = first;
  const seen = new Map<string, boolean>();
  const workgroups = new Map<string, string>();
  const server = createServer((request, response) => {
    const place = { endpoints, workgroups };
    pass(place, (one) => judge(allowed, seen, one), request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    allow: (statements) => void (allowed = statements),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The policy that was deployed under this ARN. */
export async function deployedPolicy(endpoints: Endpoints, arn: string): Promise<PolicyStatement[]> {
  const query = new URLSearchParams({
    Action: 'GetPolicyVersion',
    PolicyArn: arn,
    VersionId: 'v1',
    Version: '2010-05-08',
  });
  const Authorization = `AWS4-HMAC-SHA256 Credential=parts/20261101/${endpoints.region}/iam/aws4_request, SignedHeaders=host, Signature=x`;
  const answer = await fetch(endpoints.control, { method: 'POST', headers: { Authorization }, body: query });
  const [, encoded = ''] = /<Document>([\s\S]*?)<\/Document>/.exec(await answer.text()) ?? [];
  const text = encoded.startsWith('%') ? decodeURIComponent(encoded) : encoded.replaceAll('&quot;', '"');
  return (JSON.parse(text) as { Statement: PolicyStatement[] }).Statement;
}

function judge(statements: readonly PolicyStatement[], seen: Map<string, boolean>, { action, on }: Asked): boolean {
  const isAllowed = statements.some(
    ({ Effect, Action, Resource }) =>
      Effect === 'Allow' && [Action].flat().includes(action) && [Resource].flat().some((pattern) => fits(pattern, on)),
  );
  const name = `${action} ${on}`;
  seen.set(name, (seen.get(name) ?? true) && isAllowed);
  return isAllowed;
}

function fits(pattern: string, resource: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`).test(resource);
}

interface Place {
  readonly endpoints: Endpoints;
  /** id of a query → its workgroup */
  readonly workgroups: Map<string, string>;
}

async function pass(
  place: Place,
  isAllowed: (asked: Asked) => boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await buffer(request);
  const asked = askedBy(place, request, body);
  // every one is noted, also after the first that is denied
  const denied = asked.filter((one) => !isAllowed(one));
  const [first] = asked.length === 0 ? [{ action: 'unknown:call', on: request.url ?? '' }] : denied;
  if (first !== undefined) {
    refuse(request, response, first);
    return;
  }
  const target = String(request.headers['x-amz-target'] ?? '');
  const { control, athenaOnControl } = place.endpoints;
  const answer = await fetch((target.startsWith('AmazonAthena') ? athenaOnControl : control) + (request.url ?? '/'), {
    method: request.method ?? 'GET',
    headers: Object.entries(request.headers)
      .filter(([name]) => !['host', 'connection', 'content-length', 'transfer-encoding', 'expect'].includes(name))
      .map(([name, value]): [string, string] => [name, String(value)]),
    ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (target === 'AmazonAthena.StartQueryExecution' && answer.ok) {
    const { QueryExecutionId: id } = JSON.parse(bytes.toString()) as { QueryExecutionId: string };
    place.workgroups.set(id, (JSON.parse(body.toString()) as { WorkGroup: string }).WorkGroup);
  }
  const headers = [...answer.headers].filter(
    ([name]) => !['connection', 'content-encoding', 'transfer-encoding', 'keep-alive'].includes(name),
  );
  response.writeHead(answer.status, Object.fromEntries(headers));
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function refuse(request: IncomingMessage, response: ServerResponse, { action, on }: Asked): void {
  const message = `User is not authorized to perform: ${action} on resource: ${on}`;
  const isJson = request.headers['x-amz-target'] !== undefined;
  if (isJson) {
    response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ __type: 'AccessDeniedException', message }));
    return;
  }
  response.writeHead(403, { 'content-type': 'application/xml' });
  const error = `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`;
  const isQuery = action.startsWith('cloudformation:');
  if (request.method === 'HEAD') response.end();
  else response.end(isQuery ? `<ErrorResponse>${error}</ErrorResponse>` : error);
}

/** What AWS would ask the policy about a call; none for a call nobody knows. */
function askedBy(place: Place, request: IncomingMessage, body: Buffer): Asked[] {
  const { region } = place.endpoints;
  const target = String(request.headers['x-amz-target'] ?? '');
  if (target !== '') return jsonCall(place, target, JSON.parse(body.toString() || '{}') as Body, region);
  const form = new URLSearchParams(body.toString());
  if (form.get('Action') !== null)
    return [
      {
        action: `cloudformation:${form.get('Action')}`,
        on: `arn:aws:cloudformation:${region}:${ACCOUNT}:stack/${form.get('StackName')}/some-id`,
      },
    ];
  return objectCall(request, body);
}

type Body = Readonly<Record<string, unknown>>;

function jsonCall({ workgroups }: Place, target: string, body: Body, region: string): Asked[] {
  const [service = '', call = ''] = target.split(/\.(?=[^.]*$)/);
  const text = (name: string): string => {
    const value = body[name];
    return typeof value === 'string' ? value : '';
  };
  const arn = (of: string, resource: string): string => `arn:aws:${of}:${region}:${ACCOUNT}:${resource}`;
  if (service === 'AWSGlue') {
    const input = body['TableInput'] as { Name?: string } | undefined;
    const table = text('TableName') || text('Name') || input?.Name;
    const resources = [
      'catalog',
      `database/${text('DatabaseName')}`,
      ...(table ? [`table/${text('DatabaseName')}/${table}`] : []),
    ];
    return resources.map((resource) => ({ action: `glue:${call}`, on: arn('glue', resource) }));
  }
  if (service === 'AmazonAthena') {
    const group = text('WorkGroup') || (workgroups.get(text('QueryExecutionId')) ?? 'unknown');
    return [{ action: `athena:${call}`, on: arn('athena', `workgroup/${group}`) }];
  }
  if (service === 'AmazonSQS')
    return [{ action: `sqs:${call}`, on: arn('sqs', text('QueueUrl').split('/').at(-1) ?? '') }];
  if (service === 'secretsmanager') return [{ action: `secretsmanager:${call}`, on: text('SecretId') }];
  return [];
}

function objectCall({ method = '', url = '/' }: IncomingMessage, body: Buffer): Asked[] {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?([\s\S]*)$/.exec(decodeURIComponent(pathname)) ?? [];
  const on = (name: string): string => `arn:aws:s3:::${bucket}${name === '' ? '' : `/${name}`}`;
  if (method === 'POST' && searchParams.has('delete'))
    return [...body.toString().matchAll(/<Key>([\s\S]*?)<\/Key>/g)].map(([, name = '']) => ({
      action: 's3:DeleteObject',
      on: on(name),
    }));
  if (key === '') return method === 'GET' ? [{ action: 's3:ListBucket', on: on('') }] : [];
  const isUpload = searchParams.has('uploadId');
  const actions: Readonly<Record<string, string>> = {
    GET: 's3:GetObject',
    HEAD: 's3:GetObject',
    PUT: 's3:PutObject',
    POST: 's3:PutObject',
    DELETE: isUpload ? 's3:AbortMultipartUpload' : 's3:DeleteObject',
  };
  const action = actions[method];
  return action === undefined ? [] : [{ action, on: on(key) }];
}
