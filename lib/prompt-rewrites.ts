/**
 * Measures lossless rewrites on the prompts of an inbox: objects are read, normalized and attributed as the ledger does it, each prompt is
 * rewritten and counted by the ledger's own counter, and forgotten. In: an object store, the tools of a pass. Out: sums by application, team and
 * model. Invariant: no text outlives its line, nothing is written, and what cannot be read is passed over (it is the ledger's business).
 *
 * Kept are calls that a lever may touch: answered, billed on demand, chat or completion. Copies of a call in several logs are all measured: the
 * ledger counts it once, and a share is the same for two.
 */
import { hash } from 'node:crypto';
import { promptTexts } from './count/message-text.ts';
import { createPlaceholderDetector } from './count/placeholder-detector.ts';
import type { PlaceholderDetector } from './count/placeholder-detector.ts';
import type { TextCounters } from './count/text-counter.ts';
import { decide } from './decide.ts';
import { Transient, UnreadableObject } from './errors.ts';
import { objectContext, skipObject } from './ingest/object-key.ts';
import { readItems } from './ingest/records.ts';
import type { PassTools } from './object-pass.ts';
import type { ObjectInfo, ObjectStore } from './ports.ts';
import { inputSideTokens } from './record.ts';
import type { ObjectContext, UsageRecord } from './record.ts';
import { rewritePrompt } from './simulate/lossless-rewrites.ts';
import { createRewriteSums } from './simulate/measured-rewrites.ts';
import type { RewriteRow, RewriteSums, SavedTokens } from './simulate/measured-rewrites.ts';
import { dayOf } from './time.ts';

export interface RewriteInput {
  readonly inbox: ObjectStore;
  readonly tools: PassTools;
  readonly maxObjectBytes: number;
}

/** Team of calls that nobody owns, as table `usage` has it. */
const UNALLOCATED = 'unallocated';

/** Reads the whole inbox once. */
export async function measureRewrites(input: RewriteInput): Promise<RewriteRow[]> {
  const sums = createRewriteSums();
  for await (const info of input.inbox.list('')) {
    if (skipObject(info.key, info.bytes) !== null || info.bytes > input.maxObjectBytes) continue;
    try {
      await measureObject(input, info, sums);
    } catch (error) {
      if (!(error instanceof UnreadableObject || error instanceof Transient)) throw error;
    }
  }
  return sums.rows();
}

interface Pass {
  readonly tools: PassTools;
  readonly context: ObjectContext;
  readonly placeholders: PlaceholderDetector;
  readonly sums: RewriteSums;
}

async function measureObject({ inbox, tools }: RewriteInput, listed: ObjectInfo, sums: RewriteSums): Promise<void> {
  const { info, body } = await inbox.open(listed.key);
  const context = objectContext(info.key, info.lastModifiedMs);
  const normalizer = tools.normalizer();
  const pass: Pass = { tools, context, placeholders: createPlaceholderDetector(), sums };
  for await (const items of readItems(body, info.key, tools.limits)) {
    for (const item of items) {
      if ('skip' in item || 'bad' in item) continue;
      const place = { object: context, line: item.line, outer: null };
      const { outcome } = normalizer.normalizeLine(item.value, place, item.header);
      if (outcome.kind === 'usage') for (const record of outcome.records) measureRecord(pass, record);
    }
  }
  for (const { record } of normalizer.finish(context)) measureRecord(pass, record);
}

function measureRecord({ tools, context, placeholders, sums }: Pass, record: UsageRecord): void {
  if (record.grain !== 'call' || record.status !== 'ok' || record.isReplica) return;
  if (record.operation !== 'chat' && record.operation !== 'completion') return;
  const texts = promptTexts(record.promptText);
  if (texts === null || isPlaceholder(placeholders, record, texts)) return;
  const reportedTokens = inputSideTokens(record);
  const occurredAtMs = record.occurredAtMs ?? context.keyTimeMs ?? context.lastModifiedMs;
  const cluster = record.sessionId === null ? dayOf(occurredAtMs) : `${record.provider} ${record.sessionId}`;
  // credentials are hidden first, as in the ledger: rules see the name under which it keeps a key
  tools.privacy.hideSecrets(record);
  const { attribution, priced } = decide(tools, record, occurredAtMs, context);
  if (attribution.billingMode !== 'on_demand') return;
  sums.add({
    application: attribution.application,
    team: attribution.team ?? UNALLOCATED,
    model: priced.model,
    cluster,
    reportedTokens,
    ...countRewrites(tools.counters, record, texts),
  });
}

/** One text under many calls of differing length is not what was sent. */
function isPlaceholder(placeholders: PlaceholderDetector, record: UsageRecord, texts: readonly string[]): boolean {
  const source = `${record.sourceFormat} ${record.modelReported}`;
  return placeholders.see(source, hash('sha256', JSON.stringify(texts)), inputSideTokens(record));
}

/** Tokens of a prompt, and what of them each rewrite takes. A text that gets shorter by no token is left as it is. */
function countRewrites(
  counters: TextCounters,
  record: UsageRecord,
  texts: readonly string[],
): { textTokens: number; saved: SavedTokens } {
  const counter = counters.for(record.publisher ?? record.provider, record.modelReported);
  const saved = { json: 0, whitespace: 0, repeated: 0 };
  let textTokens = 0;
  for (const [at, { text, afterJson, afterWhitespace }] of rewritePrompt(texts).entries()) {
    const original = texts[at] as string;
    const before = counter.count(original);
    textTokens += before;
    if (text === original) continue;
    const tokensOf = (next: string, previous: string, known: number): number =>
      next === previous ? known : counter.count(next);
    const json = tokensOf(afterJson, original, before);
    const whitespace = tokensOf(afterWhitespace, afterJson, json);
    const after = tokensOf(text, afterWhitespace, whitespace);
    if (after >= before) continue;
    saved.json += before - json;
    saved.whitespace += json - whitespace;
    saved.repeated += whitespace - after;
  }
  return { textTokens, saved };
}
