/** What every table catalog must do. */
import { expect, test } from 'vitest';
import type { PartitionPointer, TableCatalog } from '../../lib/ports.ts';

const pointer = (generation: string): PartitionPointer => ({
  generation,
  keys: [`v1/sealed/g=${generation}/x.parquet`],
  rows: 1,
  madeFrom: 'set',
});

export function tableCatalogContract(create: () => Promise<TableCatalog>): void {
  test('starts empty, and a switch points partitions at their generation', async () => {
    const catalog = await create();
    const empty = await catalog.read();
    expect(empty.tables).toEqual({});
    expect(
      await catalog.switch(empty.revision, { usage: { '2026-11-01': pointer('a') }, prices: { all: pointer('p') } }),
    ).toBe(true);
    const state = await catalog.read();
    expect(state.tables).toEqual({ usage: { '2026-11-01': pointer('a') }, prices: { all: pointer('p') } });
    expect(state.revision).toBeGreaterThan(empty.revision);
  });

  test('a switch changes what it names and leaves the rest', async () => {
    const catalog = await create();
    await catalog.switch((await catalog.read()).revision, { usage: { d1: pointer('a'), d2: pointer('a') } });
    await catalog.switch((await catalog.read()).revision, { usage: { d2: pointer('b'), d3: pointer('b') } });
    await catalog.switch((await catalog.read()).revision, { usage: { d1: null } });
    expect((await catalog.read()).tables['usage']).toEqual({ d2: pointer('b'), d3: pointer('b') });
  });

  test('a switch against a state that moved changes nothing', async () => {
    const catalog = await create();
    const stale = (await catalog.read()).revision;
    expect(await catalog.switch(stale, { usage: { d: pointer('first') } })).toBe(true);
    expect(await catalog.switch(stale, { usage: { d: pointer('second') } })).toBe(false);
    expect((await catalog.read()).tables['usage']).toEqual({ d: pointer('first') });
  });
}
