/**
 * What a semantic cache might save where the owner has no evidence but says what kind of application it is. In: a log, types of applications, the
 * register. Out: an amount with a low and a high end. Invariant: it is an illustration with other people's hit shares and never part of a
 * plan; ends may be negative, as a cache that serves nobody still costs its lookups. Only calls that stand alone are looked at: hits in the
 * middle of conversations are mostly wrong. Sources of the shares: rows `sem.hit_share_…` of the register.
 */
import { divideHalfEven } from '../money.ts';
import type { CallLog } from './call-log.ts';
import type { Parameters } from './parameters.ts';
import { hitBand } from './semantic-cache.ts';
import type { ApplicationType } from './semantic-cache.ts';
import { semanticSettings } from './semantic-effects.ts';
import { shareOfPico } from './share-of-pico.ts';

export interface TypedApplication {
  readonly application: string;
  readonly type: ApplicationType;
}

export interface IllustrativeBand {
  readonly lowPico: bigint;
  readonly valuePico: bigint;
  readonly highPico: bigint;
  /** open calls that stand alone, of the applications that are named */
  readonly calls: number;
  /** named applications without such a call */
  readonly withoutCalls: readonly string[];
}

/** Calls that a wrong hit costs may be many: they are counted in parts, and money stays whole. */
const PARTS = 1e9;

/** Σ over applications: h · cost · (1 − δ · cost of a wrong hit) − lookups − stored answers, at low, value and high h. */
export function illustrativeBand(
  log: CallLog,
  types: readonly TypedApplication[],
  parameters: Parameters,
): IllustrativeBand {
  const settings = semanticSettings({}, (id) => parameters.valueOf(id));
  const sums = new Map(types.map(({ application }) => [application, { calls: 0, costPico: 0n, lookupPico: 0n }]));
  const isAlone = standingAlone(log);
  for (let call = 0; call < log.calls; call++) {
    const sum = sums.get(log.application.names[log.application.codes[call] as number] ?? '');
    if (sum === undefined || log.isOpen[call] === 0 || !isAlone(call)) continue;
    sum.calls++;
    sum.costPico += log.costPico[call] as bigint;
    sum.lookupPico += BigInt(
      settings.searchPico + Math.round((log.allInput[call] as number) * settings.embedPicoPerToken),
    );
  }
  const wrongCalls = BigInt(Math.round(settings.maxFalseShare * settings.falseHitCalls * PARTS));
  const band = { lowPico: 0n, valuePico: 0n, highPico: 0n, calls: 0 };
  for (const { application, type } of types) {
    const sum = sums.get(application);
    const shares = hitBand(type, parameters);
    if (sum === undefined || shares.basis !== 'illustrative') continue;
    const savingPico = (hitShare: number): bigint => {
      const hitsPico = shareOfPico(sum.costPico, hitShare);
      const wrongPico = divideHalfEven(hitsPico * wrongCalls, BigInt(PARTS));
      const storedPico = shareOfPico(BigInt(sum.calls) * BigInt(settings.storePico), 1 - hitShare);
      return hitsPico - wrongPico - sum.lookupPico - storedPico;
    };
    const ends = [savingPico(shares.low), savingPico(shares.high)].toSorted((a, b) => (a < b ? -1 : Number(a > b)));
    band.lowPico += ends[0] as bigint;
    band.valuePico += savingPico(shares.value);
    band.highPico += ends[1] as bigint;
    band.calls += sum.calls;
  }
  return {
    ...band,
    withoutCalls: types.flatMap(({ application }) => (sums.get(application)?.calls === 0 ? [application] : [])),
  };
}

/** A call without a session, or the only one of its session. */
function standingAlone({ session, calls }: CallLog): (call: number) => boolean {
  const turns = new Int32Array(session.names.length);
  for (let call = 0; call < calls; call++) {
    const code = session.codes[call] as number;
    if (code >= 0) turns[code] = (turns[code] as number) + 1;
  }
  return (call) => {
    const code = session.codes[call] as number;
    return code < 0 || turns[code] === 1;
  };
}
