/**
 * Shorter prompts as a lever: which calls send fewer tokens, out of which part, and what that costs. In: rules of the config, measured by the
 * owner on his own prompts or told by their parts (`prompt-parts.ts`); a log. Out: arrays by call. What is cut counts at the price it had: a token read from a cache saves a tenth of a
 * fresh one, and below the provider's minimum caching ends (docs/simulation.md, "Prompt optimization"). Invariant: without a rule nothing
 * changes, and no share is guessed.
 */
import { parseDecimal } from '../money.ts';
import { cacheRulesFor } from './cache-rules.ts';
import type { CallKind, CallLog, CallTokens } from './call-log.ts';
import { rememberedByDay } from './dated-rules.ts';
import { parameterKnob, percentKnob } from './model-moves.ts';
import type { Knob, KnobValue, Percent } from './model-moves.ts';
import { keptParts, parametersOfParts } from './prompt-parts.ts';
import type { KeptParts, PromptParts } from './prompt-parts.ts';
import type { Parameters } from './parameters.ts';

/** Which tokens are cut: of all alike, of those that are not cached, or of those that are. */
export type CutPart = 'evenly' | 'fresh' | 'cached';

/** A rule of config `simulate.promptOptimization`, or one that was measured, in percent; what is not named matches every call. */
export interface PromptCutRule {
  /** null: calls without an application */
  readonly application?: string | null | undefined;
  readonly team?: string | undefined;
  readonly model?: string | undefined;
  /** where the parts of the prompt are known, what of them stands at the beginning and is cut there */
  readonly cut: CutPart | KeptParts;
  readonly keptPercent: number;
  readonly outputPercent: number;
  readonly compressorPico: number;
}

/** A rule as config gives it. */
export interface ConfiguredCut extends Omit<PromptCutRule, 'cut' | 'keptPercent' | 'outputPercent' | 'compressorPico'> {
  /** absent: evenly, or by parts where these are told */
  readonly cut?: CutPart | undefined;
  /** one of the two is there */
  readonly keptPercent?: Percent | undefined;
  readonly parts?: PromptParts | undefined;
  readonly outputPercent: Percent;
  /** decimal text, for one prompt */
  readonly compressorUsd: string;
  /** where the measurement is that it comes from; absent: config says it */
  readonly measuredAs?: string | undefined;
}

/** The percents of all rules, and the parameters that those by parts hang on. */
export function cutKnobs(rules: readonly ConfiguredCut[], parameters: Parameters): Knob[] {
  const ids = new Set(rules.flatMap(({ parts }) => (parts === undefined ? [] : parametersOfParts(parts))));
  return [
    ...rules.flatMap((rule, at) => [
      ...(rule.keptPercent === undefined ? [] : [percentKnob(knobName(rule, at, 'keptPercent'), rule.keptPercent)]),
      percentKnob(knobName(rule, at, 'outputPercent'), rule.outputPercent),
    ]),
    ...Array.from(ids, (id) => parameterKnob(id, parameters)),
  ];
}

/** The rules with the percents that `valueOf` gives. */
export function cutsAt(rules: readonly ConfiguredCut[], valueOf: KnobValue): PromptCutRule[] {
  return rules.map(({ compressorUsd, parts, cut, ...rule }, at) => ({
    ...rule,
    ...(parts === undefined
      ? { cut: cut ?? 'evenly', keptPercent: valueOf(knobName(rule, at, 'keptPercent')) }
      : cutByParts(keptParts(parts, valueOf), cut)),
    outputPercent: valueOf(knobName(rule, at, 'outputPercent')),
    compressorPico: Number(parseDecimal(compressorUsd, 12)),
  }));
}

function cutByParts(kept: KeptParts, cut: CutPart | undefined): Pick<PromptCutRule, 'cut' | 'keptPercent'> {
  return { cut: cut ?? kept, keptPercent: kept.keptPercent };
}

/** As the path in the config, or in the JSON. */
function knobName(
  { measuredAs }: Pick<ConfiguredCut, 'measuredAs'>,
  at: number,
  percent: 'keptPercent' | 'outputPercent',
): string {
  return `${measuredAs ?? `promptOptimization[${at}]`}.${percent}`;
}

/** Arrays by call. */
export interface PromptCuts {
  /** 1 where the prompt would be shortened */
  readonly applies: Uint8Array;
  readonly keptThousandths: Int32Array;
  readonly outputThousandths: Int32Array;
  readonly compressorPico: Float64Array;
  readonly cut: readonly (PromptCutRule['cut'] | undefined)[];
  /** tokens below which the provider of a kind caches nothing; 0 where none is known */
  minimumTokens(kind: CallKind, timeMs: number): number;
}

/** The first rule that matches a call is the one for it. */
export function promptCuts(log: CallLog, rules: readonly PromptCutRule[]): PromptCuts {
  const matching = new Map<string, PromptCutRule | undefined>();
  const applies = new Uint8Array(log.calls);
  const keptThousandths = new Int32Array(log.calls).fill(1000);
  const outputThousandths = new Int32Array(log.calls).fill(1000);
  const compressorPico = new Float64Array(log.calls);
  const cut: (PromptCutRule['cut'] | undefined)[] = rules.length === 0 ? [] : Array.from({ length: log.calls });
  for (let call = 0; rules.length > 0 && call < log.calls; call++) {
    if (log.isOpen[call] === 0) continue;
    const rule = ruleFor(log, call, rules, matching);
    if (rule === undefined) continue;
    applies[call] = 1;
    keptThousandths[call] = Math.round(rule.keptPercent * 10);
    outputThousandths[call] = Math.round(rule.outputPercent * 10);
    compressorPico[call] = rule.compressorPico;
    cut[call] = rule.cut;
  }
  return {
    applies,
    keptThousandths,
    outputThousandths,
    compressorPico,
    cut,
    minimumTokens: rememberedByDay(
      ({ provider, model }: CallKind, timeMs) => cacheRulesFor(provider, model, timeMs)?.minimumTokens ?? 0,
    ),
  };
}

function ruleFor(
  log: CallLog,
  call: number,
  rules: readonly PromptCutRule[],
  matching: Map<string, PromptCutRule | undefined>,
): PromptCutRule | undefined {
  const facts = `${log.application.codes[call]} ${log.team.codes[call]} ${log.kind[call]}`;
  if (!matching.has(facts)) {
    const application = log.application.names[log.application.codes[call] as number];
    const team = log.team.names[log.team.codes[call] as number];
    const { model } = log.kinds[log.kind[call] as number] as CallKind;
    matching.set(
      facts,
      rules.find(
        (rule) =>
          (rule.application === undefined || rule.application === (application ?? null)) &&
          (rule.team ?? team) === team &&
          (rule.model ?? model) === model,
      ),
    );
  }
  return matching.get(facts);
}

/** Tokens of a call with its prompt cut: whole tokens, and never more cut from a part than it has. */
export function shortTokens(tokens: CallTokens, call: number, cuts: PromptCuts): CallTokens {
  const kept = cuts.keptThousandths[call] as number;
  const output = Math.round((tokens.output * (cuts.outputThousandths[call] as number)) / 1000);
  const all = tokens.input + tokens.cacheRead + tokens.cacheWrite5m + tokens.cacheWrite1h;
  const allKept = Math.round((all * kept) / 1000);
  const cut = cuts.cut[call];
  if (cut === 'fresh') return { ...tokens, output, input: Math.max(0, tokens.input - (all - allKept)) };
  if (cut === 'cached') return { ...withoutCached(tokens, all - allKept), output };
  if (typeof cut === 'object') {
    const fromCached = cachedCut(tokens, all, all - allKept, cut);
    return { ...withoutCached(tokens, fromCached), output, input: tokens.input - (all - allKept - fromCached) };
  }
  const share = (count: number): number => Math.floor((count * kept) / 1000);
  const [cacheRead, cacheWrite5m, cacheWrite1h] = [
    share(tokens.cacheRead),
    share(tokens.cacheWrite5m),
    share(tokens.cacheWrite1h),
  ];
  return {
    ...tokens,
    output,
    input: allKept - cacheRead - cacheWrite5m - cacheWrite1h,
    cacheRead,
    cacheWrite5m,
    cacheWrite1h,
  };
}

/** Share of the tokens at the beginning of a shortened prompt that remains: 1 where its end is cut. */
export function keptAtBeginning(call: number, { cut, keptThousandths }: PromptCuts): number {
  const part = cut[call];
  if (typeof part === 'object') return part.beginningKeptShare;
  return part === 'evenly' ? (keptThousandths[call] as number) / 1000 : 1;
}

/**
 * Of `cut` tokens, those that were cached. A cache holds the beginning of a prompt: what is cut there is taken from cached tokens first, what is cut
 * after it from fresh ones, as far as the cache does not reach beyond the beginning. Where one kind is too few the other gives the rest.
 */
function cachedCut(tokens: CallTokens, all: number, cut: number, kept: KeptParts): number {
  const cached = all - tokens.input;
  const atBeginning = Math.round(cut * kept.beginningCutShare);
  const beyond = Math.max(0, cached - Math.round(all * kept.beginningShare));
  const taken = Math.min(cached, atBeginning) + Math.min(cut - atBeginning, beyond);
  return Math.min(cached, Math.max(taken, cut - tokens.input));
}

/** Without so many cached tokens, those that were read first: they are the cheapest. */
function withoutCached(tokens: CallTokens, count: number): CallTokens {
  const meters = ['cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const;
  const short: { [name in (typeof meters)[number]]: number } = { ...tokens };
  let left = count;
  for (const meter of meters) {
    const taken = Math.min(left, tokens[meter]);
    short[meter] = tokens[meter] - taken;
    left -= taken;
  }
  return { ...tokens, ...short };
}
