/**
 * How a call is paid and by which account. Token value is not spend, so a mode needs evidence: the config, the line itself, or the nature
 * of the source; an agent session with none of them is `unknown` and has no cost.
 */
import type { Config } from '../config.ts';
import type { BillingMode, UsageRecord } from '../record.ts';
import { fromIso } from '../time.ts';
import { recordMatcher } from './match.ts';

export interface Billing {
  modeOf(record: UsageRecord, path: string, model: string, atMs: number): BillingMode;
  /** the provider's account; null means its one account */
  accountOf(record: UsageRecord, path: string, model: string): string | null;
  /** instants at which a billing rule starts or ends */
  readonly boundaries: readonly number[];
}

export function createBilling(config: Config): Billing {
  const modes = config.billing.map((b) => ({
    mode: b.mode,
    matches: recordMatcher(b.match),
    fromMs: b.from === undefined ? -Infinity : (fromIso(b.from) ?? -Infinity),
    toMs: b.to === undefined ? Infinity : (fromIso(b.to) ?? Infinity),
  }));
  const accounts = config.accounts.map((a) => ({ ...a, matches: recordMatcher(a.match) }));
  return {
    boundaries: modes.flatMap((m) => [m.fromMs, m.toMs]),
    modeOf(record, path, model, atMs) {
      const found = modes.find((m) => atMs >= m.fromMs && atMs < m.toMs && m.matches(record, path, model));
      if (found) return found.mode;
      if (record.billingMode !== null) return record.billingMode;
      if (record.tier === 'provisioned') return 'provisioned';
      return record.isSession ? 'unknown' : 'on_demand';
    },
    accountOf(record, path, model) {
      const found = accounts.find((a) => a.provider === record.provider && a.matches(record, path, model));
      return found?.account ?? record.billingAccountId;
    },
  };
}
