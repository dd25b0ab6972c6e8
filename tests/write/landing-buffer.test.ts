import { zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { createLandingBuffer, appendRow, clearBuffer, releaseBuffer } from '../../lib/write/landing-buffer.ts';
import { createByteTexts } from '../../lib/write/byte-texts.ts';
import { landingPager } from '../../lib/write/landing-pages.ts';
import { LANDING_COLUMNS } from '../../lib/write/landing-row.ts';
import type { LedgerRow } from '../../lib/write/landing-row.ts';
import { assemble } from '../../lib/write/parquet-file.ts';
import { ledgerRow } from '../fixtures/ledger-rows.ts';
import type { RowSpec } from '../fixtures/ledger-rows.ts';

type Read = Readonly<Record<string, unknown>>;

async function readFile(buffer: ReturnType<typeof createLandingBuffer>, file: number, rows: number[]): Promise<Read[]> {
  const pages = landingPager(buffer, rows.length)(file, Uint32Array.from(rows));
  const bytes = Uint8Array.from(assemble(LANDING_COLUMNS, pages, rows.length));
  return await parquetReadObjects({
    file: bytes.buffer,
    compressors: { ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)) },
  });
}

const row = (spec: Partial<RowSpec>, line = 1, commit = 'c1'): LedgerRow =>
  ledgerRow({ id: `id-${line}`, at: '2026-11-02T12:00:00.123Z', ...spec }, commit, line);

describe('rows of several files in one buffer', () => {
  test('each file gets its own rows, in order, with its own texts, tags and alternative ids', async () => {
    const buffer = createLandingBuffer();
    const rows = [
      row({ record: { userId: 'anna', tags: { team: 'search', run: '1' } }, alt: ['x', 'y'], team: 'search' }, 1),
      row({ record: { userId: 'bob', tags: {} }, team: 'ads' }, 2),
      row({ record: { userId: null, tags: { team: 'search' } }, alt: ['z'], team: 'search' }, 3),
      row({ record: { userId: 'anna', callId: 'call-4', tags: { run: '' } } }, 4, 'c2'),
    ];
    rows.forEach((one, i) => appendRow(buffer, one, i % 2));
    const even = await readFile(buffer, 0, [0, 2]);
    const odd = await readFile(buffer, 1, [1, 3]);
    const picked = (found: Read[]): unknown[] =>
      found.map((r) => [
        r['record_id'],
        r['user_id'],
        r['call_id'],
        r['alt_ids'],
        r['tags'],
        r['team'],
        r['commit_id'],
      ]);
    expect(picked(even)).toEqual([
      ['id-1', 'anna', null, ['x', 'y'], { team: 'search', run: '1' }, 'search', 'c1'],
      ['id-3', null, null, ['z'], { team: 'search' }, 'search', 'c1'],
    ]);
    expect(picked(odd)).toEqual([
      ['id-2', 'bob', null, [], {}, 'ads', 'c1'],
      ['id-4', 'anna', 'call-4', [], { run: '' }, null, 'c2'],
    ]);
  });

  test('what many rows share is told apart by everything a column shows', async () => {
    const buffer = createLandingBuffer();
    const kinds: Partial<RowSpec>[] = [
      {},
      { record: { tier: 'batch' } },
      { record: { status: 'error' } },
      { record: { priceRegion: 'eu' } },
      { kind: 'gateway' },
      { inferred: true },
      { identity: 'content' },
      {},
    ];
    kinds.forEach((kind, i) => appendRow(buffer, row(kind, i + 1), 0));
    const found = await readFile(buffer, 0, [0, 1, 2, 3, 4, 5, 6, 7]);
    expect(found.map((r) => [r['tier'], r['status'], r['price_region'], r['source_rank'], r['identity']])).toEqual([
      ['standard', 'ok', null, 0n, 'response'],
      ['batch', 'ok', null, 0n, 'response'],
      ['standard', 'error', null, 0n, 'response'],
      ['standard', 'ok', 'eu', 0n, 'response'],
      ['standard', 'ok', null, 1n, 'response'],
      ['standard', 'ok', null, 0n, 'response'],
      ['standard', 'ok', null, 0n, 'content'],
      ['standard', 'ok', null, 0n, 'response'],
    ]);
    expect(found.map((r) => r['time_inferred'])).toEqual([false, false, false, false, false, true, false, false]);
  });

  test('more kinds of one model, texts and tags than are compared one by one', async () => {
    const buffer = createLandingBuffer();
    const count = 3000;
    for (let i = 0; i < count; i++) {
      const record = { priceRegion: `r${i % 1500}`, sessionId: `s${i}`, tags: { [`t${i % 20}`]: `v${i}` } };
      appendRow(buffer, row({ record }, i), 0);
    }
    const found = await readFile(
      buffer,
      0,
      Array.from({ length: count }, (_, i) => i),
    );
    expect(found).toHaveLength(count);
    for (const i of [0, 17, 1499, 1500, 2999]) {
      const { price_region: region, session_id: session, tags } = found[i] ?? {};
      expect([region, session, tags]).toEqual([`r${i % 1500}`, `s${i}`, { [`t${i % 20}`]: `v${i}` }]);
    }
  });
});

describe('numbers', () => {
  test('null, zero, money past 2^53 and rates of a bucket stay what they are', async () => {
    const buffer = createLandingBuffer();
    const plain = row({ record: { latencyMs: 0, audioSeconds: 0.25 } }, 1);
    const unpriced: LedgerRow = { ...row({}, 2), parts: null, cost: null, listCost: null };
    const wide: LedgerRow = { ...row({}, 3), cost: 123_456_789_012_345_678n, listCost: 9_007_199_254_740_993n };
    for (const one of [plain, unpriced, wide, row({ class: 'buckets', rates: [2, 4] }, 4)]) appendRow(buffer, one, 0);
    const found = await readFile(buffer, 0, [0, 1, 2, 3]);
    expect(found.map((r) => r['latency_ms'])).toEqual([0n, null, null, null]);
    expect(found.map((r) => r['audio_seconds'])).toEqual([0.25, null, null, null]);
    // this reader gives decimals as floats; tests/journey/large-money.test.ts sees the last digit through SQL
    const pico = (name: string): (number | null)[] =>
      found.map((r) => (r[name] === null ? null : Math.round(Number(r[name]) * 1e12)));
    expect(pico('rate_output')).toEqual([null, null, null, 4_000_000]);
    expect(pico('input_cost')).toEqual([100_000_000, null, 100_000_000, 200_000_000]);
    expect(found.map((r) => r['cost'] === null)).toEqual([false, true, false, false]);
    expect(Number(found[2]?.['cost'])).toBeCloseTo(123_456.789012, 5);
    expect(Number(found[2]?.['list_cost'])).toBeCloseTo(9007.199254, 5);
    expect(found[0]?.['occurred_at']).toEqual(new Date('2026-11-02T12:00:00.123Z'));
  });

  test('nothing of earlier rows is left after they were written', async () => {
    const buffer = createLandingBuffer();
    for (let i = 0; i < 2000; i++)
      appendRow(buffer, row({ record: { userId: `u${i}`, tags: { a: `${i}` } }, team: 't' }, i), 0);
    clearBuffer(buffer);
    appendRow(buffer, row({}, 7, 'c9'), 0);
    const found = await readFile(buffer, 0, [0]);
    expect(found.map((r) => [r['record_id'], r['user_id'], r['tags'], r['team'], r['commit_id']])).toEqual([
      ['id-7', null, {}, null, 'c9'],
    ]);
  });
});

describe('room that is used again', () => {
  const text = fc.oneof(
    fc.constant(null),
    fc.string({ maxLength: 4 }),
    fc.string({ minLength: 90, maxLength: 200, unit: 'grapheme' }),
  );
  const oneRow = fc.record({ userId: text, sessionId: text, callId: text, day: fc.nat({ max: 3 }) });
  const rounds = fc.array(fc.array(oneRow, { maxLength: 40 }), { minLength: 1, maxLength: 5 });

  test('files of a buffer that was used before are to the byte those of a new one', () => {
    fc.assert(
      fc.property(rounds, (given) => {
        const used = createLandingBuffer();
        for (const rows of given) {
          const fresh = createLandingBuffer();
          const rowsOf = new Map<number, number[]>();
          for (const [i, { day, ...record }] of rows.entries()) {
            const own = rowsOf.get(day) ?? [];
            rowsOf.set(day, [...own, i]);
            const file = [...rowsOf.keys()].indexOf(day);
            for (const buffer of [used, fresh]) appendRow(buffer, row({ record }, i), file);
          }
          for (const [file, own] of [...rowsOf.values()].entries()) {
            const [again, anew] = [used, fresh].map((buffer) =>
              Buffer.from(
                assemble(LANDING_COLUMNS, landingPager(buffer, own.length)(file, Uint32Array.from(own)), own.length),
              ).toString('base64'),
            );
            expect(again).toBe(anew);
          }
          clearBuffer(used);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('room that a later file hardly uses is given up', () => {
    const texts = createByteTexts();
    for (let i = 0; i < 10_000; i++) texts.push(`a text of some length, number ${i}`);
    const large = texts.page().bytes.buffer.byteLength;
    texts.clear();
    texts.push('short');
    expect(texts.page().bytes.buffer.byteLength).toBe(large);
    texts.clear();
    texts.push('short');
    expect(texts.page().bytes.buffer.byteLength).toBeLessThan(large / 10);
    expect(texts.page().bytes.toString()).toContain('short');
  });

  test('a released buffer holds no bytes', () => {
    const buffer = createLandingBuffer();
    for (let i = 0; i < 2000; i++) appendRow(buffer, row({ record: { userId: `u${i}` } }, i), i % 3);
    const arrays = (Object.values(buffer) as unknown[]).filter((value) => ArrayBuffer.isView(value));
    releaseBuffer(buffer);
    expect(arrays.map((array) => array.buffer.byteLength)).toEqual(arrays.map(() => 0));
    expect(arrays.length).toBeGreaterThan(5);
    expect([buffer.ids, buffer.spareIds]).toEqual([[], []]);
  });
});
