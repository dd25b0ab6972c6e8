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
import { estimatedRatio, estimateTokens, tokenShares } from './tokenizer-ratios.ts';
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
  /** By model, most calls first. */
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
    add({ publisher, model, cluster, o200kTokens, reportedTokens, scripts }) {
      if (o200kTokens <= 0 || reportedTokens <= 0) return;
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

/** Student's t for 97.5 %, from 7 degrees of freedom on within 0.3 % (Cornish and Fisher; Abramowitz and Stegun 26.7.5). */
function studentQuantile975(degrees: number): number {
  const z = 1.959964;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  return z + first / degrees + second / degrees ** 2;
}

/**
 * Tokens of another text for the model of a row. Its ratio is what was measured, moved as the ratios by script say where its scripts differ from those
 * measured; its range is the measured one as far as both texts are of the same scripts, and that of the estimate without a calibration for the
 * rest. Throws `RangeError` for a row that is not measured.
 */
export function calibratedTokens(row: CalibrationRow, o200kTokens: number, scripts: ScriptMix): TokenEstimate {
  const { publisher, model, ratio, low, high } = row;
  if (ratio === null || low === null || high === null) throw new RangeError(`${model} is not measured`);
  const plain = estimateTokens(o200kTokens, scripts, publisher, model);
  if (o200kTokens === 0) return { ...plain, method: methodOf(row) };
  const moved =
    estimatedRatio(scripts, publisher, model).ratio[1] / estimatedRatio(row.scripts, publisher, model).ratio[1];
  const measured = tokenShares(row.scripts);
  const same = tokenShares(scripts).reduce((sum, share, at) => sum + Math.min(share, measured[at] as number), 0);
  const expected = o200kTokens * ratio * moved;
  const bound = (end: number, other: number): number => same * end * moved * o200kTokens + (1 - same) * other;
  return {
    low: Math.max(1, Math.floor(Math.min(expected, bound(low, plain.low)))),
    expected: Math.max(1, Math.round(expected)),
    high: Math.max(1, Math.ceil(Math.max(expected, bound(high, plain.high)))),
    method: methodOf(row),
  };
}

function methodOf({ ratio, low, high, calls }: CalibrationRow): string {
  const digits = (value: number | null): string => (value ?? NaN).toFixed(3);
  return `calibrated:o200k_base*${digits(ratio)}(${digits(low)}-${digits(high)}) on ${calls} own calls`;
}
