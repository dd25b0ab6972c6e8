/**
 * Who a call belongs to, as the line itself tells: tags, metadata, headers, the envelope around it and the folders it lies in.
 * Collects candidates only; which one decides is the attribute stage's business. Values that look like secrets or like text are
 * never taken over: tags are identifiers, not prompts.
 */
import { looksSecret } from '../secret.ts';
import { fromAny } from '../time.ts';
import { setNamed } from '../record.ts';
import type { Evidence, JsonValue, LineContext, UsageRecord } from '../record.ts';
import { firstText, isObject, objectAt } from './fields.ts';

const MAX_TAGS = 64;
const MAX_TAG_LENGTH = 256;

/** Metadata keys that hold text or credentials in the wild: never kept as tags. */
const NOT_A_TAG =
  /^(prompts?|messages?|contents?|input|output|response|request|text|body|completion|api_?key|x-api-key|authorization|auth|token|secret|password|headers|cookie|usage|usage_object)$/i;

type EvidenceTarget =
  | Extract<keyof Evidence, 'teamTag' | 'project' | 'application' | 'environment' | 'feature' | 'customer'>
  | 'user'
  | 'session';

const EVIDENCE_KEYS: Readonly<Record<string, EvidenceTarget>> = {
  team: 'teamTag',
  team_name: 'teamTag',
  team_alias: 'teamTag',
  'x-team': 'teamTag',
  project: 'project',
  project_name: 'project',
  application: 'application',
  app: 'application',
  app_name: 'application',
  service: 'application',
  environment: 'environment',
  env: 'environment',
  feature: 'feature',
  customer: 'customer',
  customer_id: 'customer',
  tenant: 'customer',
  user: 'user',
  user_id: 'user',
  session: 'session',
  session_id: 'session',
  conversation_id: 'session',
};

/** What a tag of this name is: no tag at all, a tag and no more, or evidence too. */
type TagTarget = EvidenceTarget | 'tag' | 'none';

/** Names seen before: a log has few. */
const targets = new Map<string, TagTarget>();
const MAX_TARGETS = 4096;

/** The names seen first, which are compared before any is looked up: they are one object wherever a log repeats them. */
const early: { readonly key: string; readonly target: TagTarget }[] = [];
const MAX_EARLY = 12;

function targetOf(key: string): TagTarget {
  for (const known of early) if (known.key === key) return known.target;
  const target = lookedUp(key);
  if (early.length < MAX_EARLY) early.push({ key, target });
  return target;
}

function lookedUp(key: string): TagTarget {
  let target = targets.get(key);
  if (target === undefined) {
    target = key.length > 128 || NOT_A_TAG.test(key) ? 'none' : (EVIDENCE_KEYS[key.toLowerCase()] ?? 'tag');
    if (targets.size >= MAX_TARGETS) targets.clear();
    targets.set(key, target);
  }
  return target;
}

/** Takes one tag over, and the evidence it carries. Later tags of the same name win; evidence keeps the first. */
export function applyTag(record: UsageRecord, key: string, value: JsonValue | undefined): void {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return;
  const text = String(value);
  const target = targetOf(key);
  if (text === '' || text.length > MAX_TAG_LENGTH || target === 'none' || looksSecret(text)) return;
  if (isFull(record.tags, key)) return;
  setNamed(record.tags, key, text);
  if (target !== 'tag') applyEvidence(record, target, text);
}

/** Whether one more name would be too many. Counted only while there are some: most lines have a handful. */
function isFull(tags: Readonly<Record<string, string>>, key: string): boolean {
  let count = 0;
  for (const name in tags) {
    if (name === key) return false;
    count++;
  }
  return count >= MAX_TAGS;
}

/** Spelled out, because a field reached by a name that varies costs several times as much. */
function applyEvidence(record: UsageRecord, target: EvidenceTarget, text: string): void {
  const { evidence } = record;
  switch (target) {
    case 'user':
      record.userId ??= text;
      return;
    case 'session':
      record.sessionId ??= text;
      return;
    case 'teamTag':
      evidence.teamTag ??= text;
      return;
    case 'project':
      evidence.project ??= text;
      return;
    case 'application':
      evidence.application ??= text;
      return;
    case 'environment':
      evidence.environment ??= text;
      return;
    case 'feature':
      evidence.feature ??= text;
      return;
    case 'customer':
      evidence.customer ??= text;
  }
}

/** Takes over a map of tags (`metadata`, `requestMetadata`, `labels`, `properties`). Nested values are not tags. */
export function applyTags(record: UsageRecord, tags: JsonValue | undefined): void {
  if (!isObject(tags)) return;
  for (const key in tags) applyTag(record, key, tags[key]);
}

/** Takes over a list of tags, where `team:alpha` and `team=alpha` are pairs and anything else is a tag without a value. */
export function applyTagList(record: UsageRecord, tags: JsonValue | undefined): void {
  if (!Array.isArray(tags)) return;
  for (const tag of tags) {
    if (typeof tag !== 'string') continue;
    const cut = tag.search(/[:=]/);
    if (cut > 0) applyTag(record, tag.slice(0, cut).trim(), tag.slice(cut + 1).trim());
    else applyTag(record, tag, 'true');
  }
}

/** Fields an application's own envelope commonly writes next to the response, tried in this order. */
const OUTER_TIMES = [
  'timestamp',
  'time',
  'created_at',
  'createdAt',
  'ts',
  '@timestamp',
  'logged_at',
  'date',
  'eventTime',
];

/**
 * Completes a record from its envelope and its object's folders: time if it has none, tags, team, user, session, latency.
 * What the record itself says always wins.
 */
export function applySurroundings(record: UsageRecord, context: LineContext): void {
  const { outer, object } = context;
  if (outer) {
    for (const key of OUTER_TIMES) {
      if (record.occurredAtMs !== null) break;
      record.occurredAtMs = fromAny(outer[key]);
    }
    for (const key in outer) {
      const target = targetOf(key);
      if (target !== 'tag' && target !== 'none') applyTag(record, key, outer[key]);
    }
    applyTags(record, outer['tags']);
    applyTagList(record, outer['tags']);
    applyTags(record, outer['metadata']);
    applyTags(record, outer['labels']);
    const request = objectAt(outer, 'request');
    applyTags(record, request?.['metadata']);
    applyTags(record, request?.['labels']);
    record.userId ??= firstText(request, 'user', 'safety_identifier');
    if (record.latencyMs === null) {
      const latency = outer['latency_ms'] ?? outer['duration_ms'];
      if (typeof latency === 'number' && latency >= 0) record.latencyMs = Math.round(latency);
    }
  }
  for (const key in object.pathPairs) applyTag(record, key, object.pathPairs[key]);
}

/** Surroundings in which a line's own time stands for records inside it that have none: it wins over the time of a wrapper. */
export function timedBy(context: LineContext, time: JsonValue | undefined): LineContext {
  return time === undefined || time === null ? context : { ...context, outer: { ...context.outer, timestamp: time } };
}
