/**
 * One round of sealing. In: the world of a seal. Out: what was done. What has landed is settled first, so that new usage is visible however
 * long the rest takes; then rows of open months are decided again where prices or rules changed, and what that touched is settled too.
 */
import { sealCorpora } from '../lib/corpora.ts';
import type { CorporaSeal } from '../lib/corpora.ts';
import type { LakeSealInput, LakeSealResult } from '../lib/lake-seal.ts';
import { sealLake } from '../lib/lake-seal.ts';
import type { CatalogState, SqlEngine } from '../lib/ports.ts';
import { firstOpenDay, restampStale } from '../lib/restamp.ts';
import type { RestampWorld } from '../lib/restamp.ts';
import { SPEND_DAILY, columnTypes } from '../lib/schema.ts';
import type { Telemetry } from './telemetry.ts';

export interface SealRoundPorts {
  readonly carry: RestampWorld;
  readonly engine: SqlEngine;
  readonly seal: () => LakeSealInput;
  readonly corpora: () => CorporaSeal;
  readonly closeAfterDays: number;
  /** `report/queries/totals.sql` */
  readonly totalsSql: string;
  readonly telemetry: Telemetry;
  /** Makes the next rounds cheaper (lib/packed-commits.ts). */
  readonly packCommits: (nowMs: number) => Promise<unknown>;
}

export interface SealRoundResult {
  readonly sealedDays: readonly string[];
  readonly restampedObjects: number;
  readonly lateSources: number;
  /** corpora of which rows were written or dropped, and objects in them that wait to be read */
  readonly changedCorpora: readonly string[];
  readonly pendingDocuments: number;
  /** share of tokens without a price over the days sealed; null if none was */
  readonly unpricedPercent: number | null;
}

/** Seals, applies changed rules, seals again if they changed something. */
export async function sealRound(ports: SealRoundPorts): Promise<SealRoundResult> {
  const { carry, telemetry } = ports;
  const first = await sealLake(ports.seal());
  const from = firstOpenDay(carry.clock.nowMs(), ports.closeAfterDays);
  const restamp = await restampStale(carry, { from, to: null });
  const last = restamp.batches.length === 0 ? first : await sealLake(ports.seal());
  const sealedDays = [...new Set([...first.sealedDays, ...last.sealedDays])].toSorted();
  const documents = await sealDocuments(ports);
  const result: SealRoundResult = {
    ...documents,
    sealedDays,
    restampedObjects: restamp.objects,
    lateSources: lateSources(last),
    unpricedPercent: sealedDays.length === 0 ? null : await unpricedPercent(ports, last.state, sealedDays),
  };
  telemetry.count('sealFinished', 1);
  telemetry.count('daysSealed', sealedDays.length);
  telemetry.count('sourcesLate', result.lateSources);
  if (result.unpricedPercent !== null) telemetry.count('unpricedPercent', result.unpricedPercent);
  telemetry.info(
    `${sealedDays.length} days sealed, ${documents.changedCorpora.length} corpora, ${restamp.objects} objects under changed prices or rules, ${result.lateSources} sources late`,
  );
  await ports.packCommits(carry.clock.nowMs());
  return result;
}

/** Seals corpora, and names what waits or was left out. */
async function sealDocuments({
  corpora: input,
  telemetry,
}: SealRoundPorts): Promise<Pick<SealRoundResult, 'changedCorpora' | 'pendingDocuments'>> {
  const { corpora, changed, leftOut } = await sealCorpora(input());
  let pendingDocuments = 0;
  for (const { corpus, pending } of corpora) {
    pendingDocuments += pending.length;
    if (pending.length > 0)
      telemetry.info(`${pending.length} objects of corpus ${corpus} wait to be read, the first is ${pending[0] ?? ''}`);
  }
  for (const { reason, objects, first } of leftOut)
    telemetry.warn(`${objects} objects below corpora/ are left out: ${reason}; the first is ${first}`);
  telemetry.count('documentsPending', pendingDocuments);
  return { changedCorpora: changed, pendingDocuments };
}

function lateSources({ sources }: LakeSealResult): number {
  return sources.filter(({ status }) => status !== 'ok').length;
}

async function unpricedPercent(
  { engine, totalsSql }: SealRoundPorts,
  state: CatalogState,
  days: readonly string[],
): Promise<number | null> {
  const partitions = state.tables[SPEND_DAILY.name] ?? {};
  const keys = days.flatMap((day) => partitions[day]?.keys ?? []);
  await engine.files(SPEND_DAILY.name, columnTypes(SPEND_DAILY), keys);
  const [totals] = await engine.query(totalsSql, [days[0] ?? '', days.at(-1) ?? '']);
  const [tokens, unpriced] = [Number(totals?.['tokens'] ?? 0), Number(totals?.['unpriced_tokens'] ?? 0)];
  return tokens === 0 ? null : (100 * unpriced) / tokens;
}
