/**
 * What the rows of the ledger tell about its health: ids on more than one day, calls without a price, objects that were not read or
 * lie there twice. In: an engine that sees the public tables, the commits. Out: findings. Sums are made by the engine; only the first
 * cases come back.
 */
import { liveObjects } from '../commit.ts';
import type { BatchCommit } from '../commit.ts';
import type { SqlEngine } from '../ports.ts';
import { countIn, textIn } from '../report/measures.ts';
import { firstPlaces, several } from './finding.ts';
import type { Finding } from './finding.ts';

const TWINS = `
select record_id, first_day, last_day, first_object, last_object, cast(count(*) over () as bigint) as ids
from (
  select record_id, min(day) as first_day, max(day) as last_day, min(source_object) as first_object, max(source_object) as last_object
  from usage
  group by record_id
  having min(day) <> max(day)
) apart
order by record_id
limit 20`;

const UNPRICED = `
select cast(coalesce(sum(calls), 0) as bigint) as calls, cast(count(distinct model) as bigint) as models
from usage
where cost_status = 'unpriced'`;

/** Checks over table `usage`. */
export async function checkRows(engine: SqlEngine): Promise<Finding[]> {
  const twins = await engine.query(TWINS);
  const unpriced = (await engine.query(UNPRICED))[0] ?? {};
  const [calls, models] = [countIn(unpriced, 'calls'), countIn(unpriced, 'models')];
  const ids = twins[0] === undefined ? 0 : countIn(twins[0], 'ids');
  return [
    ids === 0
      ? { level: 'ok', check: 'twins', message: 'no record id stands on more than one day' }
      : {
          level: 'problem',
          check: 'twins',
          message: `${several(ids, 'record id')} ${ids === 1 ? 'stands' : 'stand'} on more than one day: copies further apart than the twin window count twice`,
          where: twins.map((row) => {
            const text = (name: string): string => textIn(row, name) ?? '';
            const [from, to] = [text('first_object'), text('last_object')];
            return `${text('record_id')}: ${text('first_day')} and ${text('last_day')} in ${from === to ? from : `${from}, ${to}`}`;
          }),
          todo: 'if they are copies raise twins.wide_days, or retract the object that repeats them; list all with: select record_id from usage group by record_id having min(day) <> max(day)',
        },
    calls === 0
      ? { level: 'ok', check: 'unpriced', message: 'every call has a price' }
      : {
          level: 'problem',
          check: 'unpriced',
          message: `${calls} calls of ${models} models have no price and are in no total`,
          todo: 'docs/prices.md: add rows with prices.overlays',
        },
  ];
}

/** Objects that were not read, and equal objects whose lines have neither id nor time and so count every time. */
export function checkObjects(batches: readonly BatchCommit[]): Finding[] {
  const objects = [...liveObjects(batches).values()].map(({ commit }) => commit);
  const unread = objects.filter((o) => o.outcome === 'failed' || o.outcome === 'too_large');
  const byEtag = Map.groupBy(
    objects.filter((o) => o.positionRows > 0 && o.outcome === 'landed'),
    (o) => o.etag,
  );
  const copies = [...byEtag.values()].filter((same) => same.length > 1);
  return [
    ...unread.map((o): Finding => ({
      level: 'problem',
      check: 'objects',
      message: `${o.object} was not read: ${o.detail ?? o.outcome}`,
      where: [o.object],
      todo: 'docs/runbook.md, "An object was not read"',
    })),
    ...copies.map((same): Finding => ({
      level: 'problem',
      check: 'copies',
      message: `${same.length} objects with equal bytes hold ${same[0]?.positionRows} lines without id and time each, which count every time`,
      where: firstPlaces(same.map((o) => o.object)),
      todo: 'retract all but one of them, or log an id or a time',
    })),
  ];
}
