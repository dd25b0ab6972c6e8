/**
 * What the documents tell people to type, typed: every command line of README.md in a shell, in the folder where the demo ran, and every SQL
 * block of the documents against the demo's lake. Nothing is skipped: a line that cannot be run does not belong there, but for the one block
 * of commands that need an AWS account.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, readdir, symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoLedger } from '../cli/demo-ledger.ts';
import type { DemoLedger } from '../cli/demo-ledger.ts';
import { fencedBlocks, printedCommands, shellWords } from '../cli/printed-commands.ts';
import { ledger } from '../cli/run-command.ts';
import type { Printed } from '../cli/run-command.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const README = await readFile(join(ROOT, 'README.md'), 'utf8');
const DOCUMENTS = new Map([['README.md', README]]);
for (const name of (await readdir(join(ROOT, 'docs'))).filter((file) => file.endsWith('.md')))
  DOCUMENTS.set(`docs/${name}`, await readFile(join(ROOT, 'docs', name), 'utf8'));

let demo: DemoLedger;

/** The demo, with the checkout in the place of an installed package and some logs in the place of the reader's own. */
beforeAll(async () => {
  demo = await demoLedger({ hasReport: true });
  const programs = join(demo.root, 'node_modules', '.bin');
  await mkdir(programs, { recursive: true });
  await symlink(join(ROOT, 'bin', 'launch.mjs'), join(programs, 'inference-ledger'));
  await cp(join(demo.root, 'ledger-demo', 'inbox'), join(demo.root, 'logs'), { recursive: true });
}, 120_000);

afterAll(async () => demo?.close());

/** One line as a person types it. */
async function typed(line: string): Promise<Printed> {
  const env = {
    ...process.env,
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    INFERENCE_LEDGER_HASH_KEY: 'ab'.repeat(32),
    NO_COLOR: '1',
    npm_config_offline: 'true',
  };
  return await new Promise((done) => {
    const child = execFile('/bin/sh', ['-c', line], { cwd: demo.root, env, maxBuffer: 1 << 26 }, (error, out, err) => {
      done({ code: error === null ? 0 : (child.exitCode ?? -1), out, err });
    });
    child.stdin?.end();
  });
}

/** Commands that need an AWS account are one block, which is read below; its question is asked of a deployment in tests/parts. */
const needsAws = (block: string): boolean => block.includes('npx cdk ');
const COMMANDS = fencedBlocks(README, 'sh')
  .filter((block) => !needsAws(block))
  .flatMap(printedCommands);

describe('README.md', () => {
  test('tells at least three commands', () => {
    expect(COMMANDS.length).toBeGreaterThanOrEqual(3);
  });

  test.each(COMMANDS)('%s', async (line) => {
    const { code, out, err } = await typed(line);
    // the sample has faults for the doctor to find, which is exit code 1, and something crosses a line, which is 3
    const isFinding = line.startsWith('npx inference-ledger doctor') && /^PROBLEM /m.test(out);
    const isCrossed = line.startsWith('npx inference-ledger check') && /^(anomaly|source silent)/m.test(out);
    expect({ code, err: /error:.*/.exec(err)?.[0] ?? '' }).toEqual({
      code: isFinding ? 1 : isCrossed ? 3 : 0,
      err: '',
    });
    expect(out.trim()).not.toBe('');
  });

  test('its links lead somewhere', () => {
    const targets = [...README.matchAll(/\]\(([^)#\s]+)/g)].map((match) => match[1] ?? '');
    const local = targets.filter((target) => !/^[a-z]+:/.test(target));
    expect(local.length).toBeGreaterThan(5);
    return Promise.all(local.map((target) => expect(readFile(join(ROOT, target))).resolves.toBeDefined()));
  });
});

describe('the first ten minutes', () => {
  test('the demo ends with what README.md explains, in its order', () => {
    const places = [
      /^spend by team /m,
      /^spend by model /m,
      /^not simply counted /m,
      /^lines +\d+ = /m,
      /^rows +\d+ landed = /m,
      /^lake +ledger-demo\/lake$/m,
      /^config +ledger-demo\/inference-ledger\.config\.json$/m,
      /^ {2}npx inference-ledger query /m,
      /^Month to date +\$/m,
      /^wrote +ledger-demo\/report\/report\.html$/m,
      /^open +file:\/\/.*\/ledger-demo\/report\/report\.html$/m,
    ].map((part) => demo.printed.search(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test('its SQL works as printed', async () => {
    const lines = printedCommands(demo.printed);
    expect(lines.length).toBeGreaterThanOrEqual(3);
    for (const line of lines) {
      const { code, out, err } = await typed(line);
      expect({ line, code, err }).toEqual({ line, code: 0, err: '' });
      expect(out.split('\n').length).toBeGreaterThan(3);
    }
  });

  test('every line of the first screen that README.md explains is a label of it', () => {
    const labels = [...README.matchAll(/\*\*(Data|Month to date|This week|Saving to the bank|Decision)\*\*/g)];
    expect(labels.map((match) => match[1])).toHaveLength(5);
    for (const [, label = ''] of labels) expect(demo.printed).toMatch(new RegExp(`^${label} `, 'm'));
  });

  test('a past week comes out byte for byte the same', async () => {
    const words = ['--lake', demo.lake, '--config', 'ledger-demo/inference-ledger.config.json', '--no-teams'];
    const files = async (out: string): Promise<Record<string, string>> => {
      const { code } = await ledger(demo.root, 'report', ...words, '--out', out);
      expect(code).toBe(0);
      const folder = join(demo.root, out);
      const names = (await readdir(folder)).toSorted();
      return Object.fromEntries(
        await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'base64')] as const)),
      );
    };
    const first = await files('first');
    expect(Object.keys(first)).toEqual(
      expect.arrayContaining(['report.eml', 'report.html', 'report.txt', 'trend.png']),
    );
    expect(await files('second')).toEqual(first);
  });
});

describe('the way to a deployed ledger', () => {
  const ways = ['README.md', 'docs/deploying.md'].map((name) => ({
    text: DOCUMENTS.get(name) ?? '',
    blocks: fencedBlocks(DOCUMENTS.get(name) ?? '', 'sh').filter(needsAws),
  }));
  const [block = ''] = ways[0]?.blocks ?? [];
  const commands = block.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));

  test('is told once in README.md and the same in docs/deploying.md, and its commands are counted', () => {
    expect(ways[0]?.blocks).toHaveLength(1);
    expect(ways[1]?.blocks[0]).toBe(block);
    expect(commands).toHaveLength(5);
    for (const { text } of ways) expect(text.replace(block, '')).toMatch(/[Ff]ive commands/);
  });

  test('names programs that a checkout brings, but for the AWS command line', async () => {
    const { devDependencies, bin } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
      bin: Record<string, string>;
    };
    const brought = new Set(['npm', ...Object.keys(bin), ...('aws-cdk' in devDependencies ? ['cdk'] : [])]);
    const programs = commands.map((line) => line.replace(/^npx /, '').split(' ')[0]);
    expect(programs.filter((name) => !brought.has(name ?? ''))).toEqual(['aws']);
  });

  test('ends with a question that has an answer', async () => {
    const [, , verb = '', option, stack, ...words] = shellWords(commands.at(-1) ?? '');
    expect([verb, option, stack]).toEqual(['query', '--stack', 'inference-ledger']);
    const { code, out } = await ledger(demo.root, verb, '--lake', demo.lake, '--format', 'json', ...words);
    expect(code).toBe(0);
    expect((JSON.parse(out) as unknown[]).length).toBeGreaterThan(3);
  });
});

describe('SQL in the documents', () => {
  // the sample queries and these tables are asked in queries.test.ts, of a ledger in which every table has rows
  const NOT_IN_THE_DEMO = /\bfrom (budgets|budget_status|savings)\b/;
  const blocks = [...DOCUMENTS]
    .filter(([name]) => name !== 'docs/queries.md')
    .flatMap(([name, text]) => fencedBlocks(text, 'sql').map((sql, i) => [`${name}, block ${i + 1}`, sql] as const));

  test('there is some', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(4);
  });

  test.each(blocks)('%s', async (_, sql) => {
    const { code, out, err } = await ledger(demo.root, 'query', '--lake', demo.lake, '--format', 'json', sql);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect((JSON.parse(out) as unknown[]).length).toBeGreaterThanOrEqual(NOT_IN_THE_DEMO.test(sql) ? 0 : 1);
  });
});

describe('commands the documents name', () => {
  test('exist, with the options given to them', async () => {
    const known = new Map<string, string>();
    const help = await ledger(demo.root, '--help');
    for (const [, verb = ''] of help.out.matchAll(/^ {2}([a-z]+) /gm))
      if (verb !== 'help') known.set(verb, (await ledger(demo.root, verb, '--help')).out);
    expect(known.size).toBeGreaterThanOrEqual(8);
    const strangers: string[] = [];
    for (const [name, text] of DOCUMENTS) {
      for (const [, verb = '', rest = ''] of text.matchAll(/(?:npx |`)inference-ledger ([a-z]+)([^`\n|]*)/g)) {
        const usage = known.get(verb);
        const options = rest.replaceAll(/"[^"]*"/g, '').match(/--[a-z-]+/g) ?? [];
        if (usage === undefined) strangers.push(`${name}: ${verb}`);
        else for (const option of options) if (!usage.includes(option)) strangers.push(`${name}: ${verb} ${option}`);
      }
    }
    expect(strangers).toEqual([]);
  });
});
