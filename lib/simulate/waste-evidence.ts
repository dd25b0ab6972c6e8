/**
 * Where prompts are likely to waste tokens, without their text: the detectors of `prompt-waste.ts` on every stream of a log. A stream is what one
 * application (else project, else team) asks of one model. In: a call log. Out: the signs that fire, most expensive stream first. They are
 * hints where to look; nothing of it is counted as a saving.
 */
import { cacheRulesFor } from './cache-rules.ts';
import type { CallKind, CallLog } from './call-log.ts';
import { commonBeginning, hasBeginning } from './common-beginning.ts';
import type { Parameters } from './parameters.ts';
import { growingSessions, longInput, uncachedBeginning } from './prompt-waste.ts';
import type { Finding, StreamBeginning } from './prompt-waste.ts';

export interface WasteSign {
  readonly stream: {
    readonly application: string | null;
    readonly team: string;
    readonly provider: string;
    readonly model: string;
  };
  readonly calls: number;
  readonly costPico: bigint;
  readonly detector: Finding['detector'];
  readonly evidence: Finding['evidence'];
}

/** Fewer calls than this show no habit. */
const MIN_CALLS = 30;

/** Signs of all streams. */
export function wasteSigns(log: CallLog, parameters: Parameters): WasteSign[] {
  const streams = new Map<string, number[]>();
  for (let call = 0; call < log.calls; call++) {
    if (log.isOpen[call] === 0) continue;
    const name = `${log.application.codes[call]} ${log.team.codes[call]} ${log.kind[call]}`;
    const own = streams.get(name);
    if (own === undefined) streams.set(name, [call]);
    else own.push(call);
  }
  const signs = [...streams.values()]
    .filter((calls) => calls.length >= MIN_CALLS)
    .flatMap((calls) => signsOf(log, calls, parameters));
  return signs.toSorted((a, b) => (a.costPico === b.costPico ? 0 : a.costPico < b.costPico ? 1 : -1));
}

function signsOf(log: CallLog, calls: readonly number[], parameters: Parameters): WasteSign[] {
  const pick = (column: Float64Array): Float64Array => Float64Array.from(calls, (call) => column[call] as number);
  const stream = {
    inputTokens: pick(log.allInput),
    outputTokens: pick(log.output),
    session: Int32Array.from(calls, (call) => log.session.codes[call] as number),
  };
  const first = calls[0] as number;
  const { provider, model } = log.kinds[log.kind[first] as number] as CallKind;
  const facts = {
    stream: {
      application: log.application.names[log.application.codes[first] as number] ?? null,
      team: log.team.names[log.team.codes[first] as number] as string,
      provider,
      model,
    },
    calls: calls.length,
    costPico: calls.reduce((sum, call) => sum + (log.costPico[call] as bigint), 0n),
  };
  const minimumTokens = cacheRulesFor(provider, model, log.timeMs[first] as number)?.minimumTokens ?? 0;
  const hasPrompts = calls.some((call) => (log.leaf[call] as number) >= 0);
  return [
    longInput(stream, parameters),
    growingSessions(stream, parameters),
    uncachedBeginning(stream, beginningOf(log, calls), hasPrompts, parameters, minimumTokens),
  ]
    .filter(({ outcome }) => outcome === 'fires')
    .map(({ detector, evidence }) => ({ ...facts, detector, evidence }));
}

function beginningOf(log: CallLog, calls: readonly number[]): StreamBeginning | null {
  const leafOf = (call: number): number => log.leaf[call] as number;
  const common = commonBeginning(log.tree, Int32Array.from(calls, leafOf));
  if (common === null) return null;
  const own = calls.filter((call) => hasBeginning(log.tree, leafOf(call), common));
  return {
    calls: own.length,
    // prompts of one beginning are counted in blocks of one length
    tokens: common.depth * (log.blockTokens[own[0] as number] as number),
    cachedTokens: own.reduce((sum, call) => sum + (log.cacheRead[call] as number), 0),
  };
}
