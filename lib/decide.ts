/**
 * What is decided about a record once it is read: account, price, owner, cost, and how many rows hold it. In: a record with its instant and
 * its object's key. Out: a decision and its landing rows. A first reading (object-pass.ts) and a later change of mind (restamp.ts) both come
 * through here. Invariant: nothing is looked at that a landing row does not keep, so that deciding again needs no log.
 */
import { hash } from 'node:crypto';
import type { PersonPrivacy } from './attribute/privacy.ts';
import type { Attributor } from './attribute/rules.ts';
import type { Attribution, ObjectContext, Priced, UsageRecord } from './record.ts';
import { rowsNeeded, settleCost, splitRecord } from './settle.ts';
import type { Settled } from './settle.ts';
import type { LedgerRow } from './write/landing-row.ts';

/** What decides: price book, rules, and their common version. */
export interface DecideTools {
  readonly price: (record: UsageRecord, occurredAtMs: number) => Priced;
  readonly attributor: Attributor;
  readonly privacy: PersonPrivacy;
  readonly stamp: string;
}

export interface Decision {
  /** the account that pays, before any of its name is hidden */
  readonly account: string | null;
  readonly priced: Priced;
  readonly attribution: Attribution;
  readonly settled: Settled;
}

/** Decides one record. Credentials are hidden before, persons after; the record keeps the account its line named. */
export function decide(
  tools: DecideTools,
  record: UsageRecord,
  occurredAtMs: number,
  object: Pick<ObjectContext, 'key' | 'pathPairs'>,
): Decision {
  const account = tools.attributor.accountOf(record, object);
  const priced = priceUnderAccount(tools, record, occurredAtMs, account);
  const decided = tools.attributor.attribute(record, priced.model, occurredAtMs, object);
  const attribution = tools.privacy.cover(decided, record);
  return { account, priced, attribution, settled: settleCost(priced, attribution) };
}

/** Customer rates look at the account that pays; the one the line named is evidence and stays, since config `accounts` may change. */
function priceUnderAccount(
  tools: DecideTools,
  record: UsageRecord,
  occurredAtMs: number,
  account: string | null,
): Priced {
  const named = record.billingAccountId;
  if (account === named) return tools.price(record, occurredAtMs);
  record.billingAccountId = account;
  try {
    return tools.price(record, occurredAtMs);
  } finally {
    record.billingAccountId = named;
  }
}

/** What a landing row says besides the record and the decision. */
export type RowFacts = Pick<
  LedgerRow,
  'recordId' | 'altIds' | 'identity' | 'commitId' | 'line' | 'part' | 'occurredAtMs' | 'timeInferred'
>;

/** Room for the parts of a line: the rows that one part is split into lie this far apart. */
export const PARTS_PER_LINE = 1_000_000;

/** The landing rows of a decided record: one, or several equal ones where its cost is too large for a row. */
export function ledgerRows(
  tools: DecideTools,
  record: UsageRecord,
  decision: Decision,
  facts: RowFacts,
  /** how missing usage was counted: said where nothing else explains the cost */
  counted: string | null,
): readonly LedgerRow[] {
  const rows = rowsNeeded(decision.settled);
  if (rows === 1) return [rowOf(tools, record, decision, facts, counted)];
  const { account, attribution } = decision;
  return splitRecord(record, rows).map((part, i) => {
    const priced = priceUnderAccount(tools, part, facts.occurredAtMs, account);
    const own = { account, priced, attribution, settled: settleCost(priced, attribution) };
    return rowOf(tools, part, own, splitFacts(facts, i), counted);
  });
}

/** The first row stands for the record; the others have names that follow from its own, so that they can be found without the log. */
function splitFacts(facts: RowFacts, i: number): RowFacts {
  if (i === 0) return facts;
  const named = (id: string): string => hash('sha256', `${id}#split${i}`);
  return {
    ...facts,
    recordId: named(facts.recordId),
    altIds: facts.altIds.map(named),
    part: facts.part + i * PARTS_PER_LINE,
  };
}

function rowOf(
  tools: DecideTools,
  record: UsageRecord,
  { priced, attribution, settled }: Decision,
  facts: RowFacts,
  counted: string | null,
): LedgerRow {
  return {
    record,
    recordId: facts.recordId,
    altIds: facts.altIds,
    identity: facts.identity,
    commitId: facts.commitId,
    line: facts.line,
    part: facts.part,
    occurredAtMs: facts.occurredAtMs,
    timeInferred: facts.timeInferred,
    priced,
    attribution,
    costStatus: settled.status,
    costReason: settled.reason ?? counted,
    parts: settled.parts,
    cost: settled.cost,
    listCost: settled.listCost,
    stamp: tools.stamp,
  };
}
