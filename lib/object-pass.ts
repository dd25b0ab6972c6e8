/**
 * One streaming pass over one object: bytes -> items -> records -> counted, priced, attributed -> landing rows. All work per record
 * happens here, once and in this order; nothing of a prompt or a key survives it.
 */
import { createHash } from 'node:crypto';
import { noCounts } from './commit.ts';
import type { ObjectCommit, ObjectCounts } from './commit.ts';
import type { TextCounters } from './count/text-counter.ts';
import { countMissing } from './count/usage-from-text.ts';
import { fingerprint } from './count/fingerprint.ts';
import { createPlaceholderDetector } from './count/placeholder-detector.ts';
import type { PlaceholderDetector } from './count/placeholder-detector.ts';
import { decide, ledgerRows } from './decide.ts';
import type { DecideTools } from './decide.ts';
import type { FirstSeen } from './first-seen.ts';
import { identify } from './identity.ts';
import { objectContext } from './ingest/object-key.ts';
import { readItems } from './ingest/records.ts';
import type { Item, ReadLimits } from './ingest/records.ts';
import { plainNames } from './secret.ts';
import { addPico } from './money.ts';
import type { Pico } from './money.ts';
import type { Normalizer } from './normalize/registry.ts';
import type { OpenedObject } from './ports.ts';
import type { JsonValue, LineContext, ObjectContext, Outcome, UsageRecord } from './record.ts';
import { inputSideTokens } from './record.ts';
import { MS_PER_DAY, isoDay } from './time.ts';
import type { LandingWriter } from './write/landing.ts';

/** What a pass needs besides the object; one per run. */
export interface PassTools extends DecideTools {
  readonly normalizer: () => Normalizer;
  /** for calls that came with text and without usage */
  readonly counters: TextCounters;
  readonly limits: ReadLimits;
  readonly hashKey: { readonly id: string; readonly bytes: Uint8Array };
}

/** Running counts of an object; becomes its commit. What is counted for every line is counted by number, names come at the end. */
type Tally = ObjectCounts & {
  cost: Pico;
  /** day number → rows */
  readonly rowsByDay: Map<number, number>;
  readonly linesByFormat: Map<string, number>;
};

/**
 * Reads one object to its end and lands its rows. Returns its commit; throws `Transient` if the object moved meanwhile and
 * `UnreadableObject` if its container cannot be read at all.
 */
export async function passObject(
  tools: PassTools,
  opened: OpenedObject,
  commitId: string,
  { landing, firstSeen }: { readonly landing: LandingWriter; readonly firstSeen: FirstSeen },
  report: (done: { bytes?: number; records?: number }) => void,
): Promise<ObjectCommit> {
  const { info } = opened;
  const context = objectContext(info.key, info.lastModifiedMs);
  const normalizer = tools.normalizer();
  const tally: Tally = { ...noCounts(), cost: 0, rowsByDay: new Map(), linesByFormat: new Map() };
  const digest = createHash('sha256');
  // per object, so that reading it again gives the same rows
  const placeholders = createPlaceholderDetector();
  const pass: Pass = { tools, normalizer, context, commitId, landing, firstSeen, tally, placeholders };
  const body = watched(opened.body, (chunk) => {
    digest.update(chunk);
    report({ bytes: chunk.length });
  });
  for await (const items of readItems(body, info.key, tools.limits)) {
    const before = tally.records;
    for (const item of items) landItem(pass, item);
    report({ records: tally.records - before });
    await landing.drain();
  }
  for (const { record, line } of normalizer.finish(context)) landRecord(pass, record, line, 0);
  await landing.drain();
  const { cost, rowsByDay, linesByFormat, ...counts } = tally;
  for (const [day, rows] of rowsByDay) counts.days[isoDay(day)] = rows;
  for (const [format, lines] of linesByFormat) counts.formats[format] = lines;
  return {
    commitId,
    object: tools.privacy.objectName(info.key),
    version: info.version,
    sequencer: info.sequencer,
    lastModifiedMs: info.lastModifiedMs,
    etag: digest.digest('hex'),
    bytes: info.bytes,
    outcome: 'landed',
    detail: null,
    ...counts,
    costPico: String(cost),
  };
}

interface Pass {
  readonly tools: PassTools;
  readonly normalizer: Normalizer;
  readonly context: ObjectContext;
  readonly commitId: string;
  readonly landing: LandingWriter;
  readonly firstSeen: FirstSeen;
  readonly tally: Tally;
  readonly placeholders: PlaceholderDetector;
}

function landItem(pass: Pass, item: Item): void {
  const { tally, normalizer, context } = pass;
  tally.lines++;
  if ('skip' in item) {
    count(tally.skips, item.skip);
    return;
  }
  if ('bad' in item) {
    reject(pass, item.line, item.bad, item.detail, null, '');
    return;
  }
  const { format, outcome } = normalizer.normalizeLine(
    item.value,
    { object: context, line: item.line, outer: null } satisfies LineContext,
    item.header,
  );
  if (format !== null) tally.linesByFormat.set(format, (tally.linesByFormat.get(format) ?? 0) + 1);
  landOutcome(pass, item.line, item.value, format, outcome);
}

function landOutcome(pass: Pass, line: number, value: JsonValue, format: string | null, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'skip':
      count(pass.tally.skips, outcome.reason);
      return;
    case 'bad':
      reject(pass, line, outcome.reason, outcome.detail, format, keyNames(value));
      return;
    case 'usage':
      pass.tally.usageLines++;
      for (let part = 0; part < outcome.records.length; part++)
        landRecord(pass, outcome.records[part] as UsageRecord, line, part);
      if (outcome.alsoBad)
        appendReject(pass, line, outcome.alsoBad.reason, outcome.alsoBad.detail, format, keyNames(value));
  }
}

/** One record to its end: time, identity, tokens, price, owner, cost, fingerprint, landing. */
function landRecord(pass: Pass, record: UsageRecord, line: number, part: number): void {
  const { tools, context, commitId, landing } = pass;
  const counted = countMissing(record, tools.counters);
  const identity = identify(record, context, line, part);
  const occurredAtMs = record.occurredAtMs ?? context.keyTimeMs ?? pass.firstSeen.timeOf(identity.recordId);
  // raw credentials go first: rules see the name under which the ledger keeps a key
  tools.privacy.hideSecrets(record);
  const decision = decide(tools, record, occurredAtMs, context);
  landPrompt(pass, record, identity.recordId, line, part, occurredAtMs);
  if (tools.privacy.hidesPersons) tools.privacy.apply(record);
  const facts = {
    recordId: identity.recordId,
    altIds: identity.altIds,
    identity: identity.kind,
    commitId,
    line,
    part,
    occurredAtMs,
    timeInferred: record.occurredAtMs === null,
  };
  const kind = record.grain === 'bucket' ? 'buckets' : record.isSession ? 'sessions' : 'calls';
  for (const row of ledgerRows(tools, record, decision, facts, counted)) {
    landing.append(kind, row);
    addToTally(pass.tally, row.record, occurredAtMs, row.cost, identity.kind);
  }
}

function landPrompt(
  pass: Pass,
  record: UsageRecord,
  recordId: string,
  line: number,
  part: number,
  occurredAtMs: number,
): void {
  const { tools, commitId, landing } = pass;
  const print = fingerprint(record, tools.hashKey.bytes);
  if (print === null) return;
  // one text under many calls of differing length is not what was sent: no fingerprint, so that it never becomes a cache hit
  const isPlaceholder =
    record.promptBlocks === null &&
    pass.placeholders.see(`${record.sourceFormat} ${record.modelReported}`, print.promptHash, inputSideTokens(record));
  if (isPlaceholder) return;
  landing.appendPrompt({
    recordId,
    commitId,
    line,
    part,
    occurredAtMs,
    sessionId: record.sessionId,
    hashKeyId: tools.hashKey.id,
    promptHash: print.promptHash,
    blocks: print.blocks,
    blockTokens: print.blockTokens,
  });
}

function addToTally(
  tally: Tally,
  record: UsageRecord,
  occurredAtMs: number,
  cost: Pico | null,
  identity: string,
): void {
  tally.records++;
  tally.inputTokens += inputSideTokens(record);
  tally.outputTokens += record.outputTokens;
  if (cost !== null) tally.cost = addPico(tally.cost, cost);
  if (identity === 'position') tally.positionRows++;
  if (tally.firstMs === null || occurredAtMs < tally.firstMs) tally.firstMs = occurredAtMs;
  if (tally.lastMs === null || occurredAtMs > tally.lastMs) tally.lastMs = occurredAtMs;
  const day = Math.floor(occurredAtMs / MS_PER_DAY);
  tally.rowsByDay.set(day, (tally.rowsByDay.get(day) ?? 0) + 1);
}

function reject(
  pass: Pass,
  line: number,
  reason: string,
  detail: string,
  formatGuess: string | null,
  keys: string,
): void {
  pass.tally.rejects++;
  appendReject(pass, line, reason, detail, formatGuess, keys);
}

function appendReject(
  pass: Pass,
  line: number,
  reason: string,
  detail: string,
  formatGuess: string | null,
  keys: string,
): void {
  pass.landing.appendReject({ commitId: pass.commitId, line, reason, detail, formatGuess, keys });
}

/** Key names of a line, for the person who must find out what it is. Names that are no plain names may be data and are left out. */
function keyNames(value: JsonValue): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  return plainNames(Object.keys(value), 24).join(' ');
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

async function* watched(body: AsyncIterable<Uint8Array>, see: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    see(chunk);
    yield chunk;
  }
}
