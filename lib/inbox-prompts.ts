/**
 * The prompts of an inbox, one by one: objects are read, normalized and attributed as the ledger does it. In: an object store, the tools of a pass.
 * Out: each call with its texts, which no one may keep. Invariant: nothing is written, and what cannot be read is passed over (it is the ledger's
 * business).
 *
 * Given are calls that were answered and billed on demand, chat or completion. Copies of a call in several logs are all given: the ledger counts it
 * once, and a share is the same for two.
 */
import { hash } from 'node:crypto';
import { promptTexts } from './count/message-text.ts';
import { createPlaceholderDetector } from './count/placeholder-detector.ts';
import type { PlaceholderDetector } from './count/placeholder-detector.ts';
import { decide } from './decide.ts';
import { Transient, UnreadableObject } from './errors.ts';
import { objectContext, skipObject } from './ingest/object-key.ts';
import { readItems } from './ingest/records.ts';
import type { PassTools } from './object-pass.ts';
import type { ObjectInfo, ObjectStore } from './ports.ts';
import { inputSideTokens } from './record.ts';
import type { JsonValue, ObjectContext, UsageRecord } from './record.ts';
import { dayOf } from './time.ts';

export interface PromptInput {
  readonly inbox: ObjectStore;
  readonly tools: PassTools;
  readonly maxObjectBytes: number;
}

/** A call and the texts of its prompt. */
export interface InboxPrompt {
  readonly record: UsageRecord;
  readonly texts: readonly string[];
  /** the line that it is told by; null where it is told by several */
  readonly line: JsonValue | null;
  /** session, or day for a call without one: calls of one are alike */
  readonly cluster: string;
  readonly application: string | null;
  readonly team: string | null;
  /** as table `usage` has it */
  readonly model: string;
}

type Visit = (prompt: InboxPrompt) => void;

interface Pass {
  readonly tools: PassTools;
  readonly context: ObjectContext;
  readonly placeholders: PlaceholderDetector;
  readonly visit: Visit;
}

/** Reads the whole inbox once. */
export async function forEachPrompt(input: PromptInput, visit: Visit): Promise<void> {
  for await (const info of input.inbox.list('')) {
    if (skipObject(info.key, info.bytes) !== null || info.bytes > input.maxObjectBytes) continue;
    try {
      await readObject(input, info, visit);
    } catch (error) {
      if (!(error instanceof UnreadableObject || error instanceof Transient)) throw error;
    }
  }
}

async function readObject({ inbox, tools }: PromptInput, listed: ObjectInfo, visit: Visit): Promise<void> {
  const { info, body } = await inbox.open(listed.key);
  const context = objectContext(info.key, info.lastModifiedMs);
  const normalizer = tools.normalizer();
  const pass: Pass = { tools, context, placeholders: createPlaceholderDetector(), visit };
  for await (const items of readItems(body, info.key, tools.limits)) {
    for (const item of items) {
      if ('skip' in item || 'bad' in item) continue;
      const place = { object: context, line: item.line, outer: null };
      const { outcome } = normalizer.normalizeLine(item.value, place, item.header);
      if (outcome.kind === 'usage') for (const record of outcome.records) visitRecord(pass, record, item.value);
    }
  }
  for (const { record } of normalizer.finish(context)) visitRecord(pass, record, null);
}

function visitRecord({ tools, context, placeholders, visit }: Pass, record: UsageRecord, line: JsonValue | null): void {
  if (record.grain !== 'call' || record.status !== 'ok' || record.isReplica) return;
  if (record.operation !== 'chat' && record.operation !== 'completion') return;
  const texts = promptTexts(record.promptText);
  if (texts === null || isPlaceholder(placeholders, record, texts)) return;
  const occurredAtMs = record.occurredAtMs ?? context.keyTimeMs ?? context.lastModifiedMs;
  const cluster = record.sessionId === null ? dayOf(occurredAtMs) : `${record.provider} ${record.sessionId}`;
  // credentials are hidden first, as in the ledger: rules see the name under which it keeps a key
  tools.privacy.hideSecrets(record);
  const { attribution, priced } = decide(tools, record, occurredAtMs, context);
  if (attribution.billingMode !== 'on_demand') return;
  const { application, team } = attribution;
  visit({ record, texts, line, cluster, application, team, model: priced.model });
}

/** One text under many calls of differing length is not what was sent. */
function isPlaceholder(placeholders: PlaceholderDetector, record: UsageRecord, texts: readonly string[]): boolean {
  const source = `${record.sourceFormat} ${record.modelReported}`;
  return placeholders.see(source, hash('sha256', JSON.stringify(texts)), inputSideTokens(record));
}
