/**
 * Who pays. In: a normalized call, its canonical model, its instant and its object. Out: team, project, … and what decided them. The first
 * rule of the config that matches and was in force when the call happened decides what it sets; everything else comes from the strongest
 * evidence the call offers, in the order of formats.md 0.7 (2026-11). `unattributed` is an answer, never an omission.
 */
import { createHash } from 'node:crypto';
import { EVIDENCE_LEVELS } from '../config-schema.ts';
import type { AttributionRule, Config, EvidenceLevel } from '../config-schema.ts';
import { UNALLOCATED, teamKey } from '../team-name.ts';
import type { Attribution, ObjectContext, UsageRecord } from '../record.ts';
import { createAccounts, createBillingModes } from './billing.ts';
import { sized, subjectMatcher, subjectText, visible } from './match.ts';
import type { Subject, SubjectMatcher } from './match.ts';
import { pathEvidence } from './path-evidence.ts';
import type { PathEvidence } from './path-evidence.ts';
import { createRecentDecisions } from './recent-decisions.ts';
import { inForce, stretches, validity } from './validity.ts';
import type { Validity } from './validity.ts';

type ObjectPlace = Pick<ObjectContext, 'key' | 'pathPairs'>;

export interface Attributor {
  /** Decides one call. `model` is the canonical id; the record is not changed. */
  attribute(record: UsageRecord, model: string, occurredAtMs: number, object: ObjectPlace): Attribution;
  /** The account that pays, by config `accounts`, else as the line says; null = the provider's one account. Customer rates depend on it. */
  accountOf(record: UsageRecord, object: ObjectPlace): string | null;
  /** Changes whenever the same call could be attributed otherwise; part of every row's stamp. */
  readonly version: string;
}

/** Raised when this stage decides otherwise under an unchanged config, so that stored rows are attributed again. */
const ATTRIBUTION_VERSION = 1;
const UNATTRIBUTED = { team: null, level: 'unattributed', strength: 9 };
/** Decisions kept. A log has few distinct combinations of what rules look at; a log that has more only costs the time to decide again. */
const MAX_DECISIONS = 50_000;

/** Compiles the config's rules once for a run. */
export function createAttributor(config: Config): Attributor {
  const decide = createDecider(config);
  const accounts = createAccounts(config);
  const entries = [...config.attribution.rules, ...config.billing];
  const stretchOf = stretches(entries.map(validity));
  const textOf = subjectText([...entries, ...config.accounts].map((entry) => entry.match));
  const providerMatters = config.accounts.length > 0;
  const decisions = new Map<string, Attribution>();
  const recent = createRecentDecisions();
  let object: ObjectPlace | null = null;
  let path = pathEvidence(config, { key: '', pathPairs: {} });
  let pathText = '';

  return {
    version: versionOf(config),
    accountOf: (record, place) => accounts(record, place.key),
    attribute(record, model, occurredAtMs, place) {
      if (place !== object) {
        object = place;
        path = pathEvidence(config, place);
        pathText = [...Object.values(path.names), ...path.pairTeams].map(sized).join('');
      }
      const stretch = stretchOf(occurredAtMs);
      const matched = textOf(record, place.key, model);
      const circumstances = { stretch, path: pathText, matched };
      const lately = recent.find(record, circumstances);
      if (lately !== null) return lately;
      const key = `${stretch};${pathText};${decisionText(record, providerMatters)};${matched}`;
      let decision = decisions.get(key);
      if (decision === undefined) {
        const account = accounts(record, place.key);
        decision = decide({ record, path: place.key, model, account }, path, occurredAtMs);
        if (decisions.size >= MAX_DECISIONS) decisions.clear();
        decisions.set(key, decision);
      }
      recent.remember(record, circumstances, decision);
      return decision;
    },
  };
}

/** Everything a decision can depend on besides what the config's matches name. */
function decisionText(record: UsageRecord, withProvider: boolean): string {
  const e = record.evidence;
  const names =
    sized(e.teamTag) +
    sized(e.gatewayTeam) +
    sized(e.project) +
    sized(e.workspace) +
    sized(e.keyName) +
    sized(e.principal);
  const finer = sized(e.application) + sized(e.environment) + sized(e.feature) + sized(e.customer);
  const payment =
    sized(record.billingAccountId) + sized(record.billingMode) + (withProvider ? sized(record.provider) : '');
  return `${names}${finer}${payment}${record.isSession ? 's' : 'c'}${record.tier === 'provisioned' ? 'p' : 'o'}`;
}

type Decider = (subject: Subject, path: PathEvidence, atMs: number) => Attribution;
interface CompiledRule {
  readonly rule: AttributionRule;
  readonly matches: SubjectMatcher;
  readonly valid: Validity;
}

function createDecider(config: Config): Decider {
  const rules = config.attribution.rules.map((rule): CompiledRule => ({
    rule,
    matches: subjectMatcher(rule.match),
    valid: validity(rule),
  }));
  const billingModes = createBillingModes(config);
  const canonical = canonicalTeams(config);
  return (subject, path, atMs) => {
    const rule = rules.find((r) => inForce(r.valid, atMs) && r.matches(subject))?.rule;
    const set = rule?.set ?? {};
    const e = subject.record.evidence;
    const owner =
      rule && set.team !== undefined
        ? { team: set.team, level: `rule:${rule.id}`, strength: 0 }
        : ownerByEvidence(subject.record, path, config.attribution.order);
    return {
      team: owner.team === null ? null : canonical(owner.team),
      project: set.project ?? visible(e.project ?? e.workspace) ?? path.names.project,
      application: set.application ?? visible(e.application) ?? path.names.application,
      environment: set.environment ?? visible(e.environment) ?? path.names.environment,
      feature: set.feature ?? visible(e.feature) ?? path.names.feature,
      customer: set.customer ?? visible(e.customer) ?? path.names.customer,
      level: owner.level,
      strength: owner.strength,
      billingMode: billingModes(subject, atMs),
      billingAccountId: subject.account,
    };
  };
}

/** The team by the first level of `order` that offers one; strength is the place in that order, 1 the strongest. */
function ownerByEvidence(
  record: UsageRecord,
  path: PathEvidence,
  order: readonly EvidenceLevel[],
): { team: string | null; level: string; strength: number } {
  const e = record.evidence;
  const offered: Readonly<Record<EvidenceLevel, string | null>> = {
    // a tag that only repeats a `team=…` folder is the folder's word
    tag: e.teamTag !== null && path.pairTeams.has(e.teamTag) ? null : e.teamTag,
    gateway_team: e.gatewayTeam,
    project: e.project,
    workspace: e.workspace,
    key: e.keyName,
    principal: e.principal,
    path: path.names.team,
  };
  for (const [place, level] of order.entries()) {
    const team = visible(offered[level]);
    if (team !== null && isTeam(team)) return { team, level, strength: place + 1 };
  }
  return UNATTRIBUTED;
}

/** Blank text names nobody, and neither does the word under which spend without a team is shown. */
function isTeam(text: string): boolean {
  const key = teamKey(text);
  return key !== '' && key !== UNALLOCATED;
}

/** The one spelling of a team: as the config's `teams` has it, else as it came. */
function canonicalTeams(config: Config): (team: string) => string {
  const names = new Map(
    (config.teams ?? []).flatMap((team) =>
      [team.name, ...(team.aliases ?? [])].map((alias) => [teamKey(alias), team.name]),
    ),
  );
  return (team) => names.get(teamKey(team)) ?? team.trim();
}

function versionOf(config: Config): string {
  const relevant = {
    version: ATTRIBUTION_VERSION,
    levels: EVIDENCE_LEVELS,
    attribution: config.attribution,
    teams: config.teams ?? [],
    accounts: config.accounts,
    billing: config.billing,
  };
  return createHash('sha256').update(stableText(relevant)).digest('hex').slice(0, 12);
}

/** JSON with the keys of every object in order: the order of keys in the file decides nothing. */
function stableText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
