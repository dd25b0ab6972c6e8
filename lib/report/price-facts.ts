/**
 * Prices that begin or end soon and what that means in dollars for the tokens used lately. In: a way to ask, the last day of a week.
 * Out: a row a price, its days and its effect, by team. Invariant: an effect that cannot be known is null, never 0.
 */
import { addPico } from '../money.ts';
import type { Pico } from '../money.ts';
import type { SqlRow } from '../ports.ts';
import { addDays } from '../time.ts';
import { countIn, moneyIn, textIn } from './measures.ts';
import type { Ask } from './spend.ts';

/** How far ahead prices are looked at, and how far back usage. */
export const AHEAD_DAYS = 90;
export const USED_DAYS = 28;

/** One price of a model that changes, and its effect on what one team used in `USED_DAYS`. */
export interface PriceChange {
  readonly day: string;
  readonly provider: string;
  readonly model: string;
  readonly meter: string;
  readonly tier: string;
  readonly team: string;
  readonly priceId: string;
  /** USD per million tokens, decimal text; null = no price */
  readonly oldValue: string | null;
  readonly newValue: string | null;
  readonly tokens: number;
  readonly effectPico: Pico | null;
}

export async function readPriceChanges(ask: Ask, weekEnd: string): Promise<PriceChange[]> {
  const rows = await ask(
    'price-changes',
    addDays(weekEnd, 1 - USED_DAYS),
    weekEnd,
    addDays(weekEnd, 1),
    addDays(weekEnd, AHEAD_DAYS),
  );
  return rows.map((row: SqlRow) => ({
    day: textIn(row, 'change_day') ?? '',
    provider: textIn(row, 'provider') ?? '',
    model: textIn(row, 'model') ?? '',
    meter: textIn(row, 'meter') ?? '',
    tier: textIn(row, 'service_tier') ?? '',
    team: textIn(row, 'team') ?? '',
    priceId: textIn(row, 'price_id') ?? '',
    oldValue: textIn(row, 'old_value'),
    newValue: textIn(row, 'new_value'),
    tokens: countIn(row, 'tokens'),
    effectPico: moneyIn(row, 'effect'),
  }));
}

/** Changes of one price for several teams, as one. */
export function foldTeams(changes: readonly PriceChange[]): Omit<PriceChange, 'team'>[] {
  const byPrice = Map.groupBy(changes, ({ day, provider, model, meter, tier }) =>
    JSON.stringify([day, provider, model, meter, tier]),
  );
  return [...byPrice.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { team: _team, ...price } = first;
    const effectPico = own.some((change) => change.effectPico === null)
      ? null
      : own.reduce<Pico>((sum, change) => addPico(sum, change.effectPico ?? 0), 0);
    return [{ ...price, tokens: own.reduce((sum, { tokens }) => sum + tokens, 0), effectPico }];
  });
}
