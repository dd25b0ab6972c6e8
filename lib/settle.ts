/**
 * What a row costs, once its price and its billing mode are known. Token value is not spend: included usage costs 0 and keeps its list
 * value; usage whose billing nobody has proven has no cost at all. Large rows are split so that every row fits `decimal(18,12)`.
 */
import { addPico } from './money.ts';
import type { Pico } from './money.ts';
import type { Attribution, CostParts, CostStatus, Priced, UsageRecord } from './record.ts';

export interface Settled {
  readonly parts: CostParts | null;
  readonly cost: Pico | null;
  readonly listCost: Pico | null;
  readonly status: CostStatus;
  readonly reason: string | null;
}

const NOTHING: CostParts = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, other: 0 };

/** Exact sum of the five meters. */
export function totalOf(parts: CostParts): Pico {
  return addPico(addPico(addPico(parts.input, parts.cacheRead), addPico(parts.cacheWrite, parts.output)), parts.other);
}

/** Applies the billing mode to a priced record. */
export function settleCost(priced: Priced, attribution: Pick<Attribution, 'billingMode'>): Settled {
  const listCost = priced.list === null ? null : totalOf(priced.list);
  if (priced.status === 'free') return { parts: NOTHING, cost: 0, listCost: 0, status: 'free', reason: priced.reason };
  const mode = attribution.billingMode;
  if (mode === 'unknown')
    return { parts: null, cost: null, listCost, status: 'billing_unknown', reason: 'billing_mode_unknown' };
  if (mode !== 'on_demand') {
    // a billing mode that comes later must be decided here: it does not compile until then
    const reason = mode satisfies 'subscription' | 'provisioned' | 'free_tier';
    return { parts: NOTHING, cost: 0, listCost, status: 'included', reason };
  }
  const parts = priced.contracted;
  // without rates of the customer's own, both are one object
  const cost = parts === priced.list ? listCost : parts === null ? null : totalOf(parts);
  return { parts, cost, listCost, status: priced.status, reason: priced.reason };
}

/** A row holds at most this many dollars of list cost; decimal(18,12) ends at 999,999.999999999999. */
const MAX_ROW_PICO = 900_000n * 10n ** 12n;

/** Into how many equal rows a record must be split for its cost to fit. */
export function rowsNeeded({ cost, listCost }: Pick<Settled, 'cost' | 'listCost'>): number {
  // a safe integer of picodollars is below 9,008 dollars
  if (typeof cost !== 'bigint' && typeof listCost !== 'bigint') return 1;
  const costPico = BigInt(cost ?? 0);
  const listPico = BigInt(listCost ?? 0);
  const largest = costPico > listPico ? costPico : listPico;
  return largest > 0n ? Number(largest / MAX_ROW_PICO) + 1 : 1;
}

const COUNTED = [
  'calls',
  'inputTokens',
  'cacheReadTokens',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'outputTokens',
  'reasoningTokens',
  'audioInputTokens',
  'cachedAudioTokens',
  'audioOutputTokens',
  'imageInputTokens',
  'imageOutputTokens',
  'images',
  'webSearches',
  'characters',
] as const satisfies readonly (keyof UsageRecord)[];

/** Splits a record into `n` rows whose meters sum to it exactly; what does not divide goes to the first rows. */
export function splitRecord(record: UsageRecord, n: number): UsageRecord[] {
  return Array.from({ length: n }, (_, i) => {
    const row: UsageRecord = {
      ...record,
      linkIds: record.linkIds.map((l) => ({ ...l, value: i === 0 ? l.value : `${l.value}#split${i}` })),
    };
    for (const meter of COUNTED) row[meter] = Math.floor(record[meter] / n) + (i < record[meter] % n ? 1 : 0);
    if (record.audioSeconds !== null) row.audioSeconds = record.audioSeconds / n;
    if (i > 0) row.reportedCostPico = null;
    return row;
  });
}

/** The record that `splitRecord` made these rows of, as far as they tell it: the first one with the meters of all. */
export function joinRecords(rows: readonly UsageRecord[]): UsageRecord {
  const [first, ...others] = rows;
  if (first === undefined) throw new RangeError('no rows to join');
  const record: UsageRecord = { ...first };
  for (const row of others) {
    for (const meter of COUNTED) record[meter] += row[meter];
    if (record.audioSeconds !== null) record.audioSeconds += row.audioSeconds ?? 0;
  }
  return record;
}
