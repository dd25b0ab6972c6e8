/**
 * How figures of rules of thumb read: three significant digits, thousands grouped, units in words. Display only; exact values are in the figures.
 */
import { usdText } from '../money.ts';
import type { Pico } from '../money.ts';
import type { Figure, Unit } from './claim.ts';

const AFTER: Record<Unit, string> = {
  USD: '',
  'USD/M tokens': ' per million tokens',
  'USD/hour': ' per hour',
  'USD/day': ' per day',
  'USD/month': ' per month',
  'USD/query': ' per query',
  'USD/document': ' per document',
  'USD/image': ' per image',
  '%': '%',
  tokens: ' tokens',
  times: ' times',
  'queries/hour': ' queries per hour',
  'queries/day': ' queries per day',
  'images/day': ' images per day',
  days: ' days',
};

/** `$0.08–0.16 per query`, `27.5–46.5%`, `−1.9 to 28.7%`, `never`. */
export function figureText({ low, high, unit }: Figure): string {
  if (low === null) return 'never';
  const isMoney = unit.startsWith('USD');
  const ends = [low, ...(high === null || high === low ? [] : [high])].map(Number);
  const shown = isMoney ? dollarDigits(ends) : ends.map(numberText);
  const [first = '', last = first] = shown;
  const joint = first.startsWith('−') ? ' to ' : '–';
  const text = first === last ? first : `${first}${joint}${last}`;
  return `${isMoney ? '$' : ''}${text}${AFTER[unit]}${high === null ? ' or never' : ''}`;
}

/** An amount: `$0.0115`, `$3.13`, `$384`. */
export function dollarText(pico: Pico): string {
  return `$${dollarDigits([Number(usdText(pico))]).join('')}`;
}

/** Cents from a dollar up, for all of them if one needs them; three digits below. Whole from 100 up. */
function dollarDigits(amounts: readonly number[]): string[] {
  const hasCents = amounts.some((usd) => usd < 100 && !Number.isInteger(usd));
  return amounts.map((usd) => {
    if (usd < 1) return withCents(rounded(usd, 3));
    const digits = hasCents && usd < 100 ? 2 : 0;
    return usd.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  });
}

/** `0.6` → `0.60` */
function withCents(usd: number): string {
  return usd * 100 === Math.round(usd * 100) ? usd.toFixed(2) : String(usd);
}

/** A number: `2,670`, `29,200`, `46.5`, `−1.9`; three digits, at most one decimal from 1 on. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  const shown = size < 1 ? rounded(size, 2) : size < 100 ? Number(size.toFixed(1)) : rounded(size, 3);
  return `${value < 0 ? '−' : ''}${shown.toLocaleString('en-US')}`;
}

function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}
