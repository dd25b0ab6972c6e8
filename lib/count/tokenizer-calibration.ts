/**
 * How many tokens a vendor reports for texts of which the tokens under o200k_base are known: a ratio by model, measured on the user's own calls. In: calls
 * whose whole input is text that was logged. Out: rows with the ratio of sums and its range, and estimates for other texts that follow them.
 *
 * The range is that of a ratio estimator over whole sessions (Cochran, Sampling Techniques, 1977, §6.3 and §9A; calls of one session are alike), 95 %, with
 * Student's t. It holds for texts like those measured; what a vendor adds to a message is in the ratio. Invariant: no text and no name of a session
 * is kept.
 */
import { hash } from 'node:crypto';
import { SCRIPT_CLASSES } from '../script-class.ts';
import type { ScriptClass, ScriptMix } from '../script-class.ts';
import { estimatedRatio, tokenShares, wholeTokens } from './tokenizer-ratios.ts';
import type { TokenEstimate } from './tokenizer-ratios.ts';

/** One call. Tokens that no log shows as text (tools, images, earlier turns) must not be among those reported: see `whole-text.ts`. */
export interface CalibrationCall {
  readonly publisher: string;
  readonly model: string;
  /** session or day: calls of one are alike */
  readonly cluster: string;
  /** of all texts of its input */
  readonly o200kTokens: number;
  /** of its input, cached ones included, as the vendor reports them */
  readonly reportedTokens: number;
  readonly scripts: ScriptMix;
}

export interface CalibrationRow {
  readonly publisher: string;
  /** its name without path, vendor, day and version: one tokenizer */
  readonly model: string;
  /** `too_few`: fewer than 200 calls or 8 sessions or days; `incomplete`: reported tokens do not fit the texts of more than one in ten calls */
  readonly status: 'measured' | 'too_few' | 'incomplete';
  readonly calls: number;
  /** calls that were left out, because no tokenizer makes so many or so few tokens of their text */
  readonly leftOut: number;
  readonly sessions: number;
  readonly o200kTokens: number;
  readonly reportedTokens: number;
  /** reported tokens for each token of o200k_base, and the range of it; null where not measured */
  readonly ratio: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly scripts: ScriptMix;
}

export interface Calibration {
  /** Adds a call; nothing happens where it has no text or no reported tokens. */
  add(call: CalibrationCall): void;
  /** By model, whoever sold it, most calls first. */
  rows(): CalibrationRow[];
}

/** As for every ratio of this kind (docs/simulation.md, model selection). */
const MIN_CALLS = 200;
/** With fewer, their spread says too little of others. */
const MIN_CLUSTERS = 8;
/** Sessions are dealt into as many groups by their hash, so that memory does not grow with their number. */
const MAX_CLUSTERS = 1_000;
/** No measured tokenizer comes near these; short texts may be framed by as many tokens as they have. */
const FITTING = { least: 0.3, most: 8, framing: 50 } as const;
const MAX_LEFT_OUT = 0.1;

interface Sums {
  readonly publisher: string;
  readonly model: string;
  calls: number;
  leftOut: number;
  readonly clusters: Map<number, { o200k: number; reported: number }>;
  readonly scripts: Map<ScriptClass, number>;
}

/** A calibration without calls. */
export function createCalibration(): Calibration {
  const models = new Map<string, Sums>();
  return {
    add({ publisher, model: spelling, cluster, o200kTokens, reportedTokens, scripts }) {
      if (o200kTokens <= 0 || reportedTokens <= 0) return;
      const model = plainName(spelling);
      const name = JSON.stringify([publisher, model]);
      const sums = models.get(name) ?? {
        publisher,
        model,
        calls: 0,
        leftOut: 0,
        clusters: new Map(),
        scripts: new Map(),
      };
      models.set(name, sums);
      const { least, most, framing } = FITTING;
      if (reportedTokens < least * o200kTokens || reportedTokens > most * o200kTokens + framing) {
        sums.leftOut++;
        return;
      }
      sums.calls++;
      const number = Number.parseInt(hash('sha256', cluster).slice(0, 8), 16) % MAX_CLUSTERS;
      const own = sums.clusters.get(number) ?? { o200k: 0, reported: 0 };
      own.o200k += o200kTokens;
      own.reported += reportedTokens;
      sums.clusters.set(number, own);
      for (const script of SCRIPT_CLASSES) {
        const units = scripts[script] ?? 0;
        if (units > 0) sums.scripts.set(script, (sums.scripts.get(script) ?? 0) + units);
      }
    },
    rows: () =>
      [...models]
        .toSorted(([a, one], [b, other]) => other.calls - one.calls || (a < b ? -1 : 1))
        .map(([, sums]) => rowOf(sums)),
  };
}

/**
 * The row of a model, however it is spelled; one without calls where there is none. A model has one tokenizer wherever it is bought, so that calls on
 * Bedrock measure for Anthropic, too.
 */
export function calibrationOf(rows: readonly CalibrationRow[], publisher: string, model: string): CalibrationRow {
  const name = plainName(model);
  const found = rows.find((row) => row.publisher === publisher && row.model === name);
  return found ?? rowOf({ publisher, model: name, calls: 0, leftOut: 0, clusters: new Map(), scripts: new Map() });
}

/** `us.anthropic.claude-sonnet-4-5-20250929-v1:0` is `claude-sonnet-4-5`. Path, day or `latest`, version of the offer and Anthropic's name go. */
function plainName(model: string): string {
  const id = model
    .toLowerCase()
    .replace(/^.*\//, '')
    .replace(/^.*\banthropic\./, '');
  const offer = /-v\d+(?::\d+)?$/.exec(id);
  // what has no number before it is the model's own: claude-v2
  const named = offer !== null && /\d/.test(id.slice(0, offer.index)) ? id.slice(0, offer.index) : id;
  return named.replace(/[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, '');
}

function rowOf({ publisher, model, calls, leftOut, clusters, scripts }: Sums): CalibrationRow {
  // in an order of their own, so that the order of calls changes no digit
  const seen = [...clusters].toSorted(([a], [b]) => a - b).map(([, sums]) => sums);
  const o200kTokens = seen.reduce((sum, { o200k }) => sum + o200k, 0);
  const reportedTokens = seen.reduce((sum, { reported }) => sum + reported, 0);
  const isIncomplete = leftOut > MAX_LEFT_OUT * (calls + leftOut);
  const isFew = calls < MIN_CALLS || seen.length < MIN_CLUSTERS;
  const status = isIncomplete ? 'incomplete' : isFew ? 'too_few' : 'measured';
  const ratio = status === 'measured' ? reportedTokens / o200kTokens : null;
  const half = ratio === null ? 0 : halfWidth(seen, ratio, o200kTokens);
  return {
    publisher,
    model,
    status,
    calls,
    leftOut,
    sessions: seen.length,
    o200kTokens,
    reportedTokens,
    ratio,
    low: ratio === null ? null : Math.max(0, ratio - half),
    high: ratio === null ? null : ratio + half,
    scripts: Object.fromEntries(scripts),
  };
}

/** Half of the 95 % interval of a ratio of sums over clusters. */
function halfWidth(
  clusters: readonly { readonly o200k: number; readonly reported: number }[],
  ratio: number,
  o200kTokens: number,
): number {
  const n = clusters.length;
  const squares = clusters.reduce((sum, { o200k, reported }) => sum + (reported - ratio * o200k) ** 2, 0);
  return (studentQuantile975(n - 1) * Math.sqrt((squares * n) / (n - 1))) / o200kTokens;
}

/** Student's t for 97.5 %, from 7 degrees of freedom on within 0.003 % (Cornish and Fisher; Abramowitz and Stegun 26.7.5). */
function studentQuantile975(degrees: number): number {
  const z = 1.959964;
  const terms = [
    (z ** 3 + z) / 4,
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96,
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384,
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92_160,
  ];
  return terms.reduce((sum, term, at) => sum + term / degrees ** (at + 1), z);
}

/**
 * Tokens of another text for the model of a row. Its ratio is what was measured, moved as the ratios by script say where its scripts differ from those
 * measured; its range is the measured one as far as both texts are of the same scripts, and that of the estimate without a calibration for the
 * rest. Throws `RangeError` for a row that is not measured.
 */
export function calibratedTokens(row: CalibrationRow, o200kTokens: number, scripts: ScriptMix): TokenEstimate {
  const { publisher, model, ratio, low, high } = row;
  if (ratio === null || low === null || high === null) throw new RangeError(`${model} is not measured`);
  const plain = estimatedRatio(scripts, publisher, model).ratio;
  const moved = plain[1] / estimatedRatio(row.scripts, publisher, model).ratio[1];
  const measured = tokenShares(row.scripts);
  const same = tokenShares(scripts).reduce((sum, share, at) => sum + Math.min(share, measured[at] as number), 0);
  const expected = ratio * moved;
  const bound = (end: number, other: number): number => same * end * moved + (1 - same) * other;
  return {
    ...wholeTokens(o200kTokens, {
      low: Math.min(expected, bound(low, plain[0])),
      expected,
      high: Math.max(expected, bound(high, plain[2])),
    }),
    basis: measuredBasis(row),
  };
}

function measuredBasis({ model, ratio, low, high, calls, sessions }: CalibrationRow): string {
  const digits = (value: number | null): string => (value ?? NaN).toFixed(3);
  const range = `${digits(ratio)}(${digits(low)}-${digits(high)})`;
  return `calibrated:o200k_base*${range} on ${calls} own calls of ${model} in ${sessions} sessions or days`;
}

/** Why a row that is not measured is none, for people. */
export function whyNotMeasured({ model, status, calls, leftOut, sessions }: CalibrationRow): string {
  if (status === 'incomplete')
    return `not calibrated: reported tokens do not fit the texts of ${leftOut} of ${calls + leftOut} own calls of ${model}`;
  return `not calibrated: ${calls} own calls of ${model} in ${sessions} sessions or days are too few, ${MIN_CALLS} in ${MIN_CLUSTERS} are needed`;
}
