/**
 * Fingerprints of prompts for cache simulation: keyed hashes of fixed blocks, each chained on the one before, so that equal hashes mean
 * equal prefixes and nobody without the key can test a guess. No text leaves this file. Blocks are cut by bytes and scaled to the
 * reported token count, so no tokenizer is needed.
 */
import { createHmac } from 'node:crypto';
import { inputSideTokens } from '../record.ts';
import type { UsageRecord } from '../record.ts';
import { promptTexts } from './message-text.ts';

export interface Fingerprint {
  readonly promptHash: string;
  /** 64-bit hashes, signed; prefix-chained */
  readonly blocks: readonly bigint[];
  readonly blockTokens: number;
}

/** Tokens of a block where a source gives blocks without saying their size. */
export const DEFAULT_BLOCK_TOKENS = 128;
/** Blocks are cut by bytes, so that equal prefixes give equal blocks whatever the token counts; 512 bytes are about 128 tokens. */
const BLOCK_BYTES = 512;
/** Source-given blocks beyond this are a defect of the log. */
const MAX_BLOCKS = 1 << 20;

/**
 * The fingerprint of a record's prompt, or null where there is nothing to go by. Blocks that the source gives are kept: whole numbers
 * as they are, names hashed.
 */
export function fingerprint(record: UsageRecord, key: Uint8Array): Fingerprint | null {
  if (record.promptBlocks !== null || record.promptHash !== null) return givenFingerprint(record, key);
  const texts = promptTexts(record.promptText);
  const tokens = inputSideTokens(record);
  if (texts === null || tokens === 0) return null;
  const bytes = canonicalBytes(texts);
  const blocks: bigint[] = [];
  let chain: Uint8Array = new Uint8Array(0);
  for (let from = 0; from < bytes.length && blocks.length < MAX_BLOCKS; from += BLOCK_BYTES) {
    chain = createHmac('sha256', key).update(chain).update(bytes.subarray(from, from + BLOCK_BYTES)).digest();
    blocks.push(signed64(chain));
  }
  return {
    promptHash: createHmac('sha256', key).update(bytes).digest('hex').slice(0, 32),
    blocks,
    blockTokens: Math.max(1, Math.round((tokens * BLOCK_BYTES) / bytes.length)),
  };
}

function givenFingerprint(record: UsageRecord, key: Uint8Array): Fingerprint {
  const given = (record.promptBlocks ?? []).slice(0, MAX_BLOCKS);
  const blocks = given.map((block) => (typeof block === 'number' ? BigInt(block) : signed64(createHmac('sha256', key).update(`block:${block}`).digest())));
  const whole = record.promptHash ?? given.join(',');
  return {
    promptHash: createHmac('sha256', key).update(`prompt:${whole}`).digest('hex').slice(0, 32),
    blocks,
    blockTokens: record.blockTokens ?? DEFAULT_BLOCK_TOKENS,
  };
}

/** Message texts with their boundaries, so that moving a boundary changes the hash. */
function canonicalBytes(texts: readonly string[]): Buffer {
  return Buffer.from(texts.map((text) => `${text}\u0000`).join(''), 'utf8');
}

function signed64(digest: Uint8Array): bigint {
  return new DataView(digest.buffer, digest.byteOffset, 8).getBigInt64(0);
}
