/**
 * Who pays: the first rule of the config that matches and is in force when the call happened; else the strongest evidence the line
 * offers, in the order of formats.md 0.7. `unattributed` is an answer, never an omission.
 */
import { createHash } from 'node:crypto';
import { EVIDENCE_LEVELS } from '../config.ts';
import type { AttributionRule, Config } from '../config.ts';
import type { Attribution, ObjectContext, UsageRecord } from '../record.ts';
import { fromIso } from '../time.ts';
import { createBilling } from './billing.ts';
import { matchKey, recordMatcher } from './match.ts';
import type { RecordMatcher } from './match.ts';

export interface Attributor {
  attribute(record: UsageRecord, model: string, occurredAtMs: number, object: Pick<ObjectContext, 'key'>): Attribution;
  /** changes whenever the same record could be attributed otherwise */
  readonly version: string;
}

interface Rule {
  readonly rule: AttributionRule;
  readonly matches: RecordMatcher;
  readonly fromMs: number;
  readonly toMs: number;
}

const UNATTRIBUTED = 9;
/** Decisions kept; a log has few distinct combinations of what rules look at, but a hostile one may not. */
const MAX_DECISIONS = 50_000;

/** Compiles the config's rules once for a run. */
export function createAttributor(config: Config): Attributor {
  const rules = config.attribution.rules.map((rule): Rule => ({
    rule,
    matches: recordMatcher(rule.match),
    fromMs: rule.from === undefined ? -Infinity : (fromIso(rule.from) ?? -Infinity),
    toMs: rule.to === undefined ? Infinity : (fromIso(rule.to) ?? Infinity),
  }));
  const billing = createBilling(config);
  const teamNames = canonicalTeams(config);
  const tagKeys = [...new Set([...rules.map((r) => r.rule.match), ...config.billing.map((b) => b.match), ...config.accounts.map((a) => a.match)].flatMap((m) => Object.keys(m.tag ?? {})))];
  const boundaries = [...rules.flatMap((r) => [r.fromMs, r.toMs]), ...billing.boundaries].filter(Number.isFinite).toSorted((a, b) => a - b);
  const decisions = new Map<string, Attribution>();

  const decide = (record: UsageRecord, model: string, atMs: number, path: string): Attribution => {
    const found = rules.find((r) => atMs >= r.fromMs && atMs < r.toMs && r.matches(record, path, model));
    const evidence = strongestTeam(record, path, config);
    const set = found?.rule.set ?? {};
    const byRule = found !== undefined && set.team !== undefined;
    const team = byRule ? (set.team ?? null) : evidence.team;
    const e = record.evidence;
    return {
      team: team === null ? null : (teamNames.get(team.toLowerCase()) ?? team),
      project: set.project ?? e.project ?? e.workspace,
      application: set.application ?? e.application,
      environment: set.environment ?? e.environment,
      feature: set.feature ?? e.feature,
      customer: set.customer ?? e.customer,
      level: byRule ? `rule:${found.rule.id}` : evidence.level,
      strength: byRule ? 0 : evidence.strength,
      billingMode: billing.modeOf(record, path, model, atMs),
      billingAccountId: billing.accountOf(record, path, model),
    };
  };

  return {
    version: versionOf(config),
    attribute(record, model, occurredAtMs, object) {
      const segment = boundaries.findIndex((b) => occurredAtMs < b);
      const e = record.evidence;
      const key = `${segment}\n${record.billingMode}\n${record.isSession}\n${e.feature}\n${e.customer}\n${e.gatewayTeam}\n${matchKey(record, object.key, model, tagKeys)}`;
      let decision = decisions.get(key);
      if (decision === undefined) {
        decision = decide(record, model, occurredAtMs, object.key);
        if (decisions.size >= MAX_DECISIONS) decisions.clear();
        decisions.set(key, decision);
      }
      return decision;
    },
  };
}

function strongestTeam(record: UsageRecord, path: string, config: Config): { team: string | null; level: string; strength: number } {
  const e = record.evidence;
  for (const level of config.attribution.order) {
    const team = {
      tag: e.teamTag,
      gateway_team: e.gatewayTeam,
      project: e.project,
      workspace: e.workspace,
      key: e.keyName,
      principal: e.principal,
      path: pathTeam(path, config),
    }[level];
    if (team !== null) return { team, level, strength: 1 + EVIDENCE_LEVELS.indexOf(level) };
  }
  return { team: null, level: 'unattributed', strength: UNATTRIBUTED };
}

/** The folder of the key that the config says names the team. */
function pathTeam(path: string, config: Config): string | null {
  const segment = config.attribution.path?.team_segment;
  if (segment === undefined) return null;
  const folders = path.split('/').slice(0, -1);
  return folders[segment] ?? null;
}

function canonicalTeams(config: Config): Map<string, string> {
  const names = new Map<string, string>();
  for (const team of config.teams ?? []) for (const alias of [team.name, ...(team.aliases ?? [])]) names.set(alias.toLowerCase(), team.name);
  return names;
}

function versionOf(config: Config): string {
  const relevant = [config.attribution, config.teams ?? [], config.accounts, config.billing];
  return createHash('sha256').update(JSON.stringify(relevant)).digest('hex').slice(0, 12);
}
