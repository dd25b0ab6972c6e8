/** `reprice` and what `run` says of changed rules, through the real command line on a ledger whose logs are gone. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folder, ledger } from './run-command.ts';
import type { Printed } from './run-command.ts';

let place: Awaited<ReturnType<typeof folder>>;
let lake: string;
let inbox: string;
let half: string;
const call = (...words: string[]): Promise<Printed> => ledger(place.path, ...words);
const SEPTEMBER = ['--from', '2026-09-01', '--to', '2026-09-30', '--now', '2026-11-24T00:00:00Z'];
const reprice = (...words: string[]): Promise<Printed> =>
  call('reprice', '--lake', lake, '--config', half, ...SEPTEMBER, ...words);

async function costs(): Promise<unknown> {
  const { out } = await call(
    'query',
    '--lake',
    lake,
    '--format',
    'json',
    'select call_id, cast(cost as varchar) as cost from usage order by call_id',
  );
  return (JSON.parse(out) as { call_id: string; cost: string }[]).map((row) => `${row.call_id} ${row.cost}`);
}

beforeAll(async () => {
  place = await folder();
  [lake, inbox, half] = [join(place.path, 'lake'), join(place.path, 'inbox'), join(place.path, 'half.json')];
  await mkdir(inbox);
  // gpt-4o: 2.50 USD per million input tokens
  const line = (id: string, day: string): string =>
    `${JSON.stringify({ id, timestamp: `${day}T10:00:00Z`, model: 'gpt-4o', input_tokens: 4_000_000, output_tokens: 0, team: 'search' })}\n`;
  await writeFile(join(inbox, 'september.jsonl'), line('september', '2026-09-10'));
  await writeFile(join(inbox, 'november.jsonl'), line('november', '2026-11-10'));
  await writeFile(half, JSON.stringify({ rates: [{ provider: 'openai', discount_percent: '50' }] }));
  const ran = await call('run', '--inbox', inbox, '--lake', lake, '--now', '2026-11-24T00:00:00Z');
  if (ran.code !== 0) throw new Error(ran.err);
  if (ran.out.includes('prices or rules changed')) throw new Error('a first run has changed its mind');
  for (const name of await readdir(inbox)) await rm(join(inbox, name));
}, 60_000);
afterAll(async () => place.close());

describe('a discount that was agreed later', () => {
  test('run applies it to the open month and says what moved', async () => {
    const words = ['run', '--inbox', inbox, '--lake', lake, '--config', half, '--now', '2026-11-24T00:00:00Z'];
    const { code, out } = await call(...words);
    expect(code).toBe(0);
    expect(out).toContain('1 records of 1 objects decided again, 1 with another price, 0 with another owner');
    expect(out).toContain('$10.00 -> $5.00');
    expect(out).toContain('closed months of 1 objects keep the prices and rules they had');
    expect(await costs()).toEqual(['november 5.000000000000', 'september 10.000000000000']);
    expect((await call(...words)).out).not.toContain('prices or rules changed');
    const json = JSON.parse((await call(...words, '--format', 'json')).out) as Record<string, unknown>;
    expect(json['repriced']).toEqual({
      objects: 0,
      records: 0,
      repriced: 0,
      reattributed: 0,
      cost_before: '0',
      cost_after: '0',
      objects_under_other_rules: 1,
    });
  });

  test('reprice shows the difference of a closed month and, without a terminal and --yes, changes nothing', async () => {
    const before = await readdir(lake, { recursive: true });
    const { code, out } = await reprice();
    expect(code).toBe(0);
    expect(out).toMatch(/search +\$10\.00 +\$5\.00 +-\$5\.00/);
    expect(out).toMatch(/openai gpt-4o +\$10\.00 +\$5\.00 +-\$5\.00/);
    expect(out).toContain('nothing was changed; add --yes');
    expect(await costs()).toEqual(['november 5.000000000000', 'september 10.000000000000']);
    const after = await readdir(lake, { recursive: true, withFileTypes: true });
    expect(
      after.filter(
        (entry) => entry.isFile() && !before.includes(join(entry.parentPath, entry.name).slice(lake.length + 1)),
      ),
    ).toEqual([]);
  });

  test('with --yes the ledger is switched; as JSON the difference is the same', async () => {
    const shown = JSON.parse((await reprice('--format', 'json')).out) as Record<string, unknown>;
    const { code, out } = await reprice('--yes', '--format', 'json');
    expect(code).toBe(0);
    const side = (cost: string): object => ({ cost, tokens: '4000000', unknown_calls: '0' });
    const moved = { before: side('10'), after: side('5'), difference: '-5' };
    expect(JSON.parse(out)).toEqual({
      switched: true,
      days: ['2026-09-10'],
      restamp: {
        objects: 1,
        records: 1,
        repriced: 1,
        reattributed: 0,
        cost_before: '10',
        cost_after: '5',
        objects_under_other_rules: 0,
      },
      total: moved,
      by_team: [{ team: 'search', ...moved }],
      by_model: [{ model: 'openai gpt-4o', ...moved }],
    });
    expect({ ...shown, switched: true }).toEqual(JSON.parse(out));
    expect(await costs()).toEqual(['november 5.000000000000', 'september 5.000000000000']);
    expect((await reprice('--yes')).out).toContain('nothing to do');
  });
});

test('explain prices a call by the rates of the account that the config maps it to', async () => {
  const mapped = join(place.path, 'mapped.json');
  const rates = [{ provider: 'openai', account: 'eu', discount_percent: '75' }];
  await writeFile(mapped, JSON.stringify({ accounts: [{ provider: 'openai', account: 'eu' }], rates }));
  const paths = ['--lake', lake, '--config', mapped];
  await call('run', '--inbox', inbox, '--now', '2026-11-24T00:00:00Z', ...paths);
  const ids = await call(
    'query',
    '--lake',
    lake,
    '--format',
    'json',
    "select record_id from usage where call_id = 'november'",
  );
  const [row] = JSON.parse(ids.out) as { record_id: string }[];
  const { out, err } = await call('explain', row?.record_id ?? '', ...paths);
  expect(err).toBe('');
  // four million tokens at 2.50 USD, a quarter of which is paid
  expect(out).toContain(
    'list cost 10 USD; after the rates of the config 2.5 USD; cost in the ledger 2.500000000000 USD',
  );
});

describe('wrong words', () => {
  test.each([
    [['--from', 'september'], '--from september: must be a day such as 2026-11-01'],
    [['--from', '2026-09-31'], '--from 2026-09-31: must be a day'],
    [['--from', '2026-09-02', '--to', '2026-09-01'], '--to 2026-09-01 is before --from 2026-09-02'],
    [[], '--from'],
  ])('%j ends with 2', async (words, message) => {
    const { code, out, err } = await call('reprice', '--lake', lake, ...words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  test('a folder without a ledger is not made one', async () => {
    const { code, err } = await call('reprice', '--lake', 'nowhere', '--from', '2026-09-01');
    expect(code).toBe(2);
    expect(err).toContain('there is no ledger in nowhere');
    expect(await readdir(place.path)).not.toContain('nowhere');
  });
});
