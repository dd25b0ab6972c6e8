/**
 * Each move of config `simulate.modelChoice` by itself, at each provider whose calls it names: how many calls may move, how many are kept back and
 * why, what the others cost on both models, and at which shares a router or a cascade stops saving. In: a log, the moves at their likely values.
 * Out: findings, and what of the other model is not known, in words. Invariant: call by call, without other levers and without a prompt cache that
 * starts anew; the plan has both.
 */
import type { CallKind, CallLog } from './call-log.ts';
import { loggedTokens } from './call-pricing.ts';
import type { CallPricing, KindTable } from './call-pricing.ts';
import { movedTokens } from './call-states.ts';
import type { ConfiguredMove, Knob } from './model-moves.ts';
import { shareKnobOf } from './model-moves.ts';
import { openMoves, thousandths } from './move-effects.ts';
import type { ModelMove, OpenMove } from './move-effects.ts';
import { obstacleBit, OBSTACLES } from './move-obstacles.ts';
import type { ModelOffer, Obstacle } from './move-obstacles.ts';
import { breakEvenEscalatedShare, breakEvenStrongShare } from './routing.ts';
import { ROUTING_CURVES, ROUTING_CURVES_SOURCE } from './routing-curves-data.ts';
import { isRouted } from './session-routing.ts';

export interface MoveFinding {
  /** position in the config */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly provider: string;
  /** what is known of the other model; null: nothing */
  readonly offer: ModelOffer | null;
  /** calls of the first model that levers may change */
  readonly calls: number;
  /** those that the move takes: not kept back, with a price there, sent by the router */
  readonly moving: number;
  readonly keptBack: number;
  /** by reason; a call may have several */
  readonly reasons: Readonly<Record<Obstacle, number>>;
  readonly unpriced: number;
  /** of the calls that may move and have a price there, without router and judge: on the first model, and all of them on the other */
  readonly strongPico: bigint;
  readonly weakPico: bigint;
  /** share of sessions that move; 1 where neither config nor a router says */
  readonly share: { readonly low: number; readonly value: number; readonly high: number };
  /** a router saves while less than this share stays; null: no sessions are shared out, or no call may move */
  readonly breakEvenStrongShare: number | null;
  /** a cascade saves while less than this share is asked again; null: it is none, or no call may move */
  readonly breakEvenEscalatedShare: number | null;
}

export interface MoveFindingInput {
  readonly log: CallLog;
  readonly kinds: KindTable;
  readonly pricing: CallPricing;
  readonly configured: readonly ConfiguredMove[];
  /** the same, at their likely values */
  readonly moves: readonly ModelMove[];
  readonly knobs: readonly Knob[];
}

interface Counted {
  readonly open: OpenMove;
  readonly provider: string;
  calls: number;
  moving: number;
  keptBack: number;
  readonly reasons: Record<Obstacle, number>;
  unpriced: number;
  strongPico: bigint;
  weakPico: bigint;
  routerPico: bigint;
}

/** One finding for each move and provider whose calls it names, in order of the config. */
export function moveFindings(input: MoveFindingInput): MoveFinding[] {
  const { log, kinds, moves, configured, knobs } = input;
  const byKind = openMoves(log, kinds, moves);
  const counted = new Map<string, Counted>();
  const ofKind = byKind.map((open, kind) => {
    const { provider } = log.kinds[kind] as CallKind;
    if (open === null) return null;
    const name = JSON.stringify([open.at, provider]);
    const own = counted.get(name) ?? emptyCount(open, provider);
    counted.set(name, own);
    return own;
  });
  for (let call = 0; call < log.calls; call++) {
    const kind = log.kind[call] as number;
    const [open, own] = [byKind[kind] ?? null, ofKind[kind] ?? null];
    if (log.isOpen[call] === 1 && open !== null && own !== null) count(input, open, own, call);
  }
  return [...counted.values()]
    .filter(({ calls }) => calls > 0)
    .toSorted((a, b) => a.open.at - b.open.at)
    .map((own) => findingOf(own, configured[own.open.at] as ConfiguredMove, knobs));
}

function emptyCount(open: OpenMove, provider: string): Counted {
  const reasons = { context_tokens: 0, output_tokens: 0, modality: 0, region: 0 };
  const none = { calls: 0, moving: 0, keptBack: 0, unpriced: 0, strongPico: 0n, weakPico: 0n, routerPico: 0n };
  return { open, provider, reasons, ...none };
}

function count({ log, kinds, pricing }: MoveFindingInput, open: OpenMove, own: Counted, call: number): void {
  const { move, kind } = open;
  own.calls++;
  const obstacles = open.obstaclesOf(call);
  if (obstacles !== 0) {
    own.keptBack++;
    for (const obstacle of OBSTACLES) if ((obstacles & obstacleBit(obstacle)) !== 0) own.reasons[obstacle]++;
    return;
  }
  const [input, output, retry] = [move.inputPercent, move.outputPercent, move.retryPercent].map(thousandths) as [
    number,
    number,
    number,
  ];
  const tokens = movedTokens(loggedTokens(log, call), input, output);
  const weakPico = pricing.costPico(kinds.kinds[kind] as CallKind, log.timeMs[call] as number, tokens);
  if (weakPico === null) {
    own.unpriced++;
    return;
  }
  const strongPico = log.costPico[call] as bigint;
  own.strongPico += strongPico;
  own.weakPico += BigInt(weakPico) + BigInt(Math.round((retry * (weakPico + Number(strongPico))) / 1000));
  own.routerPico += BigInt(move.routerPico ?? 0);
  if (isRouted(log, call, (move.sharePercent ?? 100) / 100)) own.moving++;
}

function findingOf(own: Counted, configured: ConfiguredMove, knobs: readonly Knob[]): MoveFinding {
  const { open, provider, strongPico, weakPico, routerPico, ...counts } = own;
  const { at, offer, move } = open;
  const knob = shareKnobOf(at, knobs);
  const ratios: readonly [number, number] | null =
    strongPico === 0n ? null : [Number(weakPico) / Number(strongPico), Number(routerPico) / Number(strongPico)];
  return {
    at,
    from: move.from,
    to: move.to,
    provider,
    offer,
    calls: counts.calls,
    moving: counts.moving,
    keptBack: counts.keptBack,
    reasons: counts.reasons,
    unpriced: counts.unpriced,
    strongPico,
    weakPico,
    share:
      knob === null
        ? { low: 1, value: 1, high: 1 }
        : { low: knob.low / 100, value: knob.value / 100, high: knob.high / 100 },
    breakEvenStrongShare: knob === null || ratios === null ? null : breakEvenStrongShare(...ratios),
    breakEvenEscalatedShare:
      configured.cascade === undefined || ratios === null ? null : breakEvenEscalatedShare(...ratios),
  };
}

const WHY_KEPT: Readonly<Record<Obstacle, string>> = {
  context_tokens: 'could exceed its context window',
  output_tokens: 'could need a longer answer than it gives',
  modality: 'want what it does not give',
  region: 'must stay where it is not served',
};

/** What is taken for granted of the other models, and which calls are kept back. */
export function moveAssumptions(findings: readonly MoveFinding[]): string[] {
  return findings.flatMap(({ from, to, provider, offer, calls, keptBack, reasons }) => {
    const there = `${to} (${provider})`;
    const why = OBSTACLES.filter((obstacle) => reasons[obstacle] > 0).map(
      (obstacle) => `${reasons[obstacle]} ${WHY_KEPT[obstacle]}`,
    );
    return [
      ...(keptBack > 0 ? [`${keptBack} of ${calls} calls of ${from} do not move to ${there}: ${why.join(', ')}`] : []),
      ...((offer?.contextTokens ?? null) === null
        ? [`context window of ${there} is not known: no call was kept back for length`]
        : []),
      ...((offer?.maximumOutputTokens ?? null) === null
        ? [`longest answer of ${there} is not known: no call was kept back for the length of its answer`]
        : []),
      ...((offer?.output ?? null) === null
        ? [`what ${there} gives but text is not known: no call was kept back for it`]
        : []),
      ...(offer?.tools === false
        ? [`${there} is known not to call tools; whether a call used any is not in the log, none was kept back for it`]
        : []),
    ];
  });
}

/** How the share of a router comes about. */
export function routerAssumptions(configured: readonly ConfiguredMove[], knobs: readonly Knob[]): string[] {
  return configured.flatMap(({ from, to, router }, at) => {
    const knob = shareKnobOf(at, knobs);
    if (router === undefined || knob === null) return [];
    const gap = `to recover ${percentText(router.recoveredQualityPercent)} of the quality gap`;
    if (router.curve !== undefined) {
      const source = router.curveSource ?? 'source not told';
      return [
        `router from ${from} to ${to}: ${percentText(knob.value)} of the sessions move ${gap}, by your curve (${source})`,
      ];
    }
    const names = ROUTING_CURVES.map(({ name }) => name).join(', ');
    return [
      `router from ${from} to ${to}: ${percentText(knob.low)} to ${percentText(knob.high)} of the sessions move ${gap}, by ${names} (${ROUTING_CURVES_SOURCE}): ` +
        `other people's benchmarks and models of 2024; quality is not assessed for this traffic`,
    ];
  });
}

function percentText(percent: number): string {
  return `${Number(percent.toFixed(1))} %`;
}
