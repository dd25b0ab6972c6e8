/** The commands that need no ledger, and what is wrong before one is touched: prices, generate, init, help, wrong words, wrong configs. */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../lib/config.ts';
import { examplesIn } from '../../bin/command-options.ts';
import { askAnswers } from '../../bin/config-questions.ts';
import { DEFAULT_ANSWERS, firstConfig } from '../../bin/first-config.ts';
import { program } from '../../bin/program.ts';
import { shellWords } from './printed-commands.ts';
import { folder, ledger } from './run-command.ts';
import type { Printed } from './run-command.ts';

let place: Awaited<ReturnType<typeof folder>>;
const call = (...words: string[]): Promise<Printed> => ledger(place.path, ...words);

beforeAll(async () => {
  place = await folder();
});
afterAll(async () => place.close());

/** Every file under a folder, by its path. */
async function filesUnder(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    files.map(async (path) => [path.slice(root.length + 1), await readFile(path, 'latin1')]),
  );
  return Object.fromEntries(texts) as Record<string, string>;
}

describe('prices', () => {
  // OpenAI, pricing page: gpt-4o is $2.50 in and $10.00 out per million tokens since 2024-10-02
  test('tells what a model costs at a day, as JSON and CSV', async () => {
    const words = ['prices', 'gpt-4o', '--provider', 'openai', '--at', '2026-10-05'];
    const json = await call(...words, '--format', 'json');
    expect([json.code, json.err]).toEqual([0, '']);
    const rows = JSON.parse(json.out) as Record<string, string | null>[];
    const standard = rows.filter((row) => row['model'] === 'gpt-4o' && row['tier'] === 'standard');
    expect(standard.find((row) => row['meter'] === 'input')).toMatchObject({ usd: '2.5', unit: 'per_1M_tokens' });
    expect(standard.find((row) => row['meter'] === 'output')).toMatchObject({ usd: '10', unit: 'per_1M_tokens' });
    for (const row of rows) expect(row).toMatchObject({ price_id: expect.any(String), source: expect.any(String) });
    const csv = await call(...words, '--format', 'csv');
    const [header, ...cells] = parse(csv.out);
    expect(header?.slice(0, 4)).toEqual(['provider', 'model', 'meter', 'tier']);
    expect(cells.map((row) => row.slice(0, 4))).toEqual(
      rows.map((row) => [row['provider'], row['model'], row['meter'], row['tier']]),
    );
  });

  test('without a model lists all of them, one line each', async () => {
    const { code, out } = await call('prices', '--at', '2026-10-05');
    expect(code).toBe(0);
    const names = out
      .split('\n')
      .slice(1)
      .map((line) => line.split(/\s+/).slice(0, 2).join(' '));
    expect(names).toEqual(expect.arrayContaining(['openai gpt-4o', 'anthropic claude-sonnet-4-5']));
    expect(names.length).toBeGreaterThan(100);
  });

  test.each([
    [['no-such-model-1'], 'no row for no-such-model-1'],
    [['gpt-4o', '--at', 'yesterday'], '--at yesterday'],
  ])('%j is wrong usage', async (words, message) => {
    const { code, out, err } = await call('prices', ...words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });
});

describe('generate', () => {
  const make = async (out: string, seed: string): Promise<Record<string, string>> => {
    const path = join(place.path, out);
    const printed = await call('generate', '--calls', '120', '--seed', seed, '--bad', '0.05', '--out', path);
    expect(printed.code).toBe(0);
    expect(printed.out).toContain(join(path, 'truth.json'));
    return await filesUnder(path);
  };

  test('gives the same bytes for the same seed, others for another, and the truth of them', async () => {
    const [first, second, other] = [await make('one', '9'), await make('two', '9'), await make('three', '10')];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
    const { 'truth.json': told = '', ...logs } = first;
    const truth = JSON.parse(told) as Record<string, unknown>;
    const lines = Object.values(logs).flatMap((text) => text.split('\n').filter((line) => line !== ''));
    expect(truth).toMatchObject({ seed: 9, lines: lines.length, objects: Object.keys(logs).length });
    const broken = lines.filter((line) => {
      try {
        return typeof JSON.parse(line) !== 'object';
      } catch {
        return true;
      }
    });
    expect(broken.length).toBeGreaterThan(0);
    expect(Number(truth['bad_lines'])).toBeGreaterThanOrEqual(broken.length);
  });

  test.each([
    ['--calls', 'many'],
    ['--seed', '-1'],
    ['--bad', '2'],
  ])('%s %s is wrong usage', async (option, value) => {
    const given = { '--calls': '10', '--seed': '1', '--bad': '0', [option]: value };
    const words = Object.entries(given).flatMap(([name, text]) => [`${name}=${text}`]);
    const { code, err } = await call('generate', '--out', join(place.path, 'never'), ...words);
    expect(code).toBe(2);
    expect(err).toContain(`${option} ${value}: must be`);
    expect(await readdir(place.path)).not.toContain('never');
  });
});

describe('init', () => {
  test('writes a commented config that is valid, and does not write over it', async () => {
    const path = join(place.path, 'made.json');
    const first = await call('init', '--yes', '--config', path);
    expect(first.code).toBe(0);
    expect(first.out).toContain(`--config ${path}`);
    const text = await readFile(path, 'utf8');
    expect(parseConfig(text, path).privacy.persons).toBe('keep');
    const second = await call('init', '--yes', '--config', path);
    expect([second.code, second.out]).toEqual([2, '']);
    expect(second.err).toContain(`${path} exists already`);
    expect(await readFile(path, 'utf8')).toBe(text);
    // read back as it was written: nothing is wrong with it
    const { out } = await call('doctor', '--config', path);
    expect(out).toMatch(/^ok {7}config .* is valid/m);
  });

  test('says of every part what it is for', () => {
    const file = JSON.parse(firstConfig(DEFAULT_ANSWERS, null)) as Record<string, unknown>;
    const notes = JSON.stringify(file['$comment']);
    for (const [key, value] of Object.entries(file)) {
      if (key === '$comment' || key === 'week_start') continue;
      expect(typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(value) : notes).toContain(
        Array.isArray(value) ? `${key}:` : '$comment',
      );
    }
  });

  test('asks again until a word is an answer', async () => {
    const typed = [
      'Acme',
      'search, support,, search',
      'Moonday',
      'FRIDAY',
      'Mars/Base',
      'Europe/Berlin',
      '',
      'maybe',
      'y',
      'much',
      '1200.50',
      'cfo',
      'cfo@acme.test, it@acme.test',
      '',
    ];
    const asked: string[] = [];
    const answers = await askAnswers({
      question: async (text: string) => {
        asked.push(text);
        return await Promise.resolve(typed.shift() ?? '');
      },
    });
    expect(answers).toEqual({
      company: 'Acme',
      teams: ['search', 'support'],
      weekStart: 'friday',
      timezone: 'Europe/Berlin',
      persons: 'keep',
      hasSeats: true,
      budget: '1200.50',
      mail: { from: 'cfo@acme.test', to: ['cfo@acme.test', 'it@acme.test'] },
    });
    expect(typed).toEqual([]);
    expect(asked.filter((text) => text.startsWith('That '))).toHaveLength(3);
    expect(asked.filter((text) => text.startsWith('The config does not take that.'))).toHaveLength(2);
    const config = parseConfig(firstConfig(answers, './schema.json'), 'x');
    expect(config).toMatchObject({
      week_start: 'friday',
      report: { title: 'Acme: LLM spend', timezone: 'Europe/Berlin' },
    });
    expect(config.teams?.map(({ name }) => name)).toEqual(['search', 'support']);
    expect(config.billing).toHaveLength(1);
    expect(config.budgets).toMatchObject([{ scope: 'total', amount: '1200.50' }]);
    expect(config.report.mail?.to).toEqual(['cfo@acme.test', 'it@acme.test']);
  });
});

describe('wrong words', () => {
  test.each([
    [['unheard-of'], 'unknown command'],
    [['run', '--inbox', '.'], '--lake'],
    [['run', '--lake', '.'], '--inbox'],
    [['query', 'select 1'], '--lake'],
    [['query', '--lake', '.', '--format', 'xml', 'select 1'], 'Allowed choices are table, json, csv'],
    [['explain', '--lake', '.'], 'record_id'],
    [['run', '--inbox', './missing', '--lake', './lake'], './missing does not exist'],
    [['run', '--inbox', '.', '--lake', './lake', '--now', 'soon'], '--now soon: must be ISO 8601'],
    [['run', '--inbox', '.', '--lake', './lake', '--config', 'missing.json'], 'missing.json cannot be read'],
  ])('%j ends with 2 and says why', async (words, message) => {
    const { code, out, err } = await call(...words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).not.toContain('    at ');
    expect(await readdir(place.path)).not.toContain('lake');
  });
});

describe('a wrong config', () => {
  test.each([
    ['{ "week_start": "noon" }', 'week_start: must be one of monday'],
    ['{ "privacy": { "person": "keep" } }', 'privacy: unknown key "person", did you mean "persons"?'],
    ['{ "billing": [{ "match": { "model": "*" }, "mode": "free" }] }', 'billing[0].mode: must be one of on_demand'],
    [
      '{ "attribution": { "rules": [{ "id": "a", "match": { "keys": "x" }, "set": { "team": "t" } }] } }',
      'attribution.rules[0].match',
    ],
    ['{ "prices": { "overlays": ["missing.csv"] } }', 'prices.overlays: missing.csv cannot be read'],
    ['{ "week_start": ', 'is not valid JSON'],
  ])('%s ends with 2 and names the path', async (text, message) => {
    const config = join(place.path, 'wrong.json');
    await writeFile(config, text);
    const { code, out, err } = await call('run', '--inbox', '.', '--lake', './lake', '--config', config);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).not.toContain('    at ');
  });
});

describe('help', () => {
  const COMMANDS = program().commands.map((command) => command.name());

  test('names every command', async () => {
    const { code, out } = await call('--help');
    expect(code).toBe(0);
    expect(COMMANDS).toEqual(
      expect.arrayContaining([
        'demo',
        'init',
        'run',
        'query',
        'explain',
        'estimate',
        'simulate',
        'doctor',
        'completion',
      ]),
    );
    for (const name of COMMANDS) expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  test.each(COMMANDS)('of %s goes to stdout and has examples, whose words are right', async (name) => {
    const { code, out, err } = await call(name, '--help');
    expect([code, err]).toEqual([0, '']);
    const examples = examplesIn(out);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const words = shellWords(example.split(' > ')[0] ?? '');
      expect(words[0]).toBe(name);
      let called = 0;
      const cli = program();
      for (const command of cli.commands) command.action(() => void called++);
      await cli.parseAsync(words, { from: 'user' });
      expect(called).toBe(1);
    }
  });
});
