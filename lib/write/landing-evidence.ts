/**
 * What prices and rules need again and no column tells, as JSON beside the row: attribution candidates that differ from what was decided,
 * and pricing inputs that are seldom set. Written while landing, read back by `landing-record.ts`; null for most rows.
 */
import type { Attribution, Evidence, JsonValue, UsageRecord } from '../record.ts';

/** The evidence that a row's own columns already tell: rules are applied again to these and to what `evidence` adds or corrects. */
export function evidenceInColumns(row: {
  readonly team: string | null;
  readonly attribution: string;
  readonly project: string | null;
  readonly application: string | null;
  readonly environment: string | null;
  readonly feature: string | null;
  readonly customer: string | null;
  readonly principal: string | null;
}): Evidence {
  return {
    teamTag: row.attribution === 'tag' ? row.team : null,
    gatewayTeam: row.attribution === 'gateway_team' ? row.team : null,
    project: row.project,
    workspace: null,
    keyName: row.attribution === 'key' ? row.team : null,
    principal: row.principal,
    application: row.application,
    environment: row.environment,
    feature: row.feature,
    customer: row.customer,
  };
}

/** Attribution candidates that differ from what the columns tell, as JSON; null for most rows. */
export function evidenceText(e: Evidence, a: Attribution): string | null {
  if (
    e.teamTag === (a.level === 'tag' ? a.team : null) &&
    e.gatewayTeam === (a.level === 'gateway_team' ? a.team : null) &&
    e.keyName === (a.level === 'key' ? a.team : null) &&
    e.workspace === null &&
    e.project === a.project &&
    e.application === a.application &&
    e.environment === a.environment &&
    e.feature === a.feature &&
    e.customer === a.customer
  ) {
    return null;
  }
  const told = evidenceInColumns({ ...a, attribution: a.level, principal: e.principal });
  const given: Record<string, JsonValue> = {};
  for (const key in e) {
    const name = key as keyof Evidence;
    if (e[name] !== told[name]) given[name] = e[name];
  }
  return JSON.stringify(given);
}

/** Pricing inputs that have no column of their own, as JSON without the neutral ones; null when all are neutral. */
export function extrasText(r: UsageRecord): string | null {
  const isPlain =
    r.requestedTier === null &&
    r.priceTier === null &&
    r.cachedAudioTokens === 0 &&
    r.imageInputTokens === 0 &&
    r.imageOutputTokens === 0 &&
    r.imageSpec === null &&
    r.characters === 0 &&
    r.contextTokens === null &&
    !r.cacheTtlUnknown &&
    r.usageFlag === null &&
    !r.servedFromCache &&
    r.billingMode === null;
  if (!isPlain) return allExtras(r);
  return r.billingAccountId === null ? null : accountText(r.billingAccountId);
}

let lastAccount = '';
let lastAccountText = '';

/** The one extra that a whole log has, and the same in every line. */
function accountText(account: string): string {
  if (account !== lastAccount) {
    lastAccount = account;
    lastAccountText = JSON.stringify({ billingAccountId: account });
  }
  return lastAccountText;
}

function allExtras(r: UsageRecord): string {
  const extras: Partial<Record<keyof UsageRecord, JsonValue>> = {};
  for (const key of EXTRA_FIELDS) {
    const value = r[key];
    // of the numbers only the context can be unknown: a known 0 is the lowest band
    if (value !== null && value !== false && (value !== 0 || key === 'contextTokens')) extras[key] = value;
  }
  return JSON.stringify(extras);
}

/** Fields kept in `extras`, and read back when a row is priced and attributed again. */
export const EXTRA_FIELDS = [
  'requestedTier',
  'priceTier',
  'cachedAudioTokens',
  'imageInputTokens',
  'imageOutputTokens',
  'imageSpec',
  'characters',
  'contextTokens',
  'cacheTtlUnknown',
  'usageFlag',
  'servedFromCache',
  'billingMode',
  'billingAccountId',
] as const satisfies readonly (keyof UsageRecord)[];
