/** The packed tarball, installed in an empty project as a user would: the demo runs, its report is there, its own lines work as printed. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printedCommands, shellWords } from '../cli/printed-commands.ts';

const exec = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let place: string;
let project: string;
let demoOutput: string;
let packedFiles: string[];

/** The search path without the checkout's own programs: a user has only what is installed on the machine. */
const userPath = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((folder) => !folder.startsWith(ROOT))
  .join(delimiter);

/** A program in the project, without the npm settings that the test's own `npm run` left in the environment. */
async function inProject(program: string, ...words: string[]): Promise<string> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const { stdout } = await exec(program, words, {
    cwd: project,
    env: { ...env, PATH: userPath, INFERENCE_LEDGER_HASH_KEY: 'cd'.repeat(32), NO_COLOR: '1' },
    maxBuffer: 1 << 26,
  });
  return stdout;
}

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'ledger-package-'));
  project = await mkdtemp(join(tmpdir(), 'ledger-user-'));
  await exec('npm', ['pack', '--pack-destination', place], { cwd: ROOT, maxBuffer: 1 << 26 });
  const [tarball, ...others] = (await readdir(place)).filter((name) => name.endsWith('.tgz'));
  if (tarball === undefined || others.length > 0) throw new Error('npm pack did not make exactly one tarball');
  const list = await exec('tar', ['-tzf', join(place, tarball)]);
  packedFiles = list.stdout.trim().split('\n');
  await writeFile(join(project, 'package.json'), '{"name":"user-project","private":true}');
  await inProject('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', join(place, tarball));
  demoOutput = await inProject('npx', '--no-install', 'inference-ledger', 'demo');
});

afterAll(async () => {
  for (const folder of [place, project]) if (folder) await rm(folder, { recursive: true, force: true });
});

describe('the package', () => {
  test('ships built code and documents only', () => {
    const beside = packedFiles.filter((name) =>
      /^package\/(?:tests|bench|scripts|lib|ledger-demo|node_modules)\//.test(name),
    );
    expect(beside).toEqual([]);
    expect(packedFiles.filter((name) => name.endsWith('.ts'))).toEqual([]);
    for (const name of ['bin/launch.mjs', 'dist/bin/inference-ledger.js', 'LICENSE', 'CHANGELOG.md', 'docs/sources.md'])
      expect(packedFiles).toContain(`package/${name}`);
  });

  test('carries every SQL file and every price list that the checkout reads', async () => {
    for (const folder of [
      'lib/seal/sql',
      'lib/estimate/queries',
      'lib/report/fonts',
      'lib/report/queries',
      'lib/report/views',
      'lib/simulate/queries',
      'lib/watch/queries',
      'lib/price/book',
      'lib/price/limits',
    ]) {
      const data = (await readdir(join(ROOT, folder))).filter((name) => !name.endsWith('.ts'));
      expect(data.length).toBeGreaterThan(0);
      for (const name of data) expect(packedFiles).toContain(`package/dist/${folder}/${name}`);
    }
  });

  test('the demo prints spend by team and by model', () => {
    for (const name of ['TEAM', 'MODEL', 'unallocated']) expect(demoOutput.toUpperCase()).toContain(name.toUpperCase());
    expect(demoOutput).toMatch(/\d\.\d\d/);
  });

  test('the demo leaves a page where it says', async () => {
    const path = /^wrote\s+(.+report\.html)$/m.exec(demoOutput)?.[1];
    expect(path).toBeDefined();
    const page = await readFile(join(project, path ?? ''), 'utf8');
    expect(page.startsWith('<!doctype html>')).toBe(true);
    expect((await stat(join(project, path ?? ''))).size).toBeGreaterThan(10_000);
  });

  test('the lines it offers to try work as printed', async () => {
    const lines = printedCommands(demoOutput);
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const [program = '', ...words] = shellWords(line);
      const answer = await inProject(program, ...words);
      expect([line, answer.trim().split('\n').length > 2]).toEqual([line, true]);
    }
  });

  test('a query gives the same total as the days', async () => {
    const sql = 'select (select sum(cost) from usage) as calls, (select sum(cost) from spend_daily) as days';
    const text = await inProject(
      'npx',
      '--no-install',
      'inference-ledger',
      'query',
      '--lake',
      'ledger-demo/lake',
      sql,
      '--format',
      'json',
    );
    const [row] = JSON.parse(text) as { calls: string; days: string }[];
    expect(row?.calls).toMatch(/^\d+\.\d+$/);
    expect(row?.calls).toBe(row?.days);
  });
});
