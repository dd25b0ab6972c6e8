import { describe, expect, test } from 'vitest';
import { awsError, calling } from '../../../lib/adapters/aws/aws-errors.ts';
import { LedgerError, Misconfigured, Transient } from '../../../lib/errors.ts';

const about = { action: 's3:GetObject', on: 'bucket lake', object: 'a/b.json' };

/** An error as the clients throw it. */
function aws(name: string, status: number | null, extra: object = {}): Error {
  const error = Object.assign(new Error(`the service said ${name}`), { name }, extra);
  return status === null ? error : Object.assign(error, { $metadata: { httpStatusCode: status } });
}

describe('what someone must allow or correct', () => {
  test.each([
    ['AccessDenied', 403],
    ['AccessDeniedException', 400],
    ['Forbidden', 403],
    ['Unheard', 403],
  ])('%s names the action and the place', (name, status) => {
    const error = awsError(aws(name, status), about);
    expect(error).toBeInstanceOf(Misconfigured);
    expect(error.message).toBe('s3:GetObject was denied on bucket lake');
    expect((error as Misconfigured).hint).toMatch(/allow s3:GetObject/);
    expect((error as Misconfigured).place).toEqual({ object: 'a/b.json' });
  });

  test.each(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'ExpiredToken'])('%s is about credentials', (name) => {
    expect(awsError(aws(name, 403), about).message).toMatch(/credentials are not valid/);
  });

  test('a bucket that is not there, a database that is not there', () => {
    expect(awsError(aws('NoSuchBucket', 404), about)).toBeInstanceOf(Misconfigured);
    const table = { action: 'glue:GetTables', on: 'database x' };
    expect(awsError(aws('EntityNotFoundException', 400), table).message).toMatch(/database x does not exist/);
  });
});

describe('what may work later', () => {
  test.each([
    ['SlowDown', 503],
    ['ThrottlingException', 400],
    ['TooManyRequestsException', 400],
    ['InternalError', 500],
    ['Anything', 502],
    ['Anything', 429],
    ['TimeoutError', null],
  ])('%s with status %s', (name, status) => {
    expect(awsError(aws(name, status), about)).toBeInstanceOf(Transient);
  });

  test.each(['ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'EAI_AGAIN', 'EPIPE'])('the network: %s', (code) => {
    expect(awsError(aws('Error', null, { code }), about)).toBeInstanceOf(Transient);
  });

  test('bytes that came wrong', () => {
    expect(awsError(new Error('Checksum mismatch: expected "x" but received "y"'), about)).toBeInstanceOf(Transient);
  });
});

test('what AWS refuses for another reason is told with its words', () => {
  const error = awsError(aws('InvalidRequestException', 400), about);
  expect(error).toBeInstanceOf(LedgerError);
  expect(error).not.toBeInstanceOf(Transient);
  expect(error.message).toMatch(/the service said InvalidRequestException/);
});

test('a fault of ours stays what it is', async () => {
  const own = new TypeError('undefined is not a function');
  expect(awsError(own, about)).toBe(own);
  const ledger = new Transient('already told');
  expect(awsError(ledger, about)).toBe(ledger);
  await expect(calling(about, async () => await Promise.reject(own))).rejects.toBe(own);
  expect(await calling(about, async () => await Promise.resolve(7))).toBe(7);
});
