/**
 * The two weeks of a change, as `drivers.ts` takes them apart. In: rows of change-cells.sql. Out: cells. Units of cache writes are weighed 5 : 8,
 * as the vendor that bills two lifetimes prices them (1.25 and 2 times its input), because their cost is in one column: a longer lifetime is
 * then a matter of units, not of price.
 */
import type { SqlRow } from '../ports.ts';
import { addDays, daysBetween } from '../time.ts';
import type { ChangeCell, Side } from './drivers.ts';
import { countOf, picoOf, textOf } from './window.ts';
import type { Days, SpendWindow } from './window.ts';

/** Days of a week that are complete, and were a week before. */
export function comparedDays({ days, isComplete }: SpendWindow, week: Days): string[] {
  const complete = new Set(days.filter((_day, at) => isComplete[at]));
  return daysBetween(week.from, week.to).filter((day) => complete.has(day) && complete.has(addDays(day, -7)));
}

export function changeCells(rows: readonly SqlRow[]): ChangeCell[] {
  const cells = new Map<string, { -readonly [K in keyof ChangeCell]: ChangeCell[K] }>();
  for (const row of rows) {
    const team = textOf(row, 'team');
    const model = JSON.stringify([textOf(row, 'provider'), textOf(row, 'model')]);
    const way = JSON.stringify([textOf(row, 'tier'), textOf(row, 'operation')]);
    const key = typeof row['key_id'] === 'string' ? row['key_id'] : null;
    const name = JSON.stringify([team, model, way, key]);
    const cell = cells.get(name) ?? { team, model, way, key, previous: null, current: null };
    cells.set(name, cell);
    cell[row['side'] === 'current' ? 'current' : 'previous'] = sideOf(row);
  }
  return [...cells.values()];
}

function sideOf(row: SqlRow): Side {
  const units = (name: string): bigint => countOf(row, name);
  const meters = [
    { units: units('input_tokens'), costPico: picoOf(row, 'input_cost') },
    { units: units('cache_read_tokens'), costPico: picoOf(row, 'cache_read_cost') },
    {
      units: 5n * units('cache_write_5m_tokens') + 8n * units('cache_write_1h_tokens'),
      costPico: picoOf(row, 'cache_write_cost'),
    },
    { units: units('output_tokens'), costPico: picoOf(row, 'output_cost') },
  ];
  const rest = picoOf(row, 'cost') - meters.reduce((sum, { costPico }) => sum + costPico, 0n);
  return { calls: units('calls'), meters: [...meters, { units: units('pieces'), costPico: rest }] };
}
