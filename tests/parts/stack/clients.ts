/** AWS clients of the running stack, and fresh names in it, so that tests do not see each other's buckets, databases and workgroups. */
import { randomBytes } from 'node:crypto';
import { AthenaClient, CreateWorkGroupCommand } from '@aws-sdk/client-athena';
import { CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { openStack } from './door.ts';
import type { Endpoints } from './servers.ts';

export interface Clients {
  readonly endpoints: Endpoints;
  readonly s3: S3Client;
  readonly glue: GlueClient;
  readonly athena: AthenaClient;
}

/** Endpoints of the stack, which is started if need be. The S3 server may not answer yet: what is deployed has its objects elsewhere. */
export async function deployableStack(): Promise<Endpoints> {
  return await openStack(inject('stackDoor'), 'without-s3');
}

/** Clients of the whole stack, which is started if need be. */
export async function stackClients(): Promise<Clients> {
  const endpoints = await openStack(inject('stackDoor'), 'everything');
  const { region, accessKeyId, secretAccessKey } = endpoints;
  const common = { region, credentials: { accessKeyId, secretAccessKey } };
  return {
    endpoints,
    s3: new S3Client({ ...common, endpoint: endpoints.s3, forcePathStyle: true }),
    glue: new GlueClient({ ...common, endpoint: endpoints.control }),
    athena: new AthenaClient({ ...common, endpoint: endpoints.athena }),
  };
}

/** A name nobody else has. */
export function freshName(prefix: string): string {
  return `${prefix}${randomBytes(5).toString('hex')}`;
}

/** An empty bucket of its own. */
export async function freshBucket({ s3 }: Clients): Promise<string> {
  const bucket = freshName('lake-');
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  return bucket;
}

/** A Glue database of its own. */
export async function freshDatabase({ glue }: Clients): Promise<string> {
  const name = freshName('db_');
  await glue.send(new CreateDatabaseCommand({ DatabaseInput: { Name: name } }));
  return name;
}

/** A workgroup of its own, as the engine's (open) or the users' (enforced, with a cutoff). */
export async function freshWorkgroup(
  { athena }: Clients,
  bucket: string,
  kind: { enforced: boolean; cutoffBytes?: number },
): Promise<string> {
  const name = freshName('group-');
  await athena.send(
    new CreateWorkGroupCommand({
      Name: name,
      Configuration: {
        EnforceWorkGroupConfiguration: kind.enforced,
        ResultConfiguration: { OutputLocation: `s3://${bucket}/athena/${name}/` },
        ...(kind.cutoffBytes === undefined ? {} : { BytesScannedCutoffPerQuery: kind.cutoffBytes }),
      },
    }),
  );
  return name;
}
