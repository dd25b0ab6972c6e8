/**
 * How a call is paid, and by which account of the provider. In: the config and a call. Out: a billing mode and an account id. Token value
 * is not spend, so a mode rests on evidence: the config, else the line itself, else the nature of the source; a coding agent's session
 * file without any of them is `unknown` and costs nothing known, because most agents run on plans.
 */
import type { Config } from '../config-schema.ts';
import type { BillingMode, UsageRecord } from '../record.ts';
import { inForce, validity } from './validity.ts';
import { subjectMatcher } from './match.ts';
import type { Subject } from './match.ts';
import { matcherOf } from './pattern.ts';

/** Says how a call is paid; `atMs` is the instant of the call. */
export type BillingModes = (subject: Subject, atMs: number) => BillingMode;
/** Says which account pays a call read from the object `path`; null means the provider's one account. */
export type Accounts = (record: UsageRecord, path: string) => string | null;

/** Compiles config `billing`; the first entry that matches and is in force decides. */
export function createBillingModes(config: Config): BillingModes {
  const entries = config.billing.map((entry) => ({
    mode: entry.mode,
    matches: subjectMatcher(entry.match),
    valid: validity(entry),
  }));
  return (subject, atMs) => {
    const found = entries.find((entry) => inForce(entry.valid, atMs) && entry.matches(subject));
    return found?.mode ?? modeByEvidence(subject.record);
  };
}

/** What the line says of its own payment, else what its source makes likely. */
function modeByEvidence(record: UsageRecord): BillingMode {
  if (record.billingMode !== null) return record.billingMode;
  if (record.tier === 'provisioned') return 'provisioned';
  return record.isSession ? 'unknown' : 'on_demand';
}

/** Compiles config `accounts`; the first entry that matches decides, else the account the line names. */
export function createAccounts(config: Config): Accounts {
  const entries = config.accounts.map((entry) => ({
    account: entry.account,
    isProvider: matcherOf(entry.provider),
    matches: subjectMatcher(entry.match),
  }));
  return (record, path) => {
    if (entries.length === 0) return record.billingAccountId;
    const subject: Subject = { record, path, model: record.modelReported, account: record.billingAccountId };
    const found = entries.find((entry) => entry.isProvider(record.provider) && entry.matches(subject));
    return found?.account ?? record.billingAccountId;
  };
}
