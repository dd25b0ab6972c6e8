/**
 * Pricing and attributing closed months again, looked at before it holds. In: the lake, how it is sealed, a range of days. Out: what spend
 * by team and by model would become, and two ways on: `apply` commits and switches to exactly what was shown, `discard` leaves nothing
 * behind. Invariant: until `apply` no reader sees anything of it.
 */
import { applyChanges } from './catalog.ts';
import { writeCommit } from './commit.ts';
import type { BatchCommit } from './commit.ts';
import { sealLake } from './lake-seal.ts';
import type { LakeSealInput } from './lake-seal.ts';
import { createOverlayStore, replay } from './overlay-store.ts';
import type { OverlayStore } from './overlay-store.ts';
import type { CatalogChanges, CatalogState, SqlEngine, SqlRow, TableCatalog } from './ports.ts';
import { prepareRestamp } from './restamp.ts';
import type { DayRange, RestampResult, RestampWorld } from './restamp.ts';
import { USAGE, columnTypes } from './schema.ts';

/** What one team or model came to in the days that would change, before and after. */
export interface Difference {
  readonly name: string;
  readonly before: Amount;
  readonly after: Amount;
}

export interface Amount {
  /** picodollars; null where the cost of every call is unknown */
  readonly costPico: bigint | null;
  readonly tokens: bigint;
  /** calls whose cost is unknown: they are in no sum */
  readonly unknownCalls: bigint;
}

export interface Repricing {
  readonly restamp: RestampResult;
  /** days whose rows would change */
  readonly days: readonly string[];
  readonly byTeam: readonly Difference[];
  readonly byModel: readonly Difference[];
  readonly total: Omit<Difference, 'name'>;
  readonly apply: () => Promise<void>;
  readonly discard: () => Promise<void>;
}

/** Prices and attributes the range again beside the ledger and compares. The caller must be the only writer until it ends. */
export async function prepareRepricing(world: RestampWorld, seal: LakeSealInput, range: DayRange): Promise<Repricing> {
  // what has landed and is not sealed yet is no difference of prices
  await sealLake(seal);
  const restamp = await prepareRestamp(world, range);
  const { context, catalog } = seal;
  const before = await catalog.read();
  const overlay = createOverlayStore(context.store);
  for (const batch of restamp.batches) await writeCommit(overlay, batch);
  const preview = previewCatalog(before, overlay);
  await sealLake({ ...seal, catalog: preview.catalog, context: { ...context, store: overlay } });
  const changes = preview.changes();
  const days = Object.keys(changes['usage'] ?? {}).filter(
    (day) => changes['usage']?.[day]?.generation !== before.tables['usage']?.[day]?.generation,
  );
  const byTeam = await compare(context.engine, before, changes, days, 'team');
  const byModel = await compare(context.engine, before, changes, days, "provider || ' ' || model");
  return {
    restamp,
    days,
    byTeam,
    byModel,
    total: { before: sumOf(byTeam.map((d) => d.before)), after: sumOf(byTeam.map((d) => d.after)) },
    apply: async () => applyPreview(seal, before, overlay, preview),
    discard: async () => context.store.remove(madeFor(before, restamp.batches, changes)),
  };
}

interface Preview {
  readonly catalog: TableCatalog;
  changes(): CatalogChanges;
  /** how many writes the overlay had seen when it was switched */
  writesBefore(): number;
}

/** A catalog that takes one switch and tells nobody. */
function previewCatalog(before: CatalogState, overlay: OverlayStore): Preview {
  let changes: CatalogChanges = {};
  let writesBefore: number | null = null;
  return {
    catalog: {
      read: async () => applyChanges(before, changes),
      switch: async (_expected, wanted) => {
        changes = wanted;
        writesBefore = overlay.written().length;
        return true;
      },
    },
    changes: () => changes,
    writesBefore: () => writesBefore ?? overlay.written().length,
  };
}

/** Commits first: from then on any seal comes to the same rows, whatever becomes of this process. Then the generations that were shown. */
async function applyPreview(
  seal: LakeSealInput,
  before: CatalogState,
  overlay: OverlayStore,
  preview: Preview,
): Promise<void> {
  const { store } = seal.context;
  const writes = overlay.written();
  // the overlay saw the commits before anything else
  await replay(store, writes.slice(0, preview.writesBefore()));
  const isSwitched = await seal.catalog.switch(before.revision, preview.changes());
  if (isSwitched) await replay(store, writes.slice(preview.writesBefore()));
  // does nothing after a switch; seals by itself if the catalog had moved
  await sealLake(seal);
}

/** Files that were made for a preview and that nothing else points at. */
function madeFor(before: CatalogState, batches: readonly BatchCommit[], changes: CatalogChanges): string[] {
  const pointedAt = new Set(Object.values(before.tables).flatMap((t) => Object.values(t).flatMap((p) => p.keys)));
  const generations = Object.values(changes).flatMap((t) => Object.values(t).flatMap((p) => p?.keys ?? []));
  const landed = batches.flatMap((batch) => batch.files.map((file) => file.key));
  return [...new Set([...landed, ...generations])].filter((key) => !pointedAt.has(key));
}

async function compare(
  engine: SqlEngine,
  before: CatalogState,
  changes: CatalogChanges,
  days: readonly string[],
  group: string,
): Promise<Difference[]> {
  const keysIn = (pointers: CatalogChanges[string] | undefined): string[] =>
    days.flatMap((day) => pointers?.[day]?.keys ?? []);
  const old = await amounts(engine, keysIn(before.tables['usage']), group);
  const made = await amounts(engine, keysIn(changes['usage']), group);
  const names = [...new Set([...old.keys(), ...made.keys()])].toSorted();
  return names
    .map((name) => ({ name, before: old.get(name) ?? NOTHING, after: made.get(name) ?? NOTHING }))
    .toSorted((a, b) => compareMoves(a, b));
}

/** How known spend moves: what was or becomes unknown counts nothing. */
export function movePico({ before, after }: Omit<Difference, 'name'>): bigint {
  return (after.costPico ?? 0n) - (before.costPico ?? 0n);
}

/** Largest move first, then by name. */
function compareMoves(a: Difference, b: Difference): number {
  const size = (d: Difference): bigint => {
    const move = movePico(d);
    return move < 0n ? -move : move;
  };
  return size(a) === size(b) ? (a.name < b.name ? -1 : 1) : size(a) > size(b) ? -1 : 1;
}

const NOTHING: Amount = { costPico: null, tokens: 0n, unknownCalls: 0n };

function sumOf(parts: readonly Amount[]): Amount {
  return parts.reduce(
    (sum, part) => ({
      costPico: part.costPico === null ? sum.costPico : (sum.costPico ?? 0n) + part.costPico,
      tokens: sum.tokens + part.tokens,
      unknownCalls: sum.unknownCalls + part.unknownCalls,
    }),
    NOTHING,
  );
}

async function amounts(engine: SqlEngine, keys: readonly string[], group: string): Promise<Map<string, Amount>> {
  await engine.files('usage_compared', columnTypes(USAGE), keys);
  const rows = await engine.query(`
select ${group} as name, cast(sum(cost) as decimal(38,12)) as cost,
  cast(sum(input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + output_tokens) as decimal(38,0)) as tokens,
  cast(sum(case when cost is null then calls else 0 end) as decimal(38,0)) as unknown_calls
from usage_compared
group by ${group}
order by name`);
  return new Map(rows.map((row) => [String(row['name']), amountOf(row)]));
}

function amountOf(row: SqlRow): Amount {
  const whole = (name: string): bigint => {
    const digits = row[name];
    return typeof digits === 'string' ? BigInt(digits.replace('.', '')) : 0n;
  };
  return {
    costPico: row['cost'] === null ? null : whole('cost'),
    tokens: whole('tokens'),
    unknownCalls: whole('unknown_calls'),
  };
}
