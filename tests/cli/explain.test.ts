/**
 * `explain` for many different records of one ledger: the lines are meters × rates, worked out again here with whole numbers, and sum
 * exactly to the cost that the ledger holds.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generatedLedger } from './generated-ledger.ts';
import type { GeneratedLedger } from './generated-ledger.ts';
import { ledger } from './run-command.ts';

interface Explained {
  readonly usage: Readonly<Record<string, string | null>>;
  readonly price: Readonly<Record<'tier' | 'band' | 'model', { value: string; why: string }>> & {
    readonly reason: string | null;
  };
  readonly lines: readonly {
    readonly meter: string;
    readonly costColumn: string;
    readonly quantity: number;
    readonly unit: string;
    readonly rateUsd: string;
    readonly cost: string;
    readonly priceRowId: string;
    readonly source: string;
  }[];
  readonly list_cost: string | null;
}

/** Units of a rate that these calls can be priced by. */
const PER: Readonly<Record<string, bigint>> = { per_1M_tokens: 1_000_000n, per_1k_requests: 1000n };
const TOKENS_OF: Readonly<Record<string, string>> = {
  input: 'input_tokens',
  cached_input: 'cache_read_tokens',
  cache_write_5m: 'cache_write_5m_tokens',
  cache_write_1h: 'cache_write_1h_tokens',
  output: 'output_tokens',
};

/** Decimal text as whole picodollars (10⁻¹² USD); throws on more digits than that. */
function pico(usd: string): bigint {
  const match = /^(\d+)(?:\.(\d{1,12})0*)?$/.exec(usd);
  if (match === null) throw new Error(`no amount of whole picodollars: ${usd}`);
  return BigInt(`${match[1]}${(match[2] ?? '').padEnd(12, '0')}`);
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

let made: GeneratedLedger;
const explained: { row: Record<string, string | number | null>; told: Explained }[] = [];

async function tell(recordId: string): Promise<Explained> {
  const { code, out, err } = await ledger(made.root, 'explain', recordId, '--lake', made.lake, '--format', 'json');
  if (code !== 0) throw new Error(err);
  return JSON.parse(out) as Explained;
}

/** Two records of every format and tier, and the special calls; those with the most kinds of tokens first. */
const CHOICE = `select * from (
  select record_id, source_format, tier, model, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
    output_tokens, web_searches, cast(list_cost as varchar) as list_cost, cost_status, source_object, source_line,
    row_number() over (partition by source_format, tier order by
      least(cache_read_tokens, 1) + least(cache_write_5m_tokens, 1) + least(cache_write_1h_tokens, 1) desc, record_id) as place
  from usage) t where place <= 2 or source_object like 'special/%' order by record_id`;

beforeAll(async () => {
  made = await generatedLedger(300);
  for (const row of await made.ask(CHOICE)) explained.push({ row, told: await tell(String(row['record_id'])) });
}, 240_000);
afterAll(async () => made.close());

function special(line: number): Explained {
  const found = explained.find(
    ({ row }) => row['source_object'] === 'special/calls.jsonl' && Number(row['source_line']) === line,
  );
  if (found === undefined) throw new Error(`line ${line} is not in the ledger`);
  return found.told;
}
const withPrice = (): typeof explained => explained.filter(({ told }) => told.list_cost !== null);
const priced = (): typeof explained => explained.filter(({ row }) => row['cost_status'] === 'priced');
const linesOf = (told: Explained): unknown =>
  told.lines.map(({ meter, quantity, rateUsd, cost }) => `${meter} ${quantity} × ${rateUsd} = ${cost}`);

describe('explain', () => {
  test('was asked for enough different records', () => {
    expect(explained.length).toBeGreaterThanOrEqual(20);
    expect(new Set(explained.map(({ row }) => row['source_format'])).size).toBeGreaterThanOrEqual(10);
    expect(new Set(explained.map(({ row }) => row['tier']))).toEqual(new Set(['standard', 'batch', 'flex']));
    const meters = new Set(explained.flatMap(({ told }) => told.lines.map((line) => line.meter)));
    for (const meter of Object.keys(TOKENS_OF)) expect(meters).toContain(meter);
  });

  test('every line is quantity × rate', () => {
    for (const line of explained.flatMap(({ told }) => told.lines)) {
      expect(`${line.priceRowId}: ${pico(line.cost) * (PER[line.unit] ?? 0n)}`).toBe(
        `${line.priceRowId}: ${BigInt(line.quantity) * pico(line.rateUsd)}`,
      );
    }
  });

  test('the lines sum exactly to the list cost and to the cost that the ledger holds', () => {
    for (const { row, told } of withPrice()) {
      const total = sum(told.lines.map((line) => pico(line.cost)));
      expect([pico(told.list_cost ?? ''), pico(String(row['list_cost']))]).toEqual([total, total]);
    }
    for (const { told } of priced())
      expect(pico(told.usage['cost'] ?? '')).toBe(sum(told.lines.map((line) => pico(line.cost))));
  });

  test('only what has no price has no list cost', () => {
    const without = explained.filter(({ told }) => told.list_cost === null);
    expect(without.map(({ row, told }) => [row['model'], row['cost_status'], row['list_cost'], told.lines])).toEqual([
      ['nobody-knows-this-1', 'unpriced', null, []],
    ]);
    expect(priced().length).toBeGreaterThanOrEqual(20);
  });

  test('the quantities are the tokens of the row, and each column of costs is the sum of its lines', () => {
    for (const { row, told } of withPrice()) {
      const quantities = Object.keys(TOKENS_OF).map((meter) =>
        Number(sum(told.lines.filter((line) => line.meter === meter).map((line) => BigInt(line.quantity)))),
      );
      expect(quantities).toEqual(Object.values(TOKENS_OF).map((column) => Number(row[column])));
    }
    for (const { told } of priced()) {
      for (const column of ['input', 'cache_read', 'cache_write', 'output', 'other']) {
        const lines = told.lines.filter((line) => line.costColumn === column);
        expect(pico(told.usage[`${column}_cost`] ?? '')).toBe(sum(lines.map((line) => pico(line.cost))));
      }
    }
  });

  test('every line names its price row and its source', () => {
    for (const line of explained.flatMap(({ told }) => told.lines)) {
      expect(line.priceRowId).toMatch(/^\S+\/\S+\/\S+/);
      expect(line.source.length).toBeGreaterThan(5);
    }
  });

  test('searches cost $10 per 1,000 beside the tokens', () => {
    const told = special(1);
    expect(linesOf(told)).toEqual(['input 1000 × 3 = 0.003', 'output 100 × 15 = 0.0015', 'web_search 2 × 10 = 0.02']);
    expect(told.list_cost).toBe('0.0245');
  });

  test('a prompt over 200,000 tokens is priced in its band', () => {
    const told = special(2);
    expect(told.price.band.why).toContain('250000');
    expect(linesOf(told)).toEqual(['input 250000 × 6 = 1.5', 'output 1000 × 22.5 = 0.0225']);
    expect(told.list_cost).toBe('1.5225');
  });

  test('cache reads and both kinds of cache writes are lines of their own', () => {
    const told = special(3);
    expect(linesOf(told)).toEqual([
      'input 10 × 3 = 0.00003',
      'cached_input 5000 × 0.3 = 0.0015',
      'cache_write_5m 1000 × 3.75 = 0.00375',
      'cache_write_1h 2000 × 6 = 0.012',
      'output 100 × 15 = 0.0015',
    ]);
    expect(told.list_cost).toBe('0.01878');
  });

  test('a flex call is priced at half of the standard rates', () => {
    const told = special(4);
    expect(told.price.tier.value).toBe('flex');
    expect(linesOf(told)).toEqual(['input 1000 × 0.625 = 0.000625', 'output 100 × 5 = 0.0005']);
  });

  test('an unpriced call has no lines, and says why', () => {
    const told = special(5);
    expect([told.lines, told.list_cost, told.usage['cost']]).toEqual([[], null, null]);
    expect(told.price.reason).toBeTruthy();
  });

  test('the table shows the same sum, and a unique beginning of the id is enough', async () => {
    const { told } = explained.find(({ row }) => row['cost_status'] === 'priced') ?? {};
    if (told === undefined) throw new Error('nothing is priced');
    const begin = String(told.usage['record_id']).slice(0, 12);
    const { code, out } = await ledger(made.root, 'explain', begin, '--lake', made.lake);
    expect(code).toBe(0);
    expect(out).toContain(`list cost ${told.list_cost} USD; cost in the ledger ${told.usage['cost']} USD`);
    for (const line of told.lines) expect(out).toContain(line.priceRowId);
  });

  test('an id that nothing has, and one that many have, are wrong usage with a way out', async () => {
    const none = await ledger(made.root, 'explain', 'zzzz', '--lake', made.lake);
    expect([none.code, none.out]).toEqual([2, '']);
    expect(none.err).toMatch(/no row of usage.*\n.*→ find one with/);
    const many = await ledger(made.root, 'explain', '', '--lake', made.lake);
    expect([many.code, many.out]).toEqual([2, '']);
    expect(many.err).toContain('beginning of several record ids');
  });
});
