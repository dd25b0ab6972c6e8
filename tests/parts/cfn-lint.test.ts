/** The templates, as `npx cdk synth` writes them, under cfn-lint: types, allowed values and references as CloudFormation knows them. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../architecture/imports.ts';
import { cacheFolder, installPython } from './stack/install.ts';

const run = promisify(execFile);
/** A role is named as a dependency where a reference says so already: CDK writes it so that its policies exist first. */
const IGNORED = 'W3005';

let folder: string;
let cfnLint: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cfn-lint-'));
  cfnLint = join(await installPython(cacheFolder(), 'cfn-lint', ['cfn-lint==1.58.0']), 'bin', 'cfn-lint');
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const synthesized = new Map<string, Promise<string[]>>();

/** The templates of this config, in a folder of their own; one config is synthesized once. */
async function templatesOf(config: object): Promise<string[]> {
  const key = JSON.stringify(config);
  const known = synthesized.get(key) ?? synth(`config-${synthesized.size}`, config);
  synthesized.set(key, known);
  return await known;
}

async function synth(name: string, config: object): Promise<string[]> {
  const file = join(folder, `${name}.json`);
  const out = join(folder, name);
  await writeFile(file, JSON.stringify(config));
  await run('npx', ['--no-install', 'cdk', 'synth', '--quiet', '--output', out], {
    cwd: ROOT,
    env: { ...process.env, LEDGER_CONFIG: file },
  });
  return ['Data', 'Pipeline', 'Report'].map((stack) => join(out, `${stack}.template.json`));
}

/** Findings; cfn-lint ends with an error code where it has some. */
async function findings(templates: readonly string[]): Promise<string> {
  const words = ['--format', 'parseable', '--ignore-checks', IGNORED, '--template', ...templates];
  return await run(cfnLint, words).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string; message: string }) => error.stdout ?? error.message,
  );
}

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0a0a0a0a-1111-2222-3333-444444444444';

test.each([
  ['the defaults', {}],
  [
    'everything that can be set',
    {
      aws: {
        name: 'llm-spend',
        account: '111122223333',
        region: 'eu-central-1',
        stage: 'trial',
        tags: { owner: 'finance' },
        removal: 'destroy',
        kms_key_arn: KEY,
        inbox: { bucket: 'company-logs', prefix: 'AWSLogs/' },
        alarms: { email: 'finance@example.com' },
        log_days: 365,
      },
    },
  ],
])('%s: nothing to complain about', async (_name, config) => {
  expect(await findings(await templatesOf(config))).toBe('');
});

test('cfn-lint is awake: a wrong value is found', async () => {
  const [, pipeline = ''] = await templatesOf({});
  const broken = join(folder, 'broken.template.json');
  const text = await readFile(pipeline, 'utf8');
  expect(text).toContain('"nodejs24.x"');
  await writeFile(broken, text.replaceAll('"nodejs24.x"', '"nodejs99.x"'));
  expect(await findings([broken])).toContain('nodejs99.x');
});
