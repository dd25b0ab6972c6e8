/**
 * The laws of DESIGN §3 and §4 over generated logs: whatever happens to the files, `usage` is the same. Records come from a small model of
 * our own, written in several formats, so that expected rows are known without the code under test.
 */
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { usageRows, workspace } from '../fixtures/folder-run.ts';
import type { Workspace } from '../fixtures/folder-run.ts';
import { linesOf, modelCall } from '../fixtures/model-calls.ts';
import type { ModelCall } from '../fixtures/model-calls.ts';

const open: Workspace[] = [];
async function fresh(): Promise<Workspace> {
  const space = await workspace();
  open.push(space);
  return space;
}
afterEach(async () => {
  for (const space of open.splice(0)) await space.close();
});

/** Provenance that must change when files are cut or renamed. */
const MOVED = ['ingested_at', 'source_object', 'source_line'];
const RUNS = { numRuns: 4, endOnFailure: true };
const calls = fc.array(fc.nat(1_000_000), { minLength: 6, maxLength: 40 }).map((seeds) => seeds.map(modelCall));

async function settled(files: Record<string, string>, without = MOVED): Promise<unknown> {
  const space = await fresh();
  await space.write(files);
  await space.run();
  return (await usageRows(space, without)).toSorted(byText);
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

/** One file per format. */
function inbox(model: readonly ModelCall[]): Record<string, string> {
  const files: Record<string, string> = {};
  for (const call of model)
    files[`${call.format}.jsonl`] = `${files[`${call.format}.jsonl`] ?? ''}${linesOf(call).join('\n')}\n`;
  return files;
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed;
  return items
    .map((item) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return { item, key: state };
    })
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

const mapLines = (files: Record<string, string>, change: (lines: string[]) => string[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files).map(([key, text]) => [key, `${change(text.trimEnd().split('\n')).join('\n')}\n`]),
  );

describe('the same calls give the same usage', () => {
  test('run twice: nothing is read again, sealed again or changed', async () => {
    await fc.assert(
      fc.asyncProperty(calls, async (model) => {
        const space = await fresh();
        await space.write(inbox(model));
        await space.run();
        const before = await usageRows(space);
        const again = await space.run();
        expect(again.ingest.batches).toEqual([]);
        expect(again.sealedDays).toEqual([]);
        expect(await usageRows(space)).toEqual(before);
      }),
      RUNS,
    );
  });

  test('lines shuffled, files renamed and shuffled', async () => {
    await fc.assert(
      fc.asyncProperty(calls, fc.nat(), async (model, seed) => {
        const files = inbox(model);
        const renamed = Object.fromEntries(
          Object.entries(mapLines(files, (lines) => shuffled(lines, seed))).map(([key, text], i) => [
            `${(seed + i) % 7}/x-${key}`,
            text,
          ]),
        );
        expect(await settled(renamed)).toEqual(await settled(files));
      }),
      RUNS,
    );
  });

  test('files duplicated under other names', async () => {
    await fc.assert(
      fc.asyncProperty(calls, async (model) => {
        const files = inbox(model);
        const doubled = {
          ...files,
          ...Object.fromEntries(Object.entries(files).map(([key, text]) => [`copies/of ${key}`, text])),
        };
        expect(await settled(doubled, ['ingested_at'])).toEqual(await settled(files, ['ingested_at']));
      }),
      RUNS,
    );
  });

  test('files split and merged (records with an identity)', async () => {
    await fc.assert(
      fc.asyncProperty(calls, fc.integer({ min: 2, max: 5 }), async (model, pieces) => {
        const identified = model.filter((call) => call.id !== null);
        const files = inbox(identified);
        const split: Record<string, string> = {};
        for (const [key, text] of Object.entries(files)) {
          text
            .trimEnd()
            .split('\n')
            .forEach(
              (line, i) => (split[`part${i % pieces}/${key}`] = `${split[`part${i % pieces}/${key}`] ?? ''}${line}\n`),
            );
        }
        const merged = { 'all.jsonl': Object.values(files).join('') };
        const expected = await settled(files);
        expect(await settled(split)).toEqual(expected);
        expect(await settled(merged)).toEqual(expected);
      }),
      RUNS,
    );
  });

  test('a file that grows between runs', async () => {
    await fc.assert(
      fc.asyncProperty(calls, fc.integer({ min: 1, max: 3 }), async (model, steps) => {
        const files = inbox(model);
        const space = await fresh();
        for (let step = 1; step <= steps + 1; step++) {
          const grown = mapLines(files, (lines) =>
            lines.slice(0, Math.max(1, Math.ceil((lines.length * step) / (steps + 1)))),
          );
          await space.write(grown, `2026-11-2${step - 1}T12:00:00Z`);
          await space.run();
        }
        expect((await usageRows(space)).toSorted(byText)).toEqual(await settled(files, ['ingested_at']));
      }),
      RUNS,
    );
  });
});

describe('sums', () => {
  test('rows and tokens are those of the model; every grouping sums to the total, to the last digit', async () => {
    await fc.assert(
      fc.asyncProperty(calls, async (model) => {
        const space = await fresh();
        await space.write(inbox(model));
        await space.run();
        // without an id, equal lines of one file are that many calls; with one, they are the same call
        const withId = new Map(model.filter((call) => call.id !== null).map((call) => [call.id, call]));
        const unique = [...withId.values(), ...model.filter((call) => call.id === null)];
        const [total] = await space.ask(
          `select cast(count(*) as bigint) as n, cast(sum(input_tokens) as bigint) as input, cast(sum(cache_read_tokens) as bigint) as cached,
             cast(sum(output_tokens) as bigint) as output, cast(sum(cost) as decimal(38,12)) as cost from usage`,
        );
        const sum = (pick: (call: ModelCall) => number): string =>
          String(unique.reduce((n, call) => n + pick(call), 0));
        expect(total).toMatchObject({
          n: String(unique.length),
          input: sum((c) => c.input),
          cached: sum((c) => c.cached),
          output: sum((c) => c.output),
        });
        for (const group of ['team', 'provider, model', 'tier', 'day', 'cost_status', 'source_format']) {
          const [grouped] = await space.ask(
            `select cast(sum(part) as decimal(38,12)) as cost from (select sum(cost) as part from usage group by ${group}) t`,
          );
          expect(grouped?.['cost']).toBe(total?.['cost']);
        }
        const [meters] = await space.ask(
          'select cast(sum(input_cost) + sum(cache_read_cost) + sum(cache_write_cost) + sum(output_cost) + sum(other_cost) as decimal(38,12)) as cost from usage',
        );
        expect(meters?.['cost']).toBe(total?.['cost']);
        const [daily] = await space.ask(
          'select cast(sum(cost) as decimal(38,12)) as cost, cast(sum(calls) as bigint) as n from spend_daily',
        );
        expect(daily).toEqual({ cost: total?.['cost'], n: total?.['n'] });
        const [showback] = await space.ask('select cast(sum(cost) as decimal(38,12)) as cost from showback_monthly');
        expect(showback?.['cost'] ?? null).toBe(total?.['cost']);
      }),
      RUNS,
    );
  });
});
