/**
 * Fingerprints of prompts for cache simulation: keyed hashes of fixed blocks, each chained on the one before, so that equal hashes mean
 * equal prefixes and nobody without the key can test a guess. No text leaves this file. Blocks are cut by bytes and scaled to the
 * reported token count, so no tokenizer is needed, and an equal prefix gives equal blocks whatever the counts of the two calls.
 */
import { createHmac } from 'node:crypto';
import { inputSideTokens } from '../record.ts';
import type { UsageRecord } from '../record.ts';
import { canonicalPrompt } from './canonical-prompt.ts';
import { promptTexts } from './message-text.ts';

export interface Fingerprint {
  /** HMAC-SHA-256 of the whole prompt, 128 bits in hex */
  readonly promptHash: string;
  /** 64-bit hashes, signed; prefix-chained */
  readonly blocks: readonly bigint[];
  /** tokens one block of this prompt stands for */
  readonly blockTokens: number;
}

/** Tokens of a block where a source gives blocks without saying their size. */
const DEFAULT_BLOCK_TOKENS = 128;
/** About 128 tokens of English prose. */
const BLOCK_BYTES = 512;
/** A prompt of more blocks than the largest context window holds is a defect of the log. */
const MAX_BLOCKS = 1 << 20;

/**
 * The fingerprint of a record's prompt under the owner's key, or null where there is nothing to go by: no text, a placeholder, no
 * tokens. What the source itself gives is kept: whole numbers as they are, names hashed; `promptHash` is always hashed again.
 */
export function fingerprint(record: UsageRecord, key: Uint8Array): Fingerprint | null {
  const given = record.promptBlocks ?? [];
  if (given.length > 0) return givenFingerprint(record, given, key);
  const tokens = inputSideTokens(record);
  const hash = record.promptHash === null ? null : hashOf(key, `prompt:${record.promptHash}`);
  if (tokens === 0 || promptTexts(record.promptText) === null) {
    return hash === null
      ? null
      : { promptHash: hash, blocks: [], blockTokens: record.blockTokens ?? DEFAULT_BLOCK_TOKENS };
  }
  const bytes = canonicalPrompt(record.promptText);
  return {
    promptHash: hash ?? hashOf(key, bytes),
    blocks: chainedBlocks(bytes, key),
    blockTokens: Math.max(1, Math.round((tokens * BLOCK_BYTES) / bytes.length)),
  };
}

function chainedBlocks(bytes: Buffer, key: Uint8Array): bigint[] {
  const blocks: bigint[] = [];
  let chain: Uint8Array = new Uint8Array(0);
  for (let from = 0; from < bytes.length && blocks.length < MAX_BLOCKS; from += BLOCK_BYTES) {
    chain = createHmac('sha256', key)
      .update(chain)
      .update(bytes.subarray(from, from + BLOCK_BYTES))
      .digest();
    blocks.push(signed64(chain));
  }
  return blocks;
}

/** Blocks of the source are prefix-chained already (the contract of the native format), so the last one stands for the whole. */
function givenFingerprint(record: UsageRecord, given: readonly (number | string)[], key: Uint8Array): Fingerprint {
  const blocks = given.slice(0, MAX_BLOCKS).map((block) => {
    const isId = typeof block === 'number' && Number.isSafeInteger(block);
    return isId ? BigInt(block) : signed64(createHmac('sha256', key).update(`block:${block}`).digest());
  });
  return {
    promptHash: hashOf(key, `prompt:${record.promptHash ?? given.join(',')}`),
    blocks,
    blockTokens: record.blockTokens ?? DEFAULT_BLOCK_TOKENS,
  };
}

function hashOf(key: Uint8Array, content: string | Uint8Array): string {
  return createHmac('sha256', key).update(content).digest('hex').slice(0, 32);
}

function signed64(digest: Uint8Array): bigint {
  return new DataView(digest.buffer, digest.byteOffset, 8).getBigInt64(0);
}
