/**
 * Object store on S3. In: a client, a bucket, a prefix that keys do not show. Out: the port, plus what a catalog needs: replacing an object
 * only if it is still the one that was read. `version` is the ETag in list, open and head alike: equal content needs no second reading.
 * Invariant: whole objects only, and of racing conditional writers exactly one wins, since S3 itself decides.
 */
import { DeleteObjectsCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ListObjectsV2CommandOutput, S3Client, _Object } from '@aws-sdk/client-s3';
import { Transient } from '../../errors.ts';
import type { ObjectInfo, ObjectStore } from '../../ports.ts';
import { awsError, calling, errorName, statusOf } from './aws-errors.ts';
import { infoOf, versionOf } from './s3-object.ts';
import { openStream, readPart } from './s3-stream.ts';
import { uploadObject } from './s3-upload.ts';

export interface S3StoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** all keys lie below it; empty, or ends in a slash */
  readonly prefix?: string;
}

/** A small object and the version it had. */
export interface VersionedBytes {
  readonly bytes: Uint8Array;
  readonly version: string;
}

export interface S3Store extends ObjectStore {
  /** What an object is now, or null if there is none. */
  head(key: string): Promise<ObjectInfo | null>;
  /** Whole content of a small object with its version. */
  readVersion(key: string): Promise<VersionedBytes | null>;
  /** The bytes of an object from one place to before another; throws `Transient` if it vanished. */
  readRange(key: string, from: number, to: number): Promise<Uint8Array>;
  /** Writes unless the object has changed since `version` (null: unless there is one); says whether it did. */
  replace(key: string, bytes: Uint8Array, version: string | null): Promise<boolean>;
}

/** S3 takes at most this many keys in one deletion. */
const DELETE_BATCH = 1000;

/** The store; nothing is called before it is used. */
export function createS3Store(options: S3StoreOptions): S3Store {
  const { client, bucket, prefix = '' } = options;
  const on = `bucket ${bucket}`;
  const target = (key: string): { client: S3Client; bucket: string; key: string } => ({
    client,
    bucket,
    key: prefix + key,
  });
  const readVersion = async (key: string): Promise<VersionedBytes | null> => {
    try {
      const found = await client.send(new GetObjectCommand({ Bucket: bucket, Key: prefix + key }));
      return { bytes: (await found.Body?.transformToByteArray()) ?? new Uint8Array(), version: versionOf(found.ETag) };
    } catch (error) {
      if (isMissing(error)) return null;
      throw awsError(error, { action: 's3:GetObject', on, object: key });
    }
  };
  return {
    list: (below) => listKeys(options, below),
    open: async (key) => await openStream({ ...target(key), name: key }),
    read: async (key) => (await readVersion(key))?.bytes ?? null,
    readVersion,
    readRange: async (key, from, to) => await readPart({ ...target(key), name: key }, from, to),
    async head(key) {
      try {
        const found = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: prefix + key }));
        return infoOf(key, found.ContentLength, found.LastModified, found.ETag);
      } catch (error) {
        if (isMissing(error)) return null;
        throw awsError(error, { action: 's3:GetObject', on, object: key });
      }
    },
    async put(key, bytes) {
      await uploadObject(target(key), bytes, {});
    },
    async putIfAbsent(key, bytes) {
      return (await uploadObject(target(key), bytes, { IfNoneMatch: '*' })) ? 'created' : 'exists';
    },
    async replace(key, bytes, version) {
      const condition = version === null ? { IfNoneMatch: '*' } : { IfMatch: `"${version}"` };
      return await uploadObject(target(key), bytes, condition);
    },
    async remove(keys) {
      for (let at = 0; at < keys.length; at += DELETE_BATCH)
        await removeBatch(
          options,
          keys.slice(at, at + DELETE_BATCH).map((key) => prefix + key),
        );
    },
  };
}

function isMissing(error: unknown): boolean {
  return ['NoSuchKey', 'NotFound'].includes(errorName(error)) && statusOf(error) === 404;
}

async function* listKeys({ client, bucket, prefix = '' }: S3StoreOptions, below: string): AsyncGenerator<ObjectInfo> {
  let token: string | undefined;
  do {
    const page: ListObjectsV2CommandOutput = await calling(
      { action: 's3:ListBucket', on: `bucket ${bucket}` },
      async () =>
        await client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix + below,
            // keys may hold characters that XML cannot
            EncodingType: 'url',
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        ),
    );
    for (const object of page.Contents ?? []) {
      const key = keyOf(object, page.EncodingType === 'url').slice(prefix.length);
      yield infoOf(key, object.Size, object.LastModified, object.ETag);
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

function keyOf(object: _Object, isEncoded: boolean): string {
  const key = object.Key ?? '';
  return isEncoded ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
}

/** A deletion can succeed as a call and fail for some of its keys. */
async function removeBatch({ client, bucket }: S3StoreOptions, keys: readonly string[]): Promise<void> {
  const about = { action: 's3:DeleteObject', on: `bucket ${bucket}` };
  const { Errors: failed = [] } = await calling(
    about,
    async () =>
      await client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true } }),
      ),
  );
  const [first] = failed.filter(({ Code }) => Code !== 'NoSuchKey');
  if (first === undefined) return;
  const object = first.Key ?? '';
  if (first.Code === 'AccessDenied') {
    const denied = Object.assign(new Error(first.Code), { name: first.Code });
    throw awsError(denied, { ...about, object });
  }
  throw new Transient(
    `${failed.length} of ${keys.length} objects could not be deleted (${first.Code ?? 'no reason'})`,
    {
      place: { object },
    },
  );
}
