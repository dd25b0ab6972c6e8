/**
 * Identities become hashes here and nowhere else. `record_id` is the sha256 of the strongest link id without the format, so that the
 * same call from a provider log, a gateway and an agent file is recognized; it never depends on the owner's hash key.
 */
import { createHash, hash } from 'node:crypto';
import type { IdentityKind, LinkId, ObjectContext, UsageRecord } from './record.ts';

export interface Identity {
  readonly recordId: string;
  readonly altIds: readonly string[];
  readonly kind: IdentityKind;
}

const NO_IDS: readonly string[] = [];

/**
 * Identity of a record: its link ids; else, with a time, the hash of what it says (equal lines are told apart by their ordinal at
 * seal); else its position, which counts every time.
 */
export function identify(record: UsageRecord, object: ObjectContext, line: number, part: number): Identity {
  const { linkIds } = record;
  const first = linkIds[0];
  if (first !== undefined) {
    return {
      recordId: linkHash(first),
      altIds: linkIds.length === 1 ? NO_IDS : distinct(linkIds.slice(1), first),
      kind: first.kind,
    };
  }
  if (record.occurredAtMs !== null) {
    return { recordId: hash('sha256', `content:${contentText(record, object)}`), altIds: NO_IDS, kind: 'content' };
  }
  return { recordId: hash('sha256', `position:${object.key}\n${line}\n${part}`), altIds: NO_IDS, kind: 'position' };
}

function linkHash(link: LinkId): string {
  return hash('sha256', `${link.kind}:${link.value}`);
}

function distinct(links: readonly LinkId[], first: LinkId): string[] {
  const own = linkHash(first);
  return [...new Set(links.map(linkHash))].filter((id) => id !== own);
}

/** Everything a record says that does not depend on the folder its file lies in, and no text. */
function contentText(record: UsageRecord, object: ObjectContext): string {
  const fromPath = object.pathPairs;
  const tags = Object.entries(record.tags)
    .filter(([key, value]) => fromPath[key] !== value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const pathValues = new Set(Object.values(fromPath));
  const evidence = Object.values(record.evidence).map((value) =>
    value !== null && pathValues.has(value) ? null : value,
  );
  return JSON.stringify([
    record.sourceFormat,
    record.occurredAtMs,
    record.provider,
    record.modelReported,
    record.operation,
    record.tier,
    record.status,
    record.calls,
    record.inputTokens,
    record.cacheReadTokens,
    record.cacheWrite5mTokens,
    record.cacheWrite1hTokens,
    record.outputTokens,
    record.reasoningTokens,
    record.images,
    record.webSearches,
    record.audioSeconds,
    record.userId,
    record.sessionId,
    record.keyId,
    record.latencyMs,
    record.firstTokenMs,
    tags,
    evidence,
  ]);
}

/**
 * Keyed hashes of persons and keys, short enough for a table: comparable under one hash key, not guessable without it. HMAC-SHA-256
 * (RFC 2104) of the text, 64 bits in hex; put together from two plain hashes, because an Hmac object per name costs twice as much.
 */
export function keyedNames(hashKey: Uint8Array): (text: string) => string {
  const key = hashKey.length > BLOCK_BYTES ? createHash('sha256').update(hashKey).digest() : hashKey;
  let inner = padded(key, 0x36, 256);
  const outer = padded(key, 0x5c, DIGEST_BYTES);
  return (text) => {
    if (text.length * 3 > inner.length - BLOCK_BYTES) inner = padded(key, 0x36, text.length * 3);
    const end = BLOCK_BYTES + inner.write(text, BLOCK_BYTES, 'utf8');
    outer.set(hash('sha256', inner.subarray(0, end), 'buffer'), BLOCK_BYTES);
    return hash('sha256', outer).slice(0, 16);
  };
}

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/** The key, filled up to a block and mixed with a pad, and room behind it. */
function padded(key: Uint8Array, pad: number, room: number): Buffer {
  const bytes = Buffer.alloc(BLOCK_BYTES + room, pad);
  for (let i = 0; i < key.length; i++) bytes[i] = (key[i] ?? 0) ^ pad;
  return bytes;
}
