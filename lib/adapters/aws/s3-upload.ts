/**
 * Writing one S3 object, whole or in parts. In: bytes and, if it must be, a condition on what is there now. Out: whether it was written.
 * Invariant: a reader sees the object before or after, never a part, and parts of a failed upload are taken back.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { CompletedPart, S3Client } from '@aws-sdk/client-s3';
import { setTimeout as pause } from 'node:timers/promises';
import { awsError, errorName, statusOf } from './aws-errors.ts';

export interface UploadTarget {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
}

/** What must hold for the write to happen; S3 checks it at the moment of writing. */
export type UploadCondition = { readonly IfNoneMatch?: string } | { readonly IfMatch: string };

/** One request up to here; S3 allows 5 GB, but a broken connection would repeat all of it. */
const ONE_REQUEST_BYTES = 64 << 20;
const PART_BYTES = 16 << 20;
const CONFLICT_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 20;

/**
 * Writes an object; false if the condition did not hold. A racing conditional write of the same key is waited for, since its end decides.
 * After an answer that was lost on the way the winner itself may be told false.
 */
export async function uploadObject(
  target: UploadTarget,
  bytes: Uint8Array,
  condition: UploadCondition,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      if (bytes.length <= ONE_REQUEST_BYTES)
        await target.client.send(
          new PutObjectCommand({
            Bucket: target.bucket,
            Key: target.key,
            Body: bytes,
            ContentLength: bytes.length,
            ...condition,
          }),
        );
      else await uploadParts(target, bytes, condition);
      return true;
    } catch (error) {
      const status = statusOf(error);
      const isConditional = Object.keys(condition).length > 0;
      // NoSuchKey: If-Match of an object that is gone
      if (isConditional && (status === 412 || errorName(error) === 'NoSuchKey')) return false;
      const isConflict = isConditional && status === 409;
      if (!isConflict || attempt >= CONFLICT_ATTEMPTS)
        throw awsError(error, { action: 's3:PutObject', on: `bucket ${target.bucket}`, object: target.key });
      await pause(FIRST_PAUSE_MS << attempt);
    }
  }
}

async function uploadParts(
  { client, bucket, key }: UploadTarget,
  bytes: Uint8Array,
  condition: UploadCondition,
): Promise<void> {
  const upload = { Bucket: bucket, Key: key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...upload, ChecksumAlgorithm: 'CRC32' }));
  try {
    const parts: CompletedPart[] = [];
    for (let at = 0; at < bytes.length; at += PART_BYTES) {
      const PartNumber = parts.length + 1;
      const Body = bytes.subarray(at, at + PART_BYTES);
      const { ETag, ChecksumCRC32 } = await client.send(
        new UploadPartCommand({ ...upload, UploadId, PartNumber, Body, ChecksumAlgorithm: 'CRC32' }),
      );
      parts.push({ PartNumber, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) });
    }
    await client.send(
      new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts: parts }, ...condition }),
    );
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...upload, UploadId })).catch(() => undefined);
    throw error;
  }
}
