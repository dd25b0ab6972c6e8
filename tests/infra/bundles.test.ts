/**
 * What is uploaded: the app synthesized with its bundles, looked at file by file and through esbuild's own record of what went in. Sizes are
 * budgets: a bundle that grows past one needs a reason, written here. docs/deploying.md lists the sizes.
 */
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ledgerSettings } from '../../bin/ledger-settings.ts';
import { deployedFiles } from '../../lambdas/deployed-files.ts';
import { createLedgerApp } from '../../lib/infra/ledger-app.ts';
import { loadBook } from '../../lib/price/price-book.ts';
import { CONTEXT, SYNTH_MS } from './synthesized.ts';
import type { Template } from './synthesized.ts';

interface Bundle {
  readonly folder: string;
  readonly bytes: number;
  /** packages and own files that went in */
  readonly packages: ReadonlySet<string>;
  readonly files: readonly string[];
}

const out = mkdtempSync(join(tmpdir(), 'bundles-'));
const bundles: Record<string, Bundle> = {};

beforeAll(async () => {
  const assembly = createLedgerApp(await ledgerSettings(undefined), CONTEXT, out).synth();
  const template = assembly.stacks.find((stack) => stack.id === 'Pipeline')?.template as Template;
  for (const [id, resource] of Object.entries(template.Resources)) {
    if (resource.Type !== 'AWS::Lambda::Function') continue;
    const hash = (resource.Properties['Code'] as { S3Key: string }).S3Key.replace('.zip', '');
    bundles[id.replace(/[0-9A-F]{8}$/, '')] = read(join(out, `asset.${hash}`));
  }
}, 2 * SYNTH_MS);
afterAll(() => {
  rmSync(out, { recursive: true, force: true });
});

function read(folder: string): Bundle {
  const meta = JSON.parse(readFileSync(join(folder, 'index.meta.json'), 'utf8')) as {
    outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
  };
  const files = Object.values(meta.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([file]) => file),
  );
  const packages = files
    .map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? '')
    .filter((name) => name !== '');
  return { folder, files, packages: new Set(packages), bytes: statSync(join(folder, 'index.mjs')).size };
}

const bundle = (id: string): Bundle => {
  const found = bundles[id];
  if (found === undefined) throw new Error(`no bundle ${id}`);
  return found;
};

describe('bundles', () => {
  test('are three', () => {
    expect(Object.keys(bundles).toSorted()).toEqual(['BackfillLand', 'Ingest', 'Seal']);
  });

  // measured 2026-11: 914, 968 and 914 KB, two thirds of it the AWS SDK
  test.each([
    ['Ingest', 1_000_000],
    ['Seal', 1_050_000],
    ['BackfillLand', 1_000_000],
  ])('%s stays within its budget', (id, budget) => {
    expect(bundle(id).bytes).toBeGreaterThan(100_000);
    expect(bundle(id).bytes).toBeLessThan(budget);
  });

  test.each(['Ingest', 'Seal', 'BackfillLand'])('%s holds no DuckDB, no CDK, no vocabulary, no charts', (id) => {
    const { packages } = bundle(id);
    expect(packages.size).toBeGreaterThan(5);
    const unwanted = /^(@duckdb\/|aws-cdk|constructs$|cdk-nag$|gpt-tokenizer$|vega|cli-|commander$|esbuild$)/;
    expect([...packages].filter((name) => unwanted.test(name))).toEqual([]);
  });

  test('ingest carries no client of Athena or Glue, the seal none of SQS', () => {
    for (const id of ['Ingest', 'BackfillLand'])
      expect([...bundle(id).packages].filter((name) => /client-(athena|glue)$/.test(name))).toEqual([]);
    expect(bundle('Seal').packages.has('@aws-sdk/client-sqs')).toBe(false);
    expect(bundle('Seal').packages.has('@aws-sdk/client-athena')).toBe(true);
  });

  test('the seal cannot count tokens and has no vocabulary beside it; ingest has both, as files of their own', () => {
    expect(bundle('Seal').files.filter((file) => file.includes('lib/count/text-'))).toEqual([]);
    expect(existsSync(join(bundle('Seal').folder, 'node_modules'))).toBe(false);
    for (const id of ['Ingest', 'BackfillLand']) {
      const require = createRequire(join(bundle(id).folder, 'index.mjs'));
      for (const [encoding, tokens] of [
        ['o200k_base', 2],
        ['cl100k_base', 2],
      ] as const) {
        const path = require.resolve(`gpt-tokenizer/encoding/${encoding}`);
        expect(path).toContain(bundle(id).folder);
        const library = require(path) as { countTokens(text: string): number };
        expect(library.countTokens('hello world')).toBe(tokens);
      }
    }
  });

  test('the whole of what is uploaded stays small', () => {
    for (const { folder } of Object.values(bundles)) {
      const bytes = globSync('**/*', { cwd: folder })
        .map((file) => statSync(join(folder, file)))
        .filter((stat) => stat.isFile())
        .reduce((sum, stat) => sum + stat.size, 0);
      expect(bytes).toBeLessThan(12_000_000);
    }
  });

  test.each(['Ingest', 'Seal', 'BackfillLand'])('%s finds price book and SQL beside it', async (id) => {
    const files = deployedFiles(pathToFileURL(`${bundle(id).folder}/data/`));
    expect(loadBook(await files.book())).toBeDefined();
    const { seal } = await files.sealSql();
    expect(seal).toContain('select');
    expect((await files.queries())['totals']).toContain('unpriced_tokens');
  });

  test('a function without its variables says which one is missing, before anything else', async () => {
    await expect(import(pathToFileURL(join(bundle('Ingest').folder, 'index.mjs')).href)).rejects.toThrow(
      'the environment variable LEDGER_INBOX_BUCKET is not set',
    );
  });
});
