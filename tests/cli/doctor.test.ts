/** `doctor` as a person runs it: what it prints, its JSON, how it ends. What each check finds is in tests/health. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOW, generatedLedger } from './generated-ledger.ts';
import type { GeneratedLedger } from './generated-ledger.ts';
import { folder, ledger } from './run-command.ts';
import type { Printed } from './run-command.ts';

interface Finding {
  readonly level: 'ok' | 'note' | 'problem';
  readonly check: string;
  readonly message: string;
  readonly where: readonly string[];
  readonly todo: string | null;
}

async function doctor(cwd: string, ...words: string[]): Promise<{ code: number | null; findings: Finding[] }> {
  const { code, out } = await ledger(cwd, 'doctor', '--format', 'json', ...words);
  return { code, findings: JSON.parse(out) as Finding[] };
}
const levelsOf = (findings: readonly Finding[]): Record<string, string> =>
  Object.fromEntries(findings.map(({ check, level }) => [check, level]));

describe('a ledger with nothing wrong', () => {
  let place: Awaited<ReturnType<typeof folder>>;
  beforeAll(async () => {
    place = await folder();
    await mkdir(join(place.path, 'inbox', 'app'), { recursive: true });
    const line = (hour: number): string =>
      JSON.stringify({
        id: `chatcmpl-AAAAAAAAAAAAAAAAAAAAAA${hour}`,
        timestamp: `2026-11-23T${hour}:00:00Z`,
        model: 'gpt-4o',
        input_tokens: 10,
        output_tokens: 1,
      });
    await writeFile(join(place.path, 'inbox', 'app', 'a.jsonl'), [line(10), line(11)].join('\n'));
    await writeFile(join(place.path, 'ok.json'), '{}');
    await ledger(place.path, 'run', '--inbox', 'inbox', '--lake', 'lake', '--now', NOW, '--config', 'ok.json');
  }, 60_000);
  afterAll(async () => place.close());

  test('ends with 0; every check says that it looked', async () => {
    const { code, findings } = await doctor(place.path, '--lake', 'lake', '--config', 'ok.json', '--now', NOW);
    expect(code).toBe(0);
    expect(findings.map(({ level, check }) => `${level} ${check}`)).toEqual([
      'ok config',
      'ok hash key',
      'ok lake',
      'ok generations',
      'ok landing',
      'ok commits',
      'ok twins',
      'ok unpriced',
      'ok sources',
      'ok accounts',
      'ok billing',
      'ok estimates',
      'ok prices',
    ]);
    for (const finding of findings)
      expect(Object.keys(finding)).toEqual(['level', 'check', 'message', 'where', 'todo']);
  });

  test('changes nothing', async () => {
    const before = await readFile(join(place.path, 'lake', 'catalog.json'), 'utf8');
    await doctor(place.path, '--lake', 'lake', '--config', 'ok.json', '--now', '2028-01-01T00:00:00Z');
    expect(await readFile(join(place.path, 'lake', 'catalog.json'), 'utf8')).toBe(before);
  });

  test('has old prices a year later: a problem for the provider in use, with the day of its newest source', async () => {
    const { code, findings } = await doctor(
      place.path,
      '--lake',
      'lake',
      '--config',
      'ok.json',
      '--now',
      '2027-11-23T00:00:00Z',
    );
    expect(code).toBe(1);
    const prices = findings.filter(({ check }) => check === 'prices');
    expect(prices).toHaveLength(1);
    expect(prices[0]).toMatchObject({ level: 'problem', message: 'prices of 1 provider are older than 60 days' });
    expect(prices[0]?.where[0]).toMatch(/^openai: newest source 2026-\d{2}-\d{2}$/);
  });

  test('misses landing files: a problem with places and a way out', async () => {
    const landing = join(place.path, 'lake', 'landing');
    await rename(landing, join(place.path, 'aside'));
    try {
      const { code, findings } = await doctor(place.path, '--lake', 'lake', '--config', 'ok.json', '--now', NOW);
      expect(code).toBe(1);
      const problem = findings.find(({ level }) => level === 'problem');
      expect(problem?.check).toBe('commits');
      expect(problem?.where[0]).toMatch(/^landing\/v1\/.*\.parquet$/);
      expect(problem?.todo).toContain('restore');
    } finally {
      await rename(join(place.path, 'aside'), landing);
    }
  });
});

describe('a generated ledger', () => {
  let made: GeneratedLedger;
  const call = (...words: string[]): Promise<Printed> => ledger(made.root, ...words);
  beforeAll(async () => {
    made = await generatedLedger(400);
  }, 120_000);
  afterAll(async () => made.close());

  test('has a model without a price and sessions without proof of billing: both are problems, with money and a way out', async () => {
    const { code, findings } = await doctor(made.root, '--lake', made.lake, '--now', NOW);
    expect(code).toBe(1);
    const unpriced = findings.find((finding) => finding.check === 'unpriced');
    expect(unpriced?.level).toBe('problem');
    expect(unpriced?.message).toContain('1 calls of 1 models');
    const billing = findings.filter(({ check }) => check === 'billing');
    expect(new Set(billing.map(({ where }) => where[0]))).toEqual(new Set(['claude_code', 'codex.rollout']));
    const values = await made.ask(
      "select source_format, cast(sum(list_cost) as varchar) as value from usage where billing_mode = 'unknown' group by 1",
    );
    for (const { source_format: format, value } of values) {
      const shown = `$${Number(value).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
      expect(billing.find(({ where }) => where[0] === format)?.message).toContain(`${shown} token value`);
    }
    for (const finding of findings.filter(({ level }) => level === 'problem')) expect(finding.todo).toBeTruthy();
  });

  test('as text says the same, with what to do', async () => {
    const { code, out } = await call('doctor', '--lake', made.lake, '--now', NOW);
    expect(code).toBe(1);
    expect(out).toMatch(/^PROBLEM {2}unpriced .*\n {22}→ docs\/prices\.md/m);
    expect(out).toMatch(/^PROBLEM {2}billing .* token value, not counted as spend\.\n {22}→ say in config billing/m);
  });

  test('names a file that the catalog points to and that is not there, and does not read the tables', async () => {
    const catalog = JSON.parse(await readFile(join(made.lake, 'catalog.json'), 'utf8')) as {
      tables: Record<string, Record<string, { keys: string[] }>>;
    };
    const key = Object.values(catalog.tables['usage'] ?? {})[0]?.keys[0] ?? '';
    const [path, aside] = [join(made.lake, key), join(made.root, 'aside')];
    await rename(path, aside);
    try {
      const { code, findings } = await doctor(made.root, '--lake', made.lake, '--now', NOW);
      expect(code).toBe(1);
      const lake = findings.find(({ check }) => check === 'lake');
      expect(lake?.message).toBe(`1 file that the catalog points to is missing, first ${key}`);
      expect(findings.map(({ check }) => check)).not.toContain('twins');
    } finally {
      await rename(aside, path);
    }
  });
});

describe('without a ledger', () => {
  let place: Awaited<ReturnType<typeof folder>>;
  beforeAll(async () => {
    place = await folder();
  });
  afterAll(async () => place.close());

  test('looks at the setup: prices that are old are a problem', async () => {
    const now = await doctor(place.path, '--now', NOW);
    expect([now.code, levelsOf(now.findings)]).toEqual([0, { config: 'note', 'hash key': 'ok', prices: 'ok' }]);
    const later = await doctor(place.path, '--now', '2028-01-01T00:00:00Z');
    expect([later.code, levelsOf(later.findings)['prices']]).toEqual([1, 'problem']);
  });

  test('a folder that holds none is a problem with the command that makes one', async () => {
    const { code, findings } = await doctor(place.path, '--lake', 'nothing', '--now', NOW);
    expect(code).toBe(1);
    expect(findings.find(({ check }) => check === 'lake')).toMatchObject({
      level: 'problem',
      todo: 'inference-ledger run --inbox DIR --lake nothing',
    });
    await rm(join(place.path, 'nothing'), { recursive: true, force: true });
  });

  test('a wrong config ends with 2', async () => {
    await writeFile(join(place.path, 'wrong.json'), '{ "sources": [{}] }');
    const { code, err } = await ledger(place.path, 'doctor', '--config', 'wrong.json');
    expect(code).toBe(2);
    expect(err).toContain('sources[0].prefix');
  });
});
