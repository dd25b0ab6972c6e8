/**
 * Shorter prompts as a lever: which calls send fewer tokens, out of which part, and what that costs. In: rules of the config, measured by the
 * owner on his own prompts; a log. Out: arrays by call. What is cut counts at the price it had: a token read from a cache saves a tenth of a
 * fresh one, and below the provider's minimum caching ends (docs/simulation.md, "Prompt optimization"). Invariant: without a rule nothing
 * changes, and no share is guessed.
 */
import { parseDecimal } from '../money.ts';
import { cacheRulesFor } from './cache-rules.ts';
import type { CallKind, CallLog, CallTokens } from './call-log.ts';
import { percentKnob } from './model-moves.ts';
import type { Knob, KnobValue, Percent } from './model-moves.ts';

/** Which tokens are cut: of all alike, of those that are not cached, or of those that are. */
export type CutPart = 'evenly' | 'fresh' | 'cached';

/** A rule of config `simulate.promptOptimization`, or one that was measured, in percent; what is not named matches every call. */
export interface PromptCutRule {
  /** null: calls without an application */
  readonly application?: string | null | undefined;
  readonly team?: string | undefined;
  readonly model?: string | undefined;
  readonly cut: CutPart;
  readonly keptPercent: number;
  readonly outputPercent: number;
  readonly compressorPico: number;
}

/** A rule as config gives it. */
export interface ConfiguredCut extends Omit<PromptCutRule, 'keptPercent' | 'outputPercent' | 'compressorPico'> {
  readonly keptPercent: Percent;
  readonly outputPercent: Percent;
  /** decimal text, for one prompt */
  readonly compressorUsd: string;
  /** where the measurement is that it comes from; absent: config says it */
  readonly measuredAs?: string | undefined;
}

/** The percents of all rules. */
export function cutKnobs(rules: readonly ConfiguredCut[]): Knob[] {
  return rules.flatMap((rule, at) => [
    percentKnob(knobName(rule, at, 'keptPercent'), rule.keptPercent),
    percentKnob(knobName(rule, at, 'outputPercent'), rule.outputPercent),
  ]);
}

/** The rules with the percents that `valueOf` gives. */
export function cutsAt(rules: readonly ConfiguredCut[], valueOf: KnobValue): PromptCutRule[] {
  return rules.map(({ compressorUsd, ...rule }, at) => ({
    ...rule,
    keptPercent: valueOf(knobName(rule, at, 'keptPercent')),
    outputPercent: valueOf(knobName(rule, at, 'outputPercent')),
    compressorPico: Number(parseDecimal(compressorUsd, 12)),
  }));
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
  readonly cut: readonly (CutPart | undefined)[];
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
  const cut: (CutPart | undefined)[] = rules.length === 0 ? [] : Array.from({ length: log.calls });
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
    minimumTokens: ({ provider, model }, timeMs) => cacheRulesFor(provider, model, timeMs)?.minimumTokens ?? 0,
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
  if (cuts.cut[call] === 'fresh') return { ...tokens, output, input: Math.max(0, tokens.input - (all - allKept)) };
  if (cuts.cut[call] === 'cached') {
    const meters = ['cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const;
    let left = all - allKept;
    const short: { [name in (typeof meters)[number]]: number } = { ...tokens };
    for (const meter of meters) {
      const taken = Math.min(left, tokens[meter]);
      short[meter] = tokens[meter] - taken;
      left -= taken;
    }
    return { ...tokens, ...short, output };
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
