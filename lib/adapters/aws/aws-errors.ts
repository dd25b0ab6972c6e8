/**
 * What AWS refuses, as one of the product's own kinds of error: what may work later is thrown again by whoever retries, what someone must
 * allow or correct names the action and the thing. In: whatever a client threw. Invariant: messages carry names, never contents.
 */
import { LedgerError, Misconfigured, Transient } from '../../errors.ts';

/** What was being done, for the message: `s3:GetObject` on `bucket my-lake`. */
export interface AwsAction {
  readonly action: string;
  readonly on: string;
  /** the object it was about, if one */
  readonly object?: string;
}

const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'AllAccessDisabled', 'Forbidden']);
const BAD_CREDENTIALS = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidToken',
  'UnrecognizedClientException',
  'CredentialsProviderError',
]);
const ABSENT = new Set(['NoSuchBucket', 'PermanentRedirect', 'AuthorizationHeaderMalformed']);
const THROTTLED =
  /^(?:SlowDown|Throttl|TooManyRequests|RequestLimitExceeded|RequestTimeout|InternalError|InternalServer|ServiceUnavailable|TimeoutError|ConcurrentModification|OperationTimeout)/;

/** No answer came, or not all of it. */
const NETWORK = /^(?:ECONN|ETIMEDOUT|ENOTFOUND|EAI_|EPIPE|EHOST|ENET|UND_ERR)/;
const BROKEN = /checksum mismatch|socket hang up|aborted/i;

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** The name an AWS client gave an error; empty if it is none of theirs. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** The HTTP status of an answer that was an error. */
export function statusOf(error: unknown): number | null {
  const status = (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
  return typeof status === 'number' ? status : null;
}

/** The same failure as one of our errors. Our own pass through, and so does what is neither AWS's nor the network's: a fault of ours. */
export function awsError(error: unknown, { action, on, object }: AwsAction): Error {
  if (error instanceof LedgerError) return error;
  const name = errorName(error);
  const status = statusOf(error);
  const place = object === undefined ? {} : { place: { object } };
  const options = { cause: error, ...place };
  const said = error instanceof Error ? error.message : String(error);
  if (DENIED.has(name) || (status === 403 && !BAD_CREDENTIALS.has(name)))
    return new Misconfigured(`${action} was denied on ${on}`, {
      ...options,
      hint: `allow ${action} there to the role or user that runs this; a key policy (kms:Decrypt, kms:GenerateDataKey) may be missing too`,
    });
  if (BAD_CREDENTIALS.has(name))
    return new Misconfigured(`${action} on ${on}: the credentials are not valid (${name})`, {
      ...options,
      hint: 'sign in again, or check AWS_PROFILE and the environment',
    });
  if (ABSENT.has(name) || (name === 'EntityNotFoundException' && object === undefined))
    return new Misconfigured(`${on} does not exist in this account and region (${action}: ${name})`, {
      ...options,
      hint: 'check the names in the stack’s outputs and AWS_REGION',
    });
  const isUnanswered = status === null && (NETWORK.test(codeOf(error)) || THROTTLED.test(name) || BROKEN.test(said));
  if (isUnanswered || (status ?? 0) >= 500 || status === 429 || (status !== null && THROTTLED.test(name)))
    return new Transient(`${action} on ${on} failed for now (${name || 'no answer'})`, options);
  if (status === null && error instanceof Error) return error;
  return new LedgerError(`${action} on ${on} failed (${name}): ${said}`, options);
}

/** Runs one call and translates what it throws. */
export async function calling<T>(about: AwsAction, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw awsError(error, about);
  }
}
