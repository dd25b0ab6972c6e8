/**
 * What is uploaded: the app synthesized with its bundles, looked at file by file and through esbuild's own record of what went in. Sizes are
 * budgets: a bundle that grows past one needs a reason, written here. docs/costs.md lists the sizes.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ledgerSettings } from '../../bin/ledger-settings.ts';
import { deployedFiles } from '../../lambdas/deployed-files.ts';
import { openDocumentReader } from '../../lib/adapters/local/document-reader.ts';
import { vocabularyBytes } from '../../lib/adapters/local/vocabulary-files.ts';
import { createTextCounters } from '../../lib/count/text-counter.ts';
import { createLedgerApp } from '../../lib/infra/ledger-app.ts';
import { loadBook } from '../../lib/price/price-book.ts';
import { ROOT } from '../architecture/imports.ts';
import { amountOf, tableOf } from './cost-formulas.ts';
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
  const templates = assembly.stacks.filter(({ id }) => id !== 'Data').map(({ template }) => template as Template);
  const resources = templates.flatMap(({ Resources: own }) => Object.entries(own));
  for (const [id, resource] of resources) {
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

/** Bytes; what a function needs more room than this for must be worth it. */
const BUDGETS: [id: string, bytes: number][] = [
  ['Ingest', 1_030_000],
  ['Seal', 1_130_000],
  ['BackfillLand', 1_030_000],
  ['Documents', 920_000],
  // half the AWS SDK, half the levers
  ['SimulateWeek', 1_240_000],
  // templates of the mail 2.6 MB (MJML with a parser of HTML and its clients), charts 0.9 MB
  ['ReportWeek', 5_100_000],
  ['CheckDay', 5_050_000],
];
const READERS = ['Ingest', 'Seal', 'BackfillLand', 'Documents'];
const REPORTERS = ['SimulateWeek', 'ReportWeek', 'CheckDay'];
/** The process that reads documents, with all libraries of extraction: the largest is that of PDF, loaded when the first PDF comes. */
const WORKER_BUDGET = 3_500_000;

/** What may be larger as a whole: libraries of extraction, or what a mail is made of. */
const WHOLE: Readonly<Record<string, number>> = { Documents: 11_500_000, ReportWeek: 10_000_000, CheckDay: 10_000_000 };

/** What runs: source maps and esbuild's record only lie beside it. */
function uploadedBytes(folder: string): number {
  return globSync('**/*', { cwd: folder })
    .filter((file) => !file.endsWith('.map') && !file.endsWith('.meta.json'))
    .map((file) => statSync(join(folder, file)))
    .filter((stat) => stat.isFile())
    .reduce((sum, stat) => sum + stat.size, 0);
}

/** Loads a bundle in a process where every package is refused; tells which it asked for, and what it offers. */
async function loadedWithoutPackages(folder: string): Promise<{ asked: string[]; handler: string }> {
  const script = `
    import { isBuiltin, registerHooks } from 'node:module';
    const asked = [];
    registerHooks({
      resolve(name, context, next) {
        if (/^(file:|[./])/.test(name) || isBuiltin(name)) return next(name, context);
        asked.push(name);
        throw new Error(name + ' is not there');
      },
    });
    const { handler } = await import(process.argv[1]);
    console.log(JSON.stringify({ asked, handler: typeof handler }));`;
  const places = ['INBOX_BUCKET', 'INBOX_PREFIX', 'LAKE_BUCKET', 'HASH_KEY_SECRET', 'DATABASE', 'WORK_DATABASE'];
  const env = Object.fromEntries(
    [...places, 'ENGINE_WORKGROUP', 'INGEST_QUEUE', 'DOCUMENTS_QUEUE'].map((name) => [`LEDGER_${name}`, 'x']),
  );
  const words = ['--input-type=module', '-e', script, pathToFileURL(join(folder, 'index.mjs')).href];
  const { stdout } = await promisify(execFile)(process.execPath, words, {
    env: { ...env, AWS_REGION: 'eu-central-1' },
  });
  return JSON.parse(stdout) as { asked: string[]; handler: string };
}

const bundle = (id: string): Bundle => {
  const found = bundles[id];
  if (found === undefined) throw new Error(`no bundle ${id}`);
  return found;
};

describe('bundles', () => {
  test('are seven', () => {
    expect(Object.keys(bundles).toSorted()).toEqual([...READERS, ...REPORTERS].toSorted());
  });

  // two thirds of each is the AWS SDK; what the seal prices corpora with is 58 KB, a reader of CSV and rules of caches and batches among it
  test.each(BUDGETS)('%s stays within its budget', (id, budget) => {
    expect(bundle(id).bytes).toBeGreaterThan(100_000);
    expect(bundle(id).bytes).toBeLessThan(budget);
  });

  test('have the sizes that docs/costs.md lists, within five percent', () => {
    const rows = tableOf(readFileSync(`${ROOT}docs/costs.md`, 'utf8'), 'function', 'bundle', 'budget');
    expect(rows.map(([id, , budget = '']) => [id, 1000 * amountOf(budget)])).toEqual(BUDGETS);
    for (const [id = '', listed = '', , all = ''] of rows) {
      expect(Math.abs(bundle(id).bytes / 1000 / amountOf(listed) - 1)).toBeLessThan(0.05);
      expect(Math.abs(uploadedBytes(bundle(id).folder) / 1000 / amountOf(all) - 1)).toBeLessThan(0.05);
    }
  });

  test.each([...READERS, ...REPORTERS])(
    '%s holds no DuckDB, no CDK, no vocabulary; charts only what mails them',
    (id) => {
      const { packages } = bundle(id);
      expect(packages.size).toBeGreaterThan(5);
      const unwanted = /^(@duckdb\/|aws-cdk|constructs$|cdk-nag$|gpt-tokenizer$|cli-|commander$|esbuild$)/;
      expect([...packages].filter((name) => unwanted.test(name))).toEqual([]);
      const hasMail = id === 'ReportWeek' || id === 'CheckDay';
      for (const name of ['vega', 'nodemailer', 'mjml-browser', '@aws-sdk/client-sesv2'])
        expect([name, packages.has(name)]).toEqual([name, hasMail]);
    },
  );

  test('what mails has font, program and SQL beside it, and paints', async () => {
    for (const id of ['ReportWeek', 'CheckDay']) {
      const files = deployedFiles(pathToFileURL(`${bundle(id).folder}/data/`));
      const { wasm, font } = await files.painting();
      expect(Buffer.from(wasm.subarray(0, 4)).toString('latin1')).toBe('\0asm');
      expect(font.length).toBeGreaterThan(100_000);
      expect(Object.keys(await files.watchQueries()).length).toBeGreaterThan(1);
    }
    const simulation = deployedFiles(pathToFileURL(`${bundle('SimulateWeek').folder}/data/`));
    expect((await simulation.simulateQueries())['calls']).toContain('select');
    expect(await simulation.limits()).toContain(',');
    expect(existsSync(join(bundle('SimulateWeek').folder, 'data/painting'))).toBe(false);
  });

  test('ingest carries no client of Athena or Glue, the seal none of SQS', () => {
    for (const id of ['Ingest', 'BackfillLand', 'Documents'])
      expect([...bundle(id).packages].filter((name) => /client-(athena|glue)$/.test(name))).toEqual([]);
    expect(bundle('Seal').packages.has('@aws-sdk/client-sqs')).toBe(false);
    expect(bundle('Seal').packages.has('@aws-sdk/client-athena')).toBe(true);
  });

  test('the seal cannot count tokens and has no vocabulary beside it; ingest has both, as files of their own', () => {
    expect(bundle('Seal').files.filter((file) => /lib\/count\/(byte-pairs|vocabulary)\.ts/.test(file))).toEqual([]);
    expect(existsSync(join(bundle('Seal').folder, 'data/vocabularies'))).toBe(false);
    for (const id of ['Ingest', 'BackfillLand', 'Documents']) {
      const counters = createTextCounters((encoding) =>
        vocabularyBytes(encoding, pathToFileURL(join(bundle(id).folder, 'data/vocabularies/'))),
      );
      for (const model of ['gpt-4o', 'gpt-4']) expect(counters.for('openai', model).count('hello world')).toBe(2);
    }
  });

  test.each([...READERS, ...REPORTERS])('%s starts where no package can be had, and asks for none', async (id) => {
    expect(await loadedWithoutPackages(bundle(id).folder)).toEqual({ asked: [], handler: 'function' });
  });

  const EXTRACTION =
    /^(unpdf|pdfjs-dist|mammoth|html-to-text|read-excel-file|postal-mime|saxes|@huggingface\/tokenizers)$/;

  test('libraries of extraction lie beside the documents function, in its reading process, and nowhere else', () => {
    for (const id of READERS) expect([...bundle(id).packages].filter((name) => EXTRACTION.test(name))).toEqual([]);
    const folder = join(bundle('Documents').folder, 'documents');
    const meta = JSON.parse(readFileSync(join(folder, 'worker.meta.json'), 'utf8')) as {
      inputs: Record<string, unknown>;
    };
    const inputs = Object.keys(meta.inputs).join('\n');
    for (const name of ['unpdf', 'mammoth', 'html-to-text', 'read-excel-file', 'postal-mime'])
      expect([name, inputs.includes(`node_modules/${name}/`)]).toEqual([name, true]);
    expect(inputs).not.toMatch(/node_modules\/(@duckdb|aws-cdk-lib|@aws-sdk)\//);
    expect(uploadedBytes(folder)).toBeLessThan(WORKER_BUDGET);
    for (const id of ['Ingest', 'Seal', 'BackfillLand', ...REPORTERS])
      expect(existsSync(join(bundle(id).folder, 'documents'))).toBe(false);
  });

  test('the reading process reads documents where no package can be found', async () => {
    const copy = mkdtempSync(join(out, 'copied-'));
    cpSync(bundle('Documents').folder, copy, { recursive: true });
    const here = pathToFileURL(`${copy}/`);
    const reader = openDocumentReader({ limits: {}, tokenizers: {} }, '.', {
      worker: new URL('documents/document-worker.mjs', here),
      vocabularies: new URL('data/vocabularies/', here),
    });
    const bytesOf: Readonly<Record<string, Uint8Array>> = {
      'a.txt': Buffer.from('hello world'),
      'b.html': Buffer.from('<p>hello world</p>'),
      'c.eml': Buffer.from('Subject: x\nContent-Type: text/plain\n\nhello world\n'),
      'd.zip': zipSync({ 'inner.md': Buffer.from('hello world') }),
    };
    try {
      for (const [path, bytes] of Object.entries(bytesOf)) {
        const found: string[] = [];
        const open = async (): Promise<AsyncIterable<Uint8Array>> =>
          (async function* one() {
            yield bytes;
          })();
        for await (const { status, tokensO200k } of reader.read({ path, bytes: bytes.length, open }))
          found.push(`${status} ${tokensO200k >= 2}`);
        expect([path, found]).toEqual([path, ['counted true']]);
      }
    } finally {
      await reader.close();
    }
  });

  test('that refusal is one: a bundle that asks for DuckDB does not start', async () => {
    const folder = mkdtempSync(join(out, 'asks-'));
    writeFileSync(join(folder, 'index.mjs'), "import '@duckdb/node-api'; export const handler = () => 0;");
    await expect(loadedWithoutPackages(folder)).rejects.toThrow('@duckdb/node-api is not there');
  });

  test('the whole of what is uploaded stays small', () => {
    for (const [id, { folder }] of Object.entries(bundles))
      expect([id, uploadedBytes(folder) < (WHOLE[id] ?? 8_000_000)]).toEqual([id, true]);
  });

  test.each([...READERS, ...REPORTERS])('%s finds price book and SQL beside it', async (id) => {
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
