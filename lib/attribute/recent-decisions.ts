/**
 * The decisions made last, found by comparing what they rest on: neighbors in a log are alike, and comparing fields costs a fraction of
 * building a text of them. In: a record and what else its decision can depend on. Out: the decision, or null if it was not made lately.
 * Invariant: a decision is found only for a record that agrees in everything `rules.ts` lets a decision depend on.
 */
import type { Attribution, Evidence, UsageRecord } from '../record.ts';

/** What a decision depends on besides the record's own evidence and payment. */
export interface Circumstances {
  /** stretch of time within which the same rules are in force */
  readonly stretch: number;
  /** folders of the object, as text */
  readonly path: string;
  /** what the config's matches look at, as text */
  readonly matched: string;
}

export interface RecentDecisions {
  find(record: UsageRecord, circumstances: Circumstances): Attribution | null;
  remember(record: UsageRecord, circumstances: Circumstances, decision: Attribution): void;
}

interface Entry extends Circumstances {
  readonly evidence: Evidence;
  readonly billingAccountId: string | null;
  readonly billingMode: string | null;
  readonly provider: string;
  readonly isSession: boolean;
  readonly isProvisioned: boolean;
  readonly decision: Attribution;
}

/** Entries under one team; the oldest makes room. */
const PER_TEAM = 24;
/** A hostile log has a team per line. */
const MAX_TEAMS = 4096;

export function createRecentDecisions(): RecentDecisions {
  const byTeam = new Map<string | null, { entries: Entry[]; oldest: number }>();
  return {
    find(record, circumstances) {
      const own = byTeam.get(teamOf(record.evidence));
      if (own === undefined) return null;
      for (const entry of own.entries) if (isLike(entry, record, circumstances)) return entry.decision;
      return null;
    },
    remember(record, { stretch, path, matched }, decision) {
      const team = teamOf(record.evidence);
      let own = byTeam.get(team);
      if (own === undefined) {
        if (byTeam.size >= MAX_TEAMS) byTeam.clear();
        own = { entries: [], oldest: 0 };
        byTeam.set(team, own);
      }
      const { billingAccountId, billingMode, provider, isSession } = record;
      const entry: Entry = {
        stretch,
        path,
        matched,
        evidence: { ...record.evidence },
        billingAccountId,
        billingMode,
        provider,
        isSession,
        isProvisioned: record.tier === 'provisioned',
        decision,
      };
      if (own.entries.length < PER_TEAM) own.entries.push(entry);
      else {
        own.entries[own.oldest] = entry;
        own.oldest = (own.oldest + 1) % PER_TEAM;
      }
    },
  };
}

function teamOf(evidence: Evidence): string | null {
  return evidence.teamTag ?? evidence.gatewayTeam;
}

function isLike(entry: Entry, record: UsageRecord, circumstances: Circumstances): boolean {
  const a = entry.evidence;
  const b = record.evidence;
  return (
    // providers are few constants: comparing them costs next to nothing and tells most entries apart
    entry.provider === record.provider &&
    a.feature === b.feature &&
    a.application === b.application &&
    a.keyName === b.keyName &&
    a.principal === b.principal &&
    a.teamTag === b.teamTag &&
    a.gatewayTeam === b.gatewayTeam &&
    a.project === b.project &&
    a.workspace === b.workspace &&
    a.environment === b.environment &&
    a.customer === b.customer &&
    entry.billingAccountId === record.billingAccountId &&
    entry.billingMode === record.billingMode &&
    entry.isSession === record.isSession &&
    entry.isProvisioned === (record.tier === 'provisioned') &&
    entry.stretch === circumstances.stretch &&
    entry.path === circumstances.path &&
    entry.matched === circumstances.matched
  );
}
