/**
 * The sections about what to look at: days that stood out, and prices that will change. In: a scope. Out: sections as data.
 * Invariant: an effect nobody can know is said to be unknown; amounts are for tokens used, not forecasts.
 */
import { addPico } from '../money.ts';
import type { Pico } from '../money.ts';
import { addDays } from '../time.ts';
import { difference } from './comparison.ts';
import type { ReportSection } from './document.ts';
import { day, dayRange, plural, shownName, signedMoney } from './format.ts';
import { driverTitle } from './lever-steps.ts';
import { AHEAD_DAYS, USED_DAYS, foldTeams } from './price-facts.ts';
import type { Scope } from './scope.ts';
import { changeCell, moneyCell, nameCell, textCell, tokensCell } from './table.ts';
import type { Cell } from './table.ts';

const ROWS = 20;

/** Days on which a team spent far from its own usual. */
export function anomalySection({ anomalies, team }: Scope): ReportSection {
  const id = 'anomalies';
  const title = 'Anomalies';
  const query = 'week-anomalies';
  if (anomalies.length === 0) {
    const text = `No day stood out from what ${team === null ? 'a team usually spends' : 'this team usually spends'} on a model.`;
    return { id, title, blocks: [{ kind: 'paragraph', text, query }] };
  }
  const excess = (row: Scope['anomalies'][number]): Pico => difference(row.actualPico, row.expectedPico) ?? 0;
  const sorted = anomalies.toSorted((a, b) => (BigInt(excess(b)) > BigInt(excess(a)) ? 1 : -1));
  const rows = sorted
    .slice(0, ROWS)
    .map((row): Cell[] => [
      { shown: day(row.day), sort: row.day },
      nameCell(row.team),
      nameCell(row.model, row.provider),
      moneyCell(row.actualPico),
      moneyCell(row.expectedPico),
      changeCell(excess(row)),
      textCell(driverTitle(shownName(row.cause, 80))),
      textCell(row.state),
    ]);
  const more = sorted.length > ROWS ? `, the ${ROWS} largest of ${sorted.length}` : '';
  return {
    id,
    title,
    blocks: [
      {
        kind: 'table',
        mailRows: 5,
        table: {
          caption: `Days far from the usual, USD${more}`,
          query,
          columns: [
            { title: 'Day' },
            { title: 'Team' },
            { title: 'Model' },
            { title: 'Spent', isNumeric: true },
            { title: 'Expected', isNumeric: true },
            { title: 'Difference', isNumeric: true },
            { title: 'Moved most' },
            { title: 'State' },
          ],
          rows,
        },
      },
      {
        kind: 'paragraph',
        tone: 'hint',
        text: 'Expected is what the same team and model cost on earlier days like this one; docs/accuracy.md says how often this is wrong.',
      },
    ],
  };
}

/** Dated prices of the book that begin or end soon, and their effect on what was used lately. */
export function priceSection({ facts, priceChanges }: Scope): ReportSection {
  const id = 'prices';
  const title = 'Price changes ahead';
  const query = 'price-changes';
  const end = facts.week.to;
  const folded = foldTeams(priceChanges);
  if (folded.length === 0) {
    const text = `The price book has no change of a price in use until ${day(addDays(end, AHEAD_DAYS))}.`;
    return { id, title, blocks: [{ kind: 'paragraph', text, query }] };
  }
  const known = folded.filter(({ effectPico }) => effectPico !== null);
  const sum = known.reduce<Pico>((all, { effectPico }) => addPico(all, effectPico ?? 0), 0);
  const open = folded.length - known.length;
  const unknown =
    open === 0 ? '' : ` ${plural(open, 'price')} ${open === 1 ? 'has' : 'have'} no value on one side: no amount.`;
  const used = dayRange(addDays(end, 1 - USED_DAYS), end);
  const shown = folded.slice(0, ROWS);
  const rest = folded.slice(ROWS);
  const rows = shown.map((row): Cell[] => [
    { shown: day(row.day), sort: row.day },
    nameCell(row.model, row.provider),
    textCell(`${row.meter.replaceAll('_', ' ')}${row.tier === 'standard' ? '' : `, ${row.tier}`}`),
    textCell(row.oldValue === null ? 'none' : `$${row.oldValue}`),
    textCell(row.newValue === null ? 'none' : `$${row.newValue}`),
    tokensCell(row.tokens),
    changeCell(row.effectPico),
  ]);
  if (rest.length > 0)
    rows.push([
      textCell(plural(rest.length, 'other price')),
      ...Array.from({ length: 5 }, () => textCell('')),
      changeCell(rest.reduce<Pico>((all, { effectPico }) => addPico(all, effectPico ?? 0), 0)),
    ]);
  return {
    id,
    title,
    blocks: [
      {
        kind: 'paragraph',
        text: `Prices that begin or end until ${day(addDays(end, AHEAD_DAYS))} would have changed the ${USED_DAYS} days ${used} by ${signedMoney(sum)}.${unknown}`,
        query,
      },
      {
        kind: 'table',
        mailRows: 6,
        table: {
          caption: `Dated prices, USD per million tokens, and their effect on the tokens of ${used}`,
          query,
          columns: [
            { title: 'From' },
            { title: 'Model' },
            { title: 'Meter' },
            { title: 'Before' },
            { title: 'After' },
            { title: 'Tokens', isNumeric: true },
            { title: 'Effect', isNumeric: true },
          ],
          rows,
          foot: [textCell('Sum'), ...Array.from({ length: 5 }, () => textCell('')), changeCell(sum)],
        },
      },
      {
        kind: 'paragraph',
        tone: 'hint',
        text: 'List prices of the default region and the base context band, at the tier that was used; rates of your own contract are not in it.',
      },
    ],
  };
}
