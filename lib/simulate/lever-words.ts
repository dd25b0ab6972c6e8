/**
 * Why a lever saves what it saves, in words: its basis, what is taken for granted, why it saves nothing or is not identifiable, and what to log or
 * to configure to know more. In: a plan and what the log shows. Out: words for each lever. Invariant: no basis is better than its evidence.
 */
import { usdText } from '../money.ts';
import type { CallLog } from './call-log.ts';
import type { FleetFinding } from './hosting-pools.ts';
import type { Basis, FindingInput, Lever, LeverFinding } from './lever-findings.ts';
import { moveAssumptions, routerAssumptions } from './move-findings.ts';
import type { MoveFinding } from './move-findings.ts';
import type { LeverSaving } from './plan.ts';
import type { Scenario } from './scenario-costs.ts';

export type Words = Pick<LeverFinding, 'assumptions' | 'why' | 'toKnow'> & { readonly basis: Basis };

/** Words by lever. */
export const WORDS: Readonly<Record<Lever, (input: FindingInput, saving: LeverSaving | undefined) => Words>> = {
  exact_cache: ({ evidence }, saving) =>
    evidence.exact_cache.basis === 'measured'
      ? {
          basis: 'measured',
          assumptions: [
            'the same prompt to the same model may be answered with the stored answer',
            'an answer is stored when it is complete; failed calls are never stored or served',
          ],
          why: exactWhy(evidence.exact_cache.repeats ?? 0, saving),
          toKnow: missingPrompts(evidence.exact_cache.without_fingerprint),
        }
      : unknown('the log has token counts but no prompts: equal counts are no evidence of equal prompts', LOG_PROMPTS),
  prefix_cache: ({ log, scenario, evidence }, saving) =>
    evidence.prefix_cache.basis === 'measured'
      ? {
          basis: 'measured',
          assumptions: [
            'prompts are marked at their end; lifetimes and minima as the provider published them for the first call of a stream',
            'streams that are cached already are not marked anew',
            ...(canRetain(log, scenario) ? RETENTION : []),
          ],
          why:
            saving === undefined
              ? 'nothing to switch on: providers cache by themselves, or prompts are cached already'
              : null,
          toKnow: missingPrompts(evidence.prefix_cache.without_fingerprint),
        }
      : unknown('the log has no prompts, so it cannot be told what they share', LOG_PROMPTS),
  batch: (_, saving) =>
    saving === undefined
      ? unknown(
          'no call says that it may wait',
          'set deadline_seconds, or tag calls that may wait (batch, deferrable, offline), in the gateway or in native lines',
        )
      : {
          basis: 'measured',
          assumptions: [
            'the provider takes such a call in a batch: what it uses, such as tools, is not in the log',
            'only calls whose caller says they may wait; those that come back after their deadline are made again at the full price',
          ],
          why: null,
          toKnow: null,
        },
  model_choice: ({ config, quality, moves, knobs }, saving) =>
    config.moves.length > 0
      ? {
          basis: 'modelled',
          assumptions: [
            'prices are exact',
            ...quality.map(
              ({ from, to, task, text }) => `${from} to ${to}${task === null ? '' : ` (${task})`}: ${text}`,
            ),
            'token and answer lengths and rejected answers as config simulate.modelChoice says, else as assumed (parameters model.…)',
            ...routerAssumptions(config.moves, knobs),
            ...moveAssumptions(moves),
          ],
          why: saving === undefined ? whyNoMove(moves) : null,
          toKnow: null,
        }
      : unknown(
          'whether a smaller model would do is not in the log',
          'name the models and what you measured in config simulate.modelChoice',
        ),
  semantic_cache: ({ hasSimilar, band, scenario }, saving) => {
    if (hasSimilar)
      return {
        basis: 'modelled',
        assumptions: [
          'labelled pairs are like the calls that would be served; each hit pays for the wrong answers they cannot rule out',
          'the nearest earlier calls are as config simulate.semanticCache gives them',
        ],
        why:
          scenario.effects.semanticCache?.reason ?? (saving === undefined ? 'no call would be served at a gain' : null),
        toKnow: null,
      };
    if (band === null) return unknown('which prompts mean the same is not in the log', LABEL_PAIRS);
    return {
      basis: 'illustrative',
      assumptions: [
        'calls that stand alone are served as often as others saw in applications of that kind: not from this log, and in no plan',
      ],
      why: band.calls === 0 ? 'no call of these applications stands alone' : null,
      toKnow: LABEL_PAIRS,
    };
  },
  self_hosting: ({ fleets }, saving) => {
    if (fleets.length === 0)
      return unknown(
        'which open model would do in place of which is not in the log',
        'name a fleet and how many of its answers you accept in config simulate.selfHosting.fleets',
      );
    const extrapolated = fleets.flatMap(({ option: { name, replica } }) => (typeof replica === 'string' ? [] : [name]));
    return {
      basis: 'modelled',
      assumptions: [
        extrapolated.length < fleets.length
          ? 'throughput as published for other machines of that kind; whole instances, engineers and set-up as the parameters say'
          : 'whole instances, engineers and set-up as the parameters say',
        ...extrapolated.map(
          (name) => `speed of ${name}: an extrapolation from data sheets, which nobody measured; half or twice as fast`,
        ),
        'answers that are accepted are as config says; quality is not assessed',
      ],
      why: saving === undefined ? whyNoFleet(fleets) : null,
      toKnow:
        extrapolated.length === 0
          ? null
          : `the speed of ${extrapolated.join(', ')} is an extrapolation from data sheets, half or twice as fast: measure ` +
            'time per call over that of the roofline, and give it as parameter perf.roofline_error',
    };
  },
  prompt_optimization: ({ config, rewrites }, saving) => {
    if (config.cuts.length === 0 && (rewrites === null || rewrites.length === 0)) return noCuts(rewrites !== null);
    const isConfigured = config.cuts.some(({ measuredAs }) => measuredAs === undefined);
    const isMeasured = rewrites !== null && rewrites.length > 0;
    return {
      basis: isConfigured ? 'modelled' : 'measured',
      assumptions: [
        ...(isConfigured
          ? ['prompts can be shortened as config simulate.promptOptimization says; quality is not assessed']
          : []),
        ...(isMeasured ? MEASURED_REWRITES : []),
        'equal prompts stay equal when they are shortened, so repeats and shared beginnings remain',
      ],
      why: saving === undefined ? whyNoCut(isConfigured, isMeasured) : null,
      toKnow: null,
    };
  },
  image_generation: ({ log, config }, saving) => {
    if (!log.images.some((images) => images > 0) && saving === undefined)
      return { basis: 'measured', assumptions: [], why: 'no image was generated', toKnow: null };
    if (config.images.length === 0)
      return unknown(
        'whether another image model would do is not in the log',
        'name it in config simulate.imageGeneration',
      );
    return {
      basis: 'modelled',
      assumptions: ['prices are exact; that both models make equally good images is not assessed'],
      why: saving === undefined ? 'no image of a model that config names would cost less elsewhere' : null,
      toKnow: null,
    };
  },
};

function whyNoMove(moves: readonly MoveFinding[]): string {
  if (moves.length === 0) return 'no call uses a model that config simulate.modelChoice names';
  return moves.every(({ calls, keptBack }) => calls === keptBack)
    ? 'all calls of the models that config simulate.modelChoice names are kept back'
    : 'no call of the models that config simulate.modelChoice names moves';
}

/** What the longer life of entries rests on, where a model of the log offers one. */
const RETENTION = [
  'entries of OpenAI models with extended retention live 24 hours where calls ask for it (prompt_cache_retention) and did not: an account without zero data retention may have it by default, and then nothing is gained',
];

function canRetain({ kinds, kind, timeMs }: CallLog, { effects }: Scenario): boolean {
  return kind.some(
    (own, call) =>
      effects.isOpen[call] === 1 &&
      effects.promptCache.hasRetention(kinds[own] as (typeof kinds)[number], timeMs[call] as number),
  );
}

function exactWhy(repeats: number, saving: LeverSaving | undefined): string | null {
  if (repeats === 0) return 'no prompt is repeated';
  return saving === undefined || saving.alonePico <= 0n
    ? 'prompts are repeated, but these calls cost nothing already, or less than looking them up'
    : null;
}

const MEASURED_REWRITES = [
  'rewritten were JSON (made compact), spaces at line ends and empty lines, and long paragraphs that stand earlier in the same prompt: no information goes, so quality is not expected to change, but it is not assessed',
  'calls of an application, team and model are like those whose prompts were measured, whatever their day; tokens go evenly from cached and fresh ones',
];

function noCuts(isLookedFor: boolean): Words {
  return isLookedFor
    ? unknown(
        'no object of the folder that --prompts names holds prompts of calls',
        'name an inbox whose logs have prompts',
      )
    : unknown(
        'what could be left out of prompts is not in the log',
        'measure lossless rewrites on the prompts of your inbox (--prompts DIR), or on a sample of your own prompts what can go, and give it in config simulate.promptOptimization',
      );
}

function whyNoCut(isConfigured: boolean, isMeasured: boolean): string {
  const said = [
    ...(isConfigured ? ['no call matches config simulate.promptOptimization'] : []),
    ...(isMeasured
      ? ['no call of the period is like those whose prompts would get shorter by a thousandth or more']
      : []),
  ];
  return said.join('; ');
}

function whyNoFleet(fleets: readonly FleetFinding[]): string {
  if (fleets.every(({ fleet }) => fleet.workS.length === 0)) return 'no call uses a model that a fleet would take';
  const best = fleets.reduce((a, b) => (a.savingPico >= b.savingPico ? a : b));
  return `no fleet pays: ${best.option.name} would lose ${usdText(-best.savingPico)} USD against the calls it would take`;
}

const LABEL_PAIRS =
  'give labelled pairs and nearest earlier requests in config simulate.semanticCache (docs/simulation.md, "Semantic cache")';

const LOG_PROMPTS =
  'log prompts (they are hashed and dropped), or give prompt_hash, prompt_blocks and block_tokens in native lines';

function unknown(why: string, toKnow: string): Words {
  return { basis: 'not_identifiable', assumptions: [], why, toKnow };
}

function missingPrompts(calls: number): string | null {
  return calls === 0 ? null : `${calls} calls have no prompt to go by: ${LOG_PROMPTS}`;
}
