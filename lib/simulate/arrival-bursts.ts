/**
 * How unlike random the arrivals are: what a reader needs to see why the replay asks for more servers than a formula. In: arrival times in
 * seconds, ascending. Out: squared coefficient of variation of the gaps (1 for random arrivals), and for windows of 1, 10 and 60 s the index of
 * dispersion of the counts (variance over mean; 1 for random arrivals) and peak over mean. Null where the log is too short to tell.
 */

export interface WindowBursts {
  readonly windowS: number;
  readonly dispersion: number | null;
  readonly peakOverMean: number | null;
}

export interface ArrivalBursts {
  /** c² of the gaps between arrivals */
  readonly gapVariation: number | null;
  readonly windows: readonly WindowBursts[];
}

const WINDOWS_S = [1, 10, 60];

/** Burst statistics of a log. */
export function arrivalBursts(arrivalS: Float64Array): ArrivalBursts {
  return { gapVariation: gapVariation(arrivalS), windows: WINDOWS_S.map((windowS) => windowBursts(arrivalS, windowS)) };
}

/**
 * Mean wait of a queue with general arrivals and service from that of a random one (Allen and Cunneen 1990): scaled by the mean of both c².
 * An approximation that still misses a rate that drifts; shown for comparison.
 */
export function allenCunneenMeanWaitS(erlangMeanWaitS: number, gapVariation: number, serviceVariation: number): number {
  return (erlangMeanWaitS * (gapVariation + serviceVariation)) / 2;
}

/** c² of positive numbers: variance over squared mean. */
export function squaredVariation(values: Float64Array): number | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (mean === 0) return null;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length / mean ** 2;
}

function gapVariation(arrivalS: Float64Array): number | null {
  const gaps = new Float64Array(Math.max(0, arrivalS.length - 1));
  for (let i = 0; i < gaps.length; i++) gaps[i] = (arrivalS[i + 1] as number) - (arrivalS[i] as number);
  return squaredVariation(gaps);
}

/** Whole windows from the first arrival on; what is left at the end is no window and is not counted. */
function windowBursts(arrivalS: Float64Array, windowS: number): WindowBursts {
  const first = arrivalS[0] ?? 0;
  const windows = Math.floor(((arrivalS.at(-1) ?? 0) - first) / windowS);
  if (windows < 2) return { windowS, dispersion: null, peakOverMean: null };
  let counted = 0;
  let squares = 0;
  let peak = 0;
  for (let i = 0; i < arrivalS.length;) {
    const window = Math.floor(((arrivalS[i] as number) - first) / windowS);
    if (window >= windows) break;
    const start = i;
    while (i < arrivalS.length && Math.floor(((arrivalS[i] as number) - first) / windowS) === window) i++;
    const count = i - start;
    counted += count;
    squares += count * count;
    peak = Math.max(peak, count);
  }
  const mean = counted / windows;
  return { windowS, dispersion: (squares / windows - mean * mean) / mean, peakOverMean: peak / mean };
}
