/**
 * Generated spend of an organization for `watch-accuracy.ts`: what a forecast and a search for anomalies see, and what is planted in it. In: a seed.
 * Out: cells (team × model) with 150 days of cost, calls and tokens; days that are missing; spikes. Drawn per history, so that no two are alike:
 * teams 2 to 6, models 1 to 4 each (3 to 3,000 USD a day), noise of a cell's day 5 to 25 % (normal or Student t with 5 degrees of freedom),
 * calls Poisson, a weekly shape from none to weekends of nothing, a trend of -1 to +1.5 % a day, a level that wanders by 0 to 4 % a day, some with a step.
 */
import { createChance } from '../lib/simulate/chance.ts';
import type { CellDay, CellHistory } from '../lib/watch/anomalies.ts';

export const DAYS = 150;

export interface Spike {
  readonly cell: number;
  readonly at: number;
  readonly times: number;
}

export interface History {
  /** weekday of the first day */
  readonly firstWeekday: number;
  /** without missing days */
  readonly truth: readonly CellHistory[];
  readonly noise: readonly number[];
  /** days that are not complete */
  readonly missing: ReadonlySet<number>;
  readonly spikes: readonly Spike[];
  /** cells whose level steps, and when: no spike, but a change that may be told of */
  readonly steps: readonly { readonly cell: number; readonly at: number }[];
}

/** `spikeFrom`: spikes are planted from this day on, on average one in a month and team. */
export function drawHistory(seed: number, spikeFrom: number): History {
  const chance = createChance(seed, 'history');
  const u = (low: number, high: number): number => low + (high - low) * chance.uniform();
  const normal = (): number => Math.sqrt(-2 * Math.log(chance.uniform())) * Math.cos(2 * Math.PI * chance.uniform());
  const heavy = (): number => {
    let squares = 0;
    for (let i = 0; i < 5; i++) squares += normal() ** 2;
    // Student t with 5 degrees of freedom, at standard deviation 1
    return (normal() / Math.sqrt(squares / 5)) * Math.sqrt(3 / 5);
  };
  const poisson = (mean: number): number => {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    let [count, product] = [0, chance.uniform()];
    while (product > Math.exp(-mean)) {
      product *= chance.uniform();
      count++;
    }
    return count;
  };
  const firstWeekday = chance.below(7);
  const isHeavy = chance.uniform() < 0.5;
  const truth: CellHistory[] = [];
  const noise: number[] = [];
  const spikes: Spike[] = [];
  const steps: { cell: number; at: number }[] = [];
  const teams = 2 + chance.below(5);
  for (let team = 0; team < teams; team++) {
    const kind = chance.uniform();
    const weekend = kind < 0.25 ? 1 : kind < 0.85 ? u(0.1, 0.9) : 0;
    const trend = chance.uniform() < 0.5 ? 0 : u(-0.01, 0.015);
    const turn = chance.uniform() < 0.3 ? chance.below(DAYS) : DAYS;
    const wander = chance.uniform() < 0.4 ? 0 : u(0, 0.04);
    const models = 1 + chance.below(4);
    for (let model = 0; model < models; model++) {
      const cell = truth.length;
      const callsADay = Math.exp(u(Math.log(30), Math.log(20_000)));
      const costPerCall = Math.exp(u(Math.log(3), Math.log(3_000))) / callsADay;
      const tokensPerCall = Math.round(u(500, 20_000));
      const sigma = u(0.05, 0.25);
      noise.push(sigma);
      const step =
        chance.uniform() < 0.1 ? { at: chance.below(DAYS), times: chance.uniform() < 0.5 ? 0.6 : 1.7 } : null;
      if (step !== null) steps.push({ cell, at: step.at });
      let level = 0;
      const days: CellDay[] = [];
      for (let at = 0; at < DAYS; at++) {
        level += wander * normal() + (at < turn ? trend : 0);
        const weekday = (firstWeekday + at) % 7;
        const shape = weekday >= 5 ? weekend : 1;
        const stepped = step !== null && at >= step.at ? step.times : 1;
        let mean = callsADay * Math.exp(level) * shape * stepped;
        const isSpike = at >= spikeFrom && shape > 0 && chance.uniform() < 1 / 30 / models;
        if (isSpike) spikes.push({ cell, at, times: 3 });
        if (isSpike) mean *= 3;
        // half of the noise is in how many calls there are, half in how long they are
        const draw = (): number => (isHeavy ? heavy() : normal()) * sigma * Math.SQRT1_2;
        const calls = poisson(mean * Math.exp(draw()));
        const length = Math.exp(draw());
        const tokens = Math.round(calls * tokensPerCall * length);
        days.push({ calls, tokens, cost: tokens * (costPerCall / tokensPerCall) });
      }
      truth.push({ team: `team-${team}`, provider: 'p', model: `model-${model}`, days });
    }
  }
  const missing = new Set<number>();
  if (chance.uniform() < 0.5)
    for (let gaps = 1 + chance.below(4); gaps > 0; gaps--) {
      const at = chance.below(DAYS);
      for (let days = 1 + chance.below(3); days > 0; days--) missing.add(at + days);
    }
  return { firstWeekday, truth, noise, missing, spikes, steps };
}

/** What is known of it: missing days are null for all. */
export function seen({ truth, missing }: History, days: number): CellHistory[] {
  return truth.map((cell) => ({
    ...cell,
    days: cell.days.slice(0, days).map((day, at) => (missing.has(at) ? null : day)),
  }));
}
