/**
 * An S3 object as a stream that survives broken connections. In: a key. Out: what S3 said of the object in the answer that is read, and its
 * bytes, taken up again where a connection broke, but only of the very same version; or a small part of it. Invariant: every byte once, or an error.
 */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { GetObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { Transient } from '../../errors.ts';
import type { OpenedObject } from '../../ports.ts';
import { awsError, errorName, statusOf } from './aws-errors.ts';
import { infoOf } from './s3-object.ts';

export interface StreamTarget {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  /** the key as the store's callers know it */
  readonly name: string;
}

/** A connection that brings nothing this many times in a row is given up. */
const ATTEMPTS = 4;

/** Opens an object; the bytes flow when they are asked for. */
export async function openStream(target: StreamTarget): Promise<OpenedObject> {
  const first = await get(target, null);
  const info = infoOf(target.name, first.ContentLength, first.LastModified, first.ETag);
  return { info, body: bytesOf(target, first, info.bytes) };
}

async function get(target: StreamTarget, from: { at: number; etag: string } | null): Promise<GetObjectCommandOutput> {
  const { client, bucket, key } = target;
  const rest = from === null ? {} : { Range: `bytes=${from.at}-`, IfMatch: from.etag };
  try {
    return await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...rest }));
  } catch (error) {
    const isOther = statusOf(error) === 412 || (errorName(error) === 'NoSuchKey' && from !== null);
    if (isOther) throw new Transient(`${target.name} changed while it was read`, placeOf(target, error));
    throw readingError(target, error);
  }
}

/** The bytes from one place to before another: no more than are held at once. An object that is shorter gives fewer. */
export async function readPart(target: StreamTarget, from: number, to: number): Promise<Uint8Array> {
  const { client, bucket, key } = target;
  try {
    const Range = `bytes=${from}-${to - 1}`;
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }));
    return (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (error) {
    throw readingError(target, error);
  }
}

const placeOf = ({ name }: StreamTarget, cause: unknown): { place: { object: string }; cause: unknown } => ({
  place: { object: name },
  cause,
});

function readingError(target: StreamTarget, error: unknown): Error {
  if (errorName(error) === 'NoSuchKey')
    return new Transient(`${target.name} vanished before it could be read`, placeOf(target, error));
  return awsError(error, { action: 's3:GetObject', on: `bucket ${target.bucket}`, object: target.name });
}

async function* bytesOf(
  target: StreamTarget,
  first: GetObjectCommandOutput,
  total: number,
): AsyncGenerator<Uint8Array> {
  let answer = first;
  let at = 0;
  for (let attempt = 1; ; attempt++) {
    const before = at;
    let cause: unknown = null;
    try {
      for await (const chunk of (answer.Body ?? []) as AsyncIterable<Uint8Array>) {
        at += chunk.length;
        yield chunk;
      }
    } catch (error) {
      cause = error;
    }
    if (cause === null && at === total) return;
    if (at > before) attempt = 1;
    // a failed checksum cannot be mended by reading on: the bytes are gone to the reader
    const isHopeless = at >= total || first.ETag === undefined || attempt >= ATTEMPTS;
    if (isHopeless)
      throw new Transient(`${target.name} broke off after ${at} of ${total} bytes`, {
        place: { object: target.name },
        cause,
      });
    answer = await get(target, { at, etag: first.ETag ?? '' });
  }
}
