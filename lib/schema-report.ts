/** The tables behind the weekly report, as `schema.ts` has the others: names, types, meaning. They are made by `watch`, which runs before each report. */
import { columns } from './schema-columns.ts';
import type { Table } from './schema-columns.ts';

export const BUDGETS: Table = {
  name: 'budgets',
  partition: { name: 'period', type: 'string' },
  columns: columns([
    ['scope', 'string', '`total` or `team`'],
    ['id', 'string', 'the team; empty for the total'],
    ['amount', 'decimal(38,12)', 'USD of the month'],
    ['owner', 'string?', 'who answers for it'],
  ]),
  doc: 'Budgets of config `budgets`, by month (`2026-11`).',
};

export const FORECASTS: Table = {
  name: 'forecasts',
  partition: { name: 'made_on', type: 'date' },
  columns: columns([
    ['scope', 'string', '`total` or `team`'],
    ['id', 'string', 'the team; empty for the total'],
    ['period', 'string', 'the month that is forecast, `2026-11`'],
    ['actual', 'decimal(38,12)', 'USD of its complete days before made_on'],
    [
      'low expected high',
      'decimal(38,12)',
      'USD of the whole month; low to high is meant to hold it in 80 of 100 months',
    ],
    ['method', 'string', 'how, and from how many days'],
  ]),
  doc: 'What a month is expected to cost, as seen from the day `made_on`, from complete days before it alone.',
};

export const ANOMALIES: Table = {
  name: 'anomalies',
  partition: { name: 'day', type: 'date' },
  columns: columns([
    ['team', 'string', 'who'],
    ['provider model', 'string', 'what'],
    ['expected', 'decimal(38,12)', 'USD that the days before let expect'],
    ['actual', 'decimal(38,12)', 'USD of the day'],
    [
      'cause',
      'string',
      'what moved most: `calls`, `tokens per call`, `price`, `new model` (this team never spent on it in the 56 days before), `new key` (keys first seen in the week before make up most of the excess)',
    ],
    ['state', 'string', '`new`, or `continued` where the day before was one, too'],
  ]),
  doc: 'Days on which a team spent far more on a model than its own days before let expect (docs/accuracy.md).',
};

export const CHANGE_DRIVERS: Table = {
  name: 'change_drivers',
  partition: { name: 'week', type: 'string' },
  columns: columns([
    ['team', 'string', 'who'],
    [
      'driver',
      'string',
      '`volume`, `mix`, `tokens_per_call`, `price`, `new_model`, `gone_model`, `new_key`, `gone_key`',
    ],
    [
      'amount',
      'decimal(38,12)',
      'USD; all of a week sum exactly to its change against the week before, over the days compared',
    ],
  ]),
  doc: 'Why a week cost more or less than the one before, over days complete in both; `week` is named by its last day, `2026-11-15`.',
};
