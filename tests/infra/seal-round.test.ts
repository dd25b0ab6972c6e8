/** A round of the seal function, on a folder with the real engine: what it settles, in which order, and what it tells. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import type { LocalSqlEngine } from '../../lib/adapters/local/duckdb-engine.ts';
import { createFolderCatalog } from '../../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../../lib/adapters/local/folder-store.ts';
import { loadSealSql, loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import { vocabularyBytes } from '../../lib/adapters/local/vocabulary-files.ts';
import { parseConfig } from '../../lib/config.ts';
import { corporaSeal } from '../../lib/corpus-tools.ts';
import { landBatch } from '../../lib/journey.ts';
import { decideTools, passTools, sealInput } from '../../lib/ledger-tools.ts';
import type { LedgerRules } from '../../lib/ledger-tools.ts';
import type { MetricKey } from '../../lib/metrics.ts';
import { createPackedStore } from '../../lib/packed-commits.ts';
import type { SqlEngine } from '../../lib/ports.ts';
import { compileCustomerRates } from '../../lib/price/customer-rates.ts';
import { sealRound } from '../../lambdas/seal-round.ts';
import type { SealRoundResult } from '../../lambdas/seal-round.ts';
import { createMemoryStore } from '../fixtures/memory-store.ts';
import type { MemoryStore } from '../fixtures/memory-store.ts';
import { book } from '../price/shipped-book.ts';
import { NOW_MS, line } from './arrivals.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Lake {
  readonly engine: LocalSqlEngine;
  readonly corporaInbox: MemoryStore;
  land(name: string, text: string, config?: string): Promise<void>;
  round(config?: string, engine?: SqlEngine): Promise<SealRoundResult & { counted: Map<MetricKey, number> }>;
  teams(): Promise<unknown[]>;
}

async function openLake(): Promise<Lake> {
  const folder = await mkdtemp(join(tmpdir(), 'seal-round-'));
  const lake = createFolderStore(folder);
  const engine = await openDuckDb(folder);
  closers.push(async () => {
    engine.close();
    await rm(folder, { recursive: true, force: true });
  });
  const catalog = createFolderCatalog(lake);
  const sql = await loadSealSql();
  const queries = await loadSqlFolder('report/queries');
  const { 'output-history': historySql = '' } = await loadSqlFolder('estimate/queries');
  const corporaInbox = createMemoryStore(NOW_MS);
  let generation = 0;
  const rulesOf = (config: string): LedgerRules => {
    const parsed = parseConfig(config, 'config');
    return {
      config: parsed,
      book,
      customer: compileCustomerRates(parsed.rates),
      hashKey: { id: 'test', bytes: new Uint8Array(32) },
    };
  };
  const carryOf = (rules: LedgerRules, counted: Map<MetricKey, number>) => ({
    lake,
    clock: { nowMs: () => NOW_MS },
    log: { info: () => undefined, warn: () => undefined },
    progress: { start: () => undefined, advance: () => undefined, stop: () => undefined },
    tools: decideTools(rules),
    telemetry: {
      info: () => undefined,
      warn: () => undefined,
      count: (key: MetricKey, value: number) => void counted.set(key, value),
      flush: () => undefined,
    },
  });
  return {
    engine,
    corporaInbox,
    async land(name, text, config = '{}') {
      const rules = rulesOf(config);
      const inbox = createMemoryStore(NOW_MS);
      await inbox.put(name, new TextEncoder().encode(text));
      const carry = carryOf(rules, new Map());
      const world = { ...carry, inbox, tools: passTools(rules, carry.tools, vocabularyBytes), maxObjectBytes: 1 << 30 };
      await landBatch(
        world,
        [...inbox.objects.values()].map(({ info }) => info),
      );
    },
    async round(config = '{}', sealEngine = engine) {
      const rules = rulesOf(config);
      const counted = new Map<MetricKey, number>();
      const { telemetry, ...carry } = carryOf(rules, counted);
      const seal = () =>
        sealInput(rules, {
          lake,
          engine: sealEngine,
          catalog,
          nowMs: NOW_MS,
          sql,
          newName: () => `g${++generation}`,
        });
      const result = await sealRound({
        carry,
        telemetry,
        engine: sealEngine,
        closeAfterDays: rules.config.close_after_days,
        totalsSql: queries['totals'] ?? '',
        packCommits: (nowMs) => createPackedStore(lake).pack(nowMs),
        seal,
        corpora: () =>
          corporaSeal(seal(), corporaInbox, carry.tools.privacy, {
            ...rules,
            limitsOf: () => null,
            nowMs: NOW_MS,
            historySql,
          }),
      });
      return { ...result, counted };
    },
    async teams() {
      const state = await catalog.read();
      const keys = Object.values(state.tables['spend_daily'] ?? {}).flatMap((pointer) => pointer.keys);
      await engine.files('seen', { team: 'string', calls: 'bigint' }, keys);
      return await engine.query(
        'select team, cast(sum(calls) as bigint) as calls from seen group by team order by team',
      );
    },
  };
}

test('settles what has landed, tells how much is unpriced, and has nothing to do the second time', async () => {
  const lake = await openLake();
  const unpriced = line('u', 990).replace('gpt-4o', 'no-such-model');
  await lake.land('a.jsonl', line('a', 2990) + unpriced);
  const first = await lake.round();
  expect(first.sealedDays).toEqual(['2026-11-01']);
  // 2990 + 10 tokens with a price, 990 + 10 without
  expect(first.unpricedPercent).toBe(25);
  expect(Object.fromEntries(first.counted)).toEqual({
    sealFinished: 1,
    daysSealed: 1,
    sourcesLate: 0,
    documentsPending: 0,
    unpricedPercent: 25,
  });
  const second = await lake.round();
  expect(second).toMatchObject({ sealedDays: [], restampedObjects: 0, unpricedPercent: null });
  expect(second.counted.get('sealFinished')).toBe(1);
  expect(second.counted.has('unpricedPercent')).toBe(false);
});

test('documents that nobody has read are counted and named, and have no rows', async () => {
  const lake = await openLake();
  await lake.corporaInbox.put('corpora/law/a.txt', new TextEncoder().encode('text'));
  const round = await lake.round();
  expect(round).toMatchObject({ pendingDocuments: 1, changedCorpora: ['law'] });
  expect(round.counted.get('documentsPending')).toBe(1);
  await lake.corporaInbox.remove(['corpora/law/a.txt']);
  expect(await lake.round()).toMatchObject({ pendingDocuments: 0, changedCorpora: ['law'] });
  expect(await lake.round()).toMatchObject({ pendingDocuments: 0, changedCorpora: [] });
});

const TEAM_RULE = JSON.stringify({ attribution: { rules: [{ id: 'all', match: {}, set: { team: 'growth' } }] } });

test('after a change of rules, rows of open months stand under the new ones at the end of one round', async () => {
  const lake = await openLake();
  await lake.land('a.jsonl', line('a'));
  await lake.round();
  expect(await lake.teams()).toEqual([{ team: 'search', calls: '1' }]);
  const changed = await lake.round(TEAM_RULE);
  expect(changed.restampedObjects).toBe(1);
  expect(changed.sealedDays).toEqual(['2026-11-01']);
  expect(await lake.teams()).toEqual([{ team: 'growth', calls: '1' }]);
});

test('what arrived is visible also where a change of rules cannot be finished', async () => {
  const lake = await openLake();
  await lake.land('a.jsonl', line('a'));
  await lake.land('b.jsonl', line('b'));
  // the engine dies after the first seal: in the second one, which the change of rules needs
  let writes = 0;
  const dying: SqlEngine = {
    ...lake.engine,
    write: async (select, prefix, by) => {
      if (prefix.startsWith('v1/sealed/') && ++writes > 1) throw new Error('killed');
      return await lake.engine.write(select, prefix, by);
    },
  };
  await expect(lake.round(TEAM_RULE, dying)).rejects.toThrow('killed');
  expect(await lake.teams()).toEqual([{ team: 'search', calls: '2' }]);
  await lake.round(TEAM_RULE);
  expect(await lake.teams()).toEqual([{ team: 'growth', calls: '2' }]);
});
