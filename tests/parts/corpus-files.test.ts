/** Five thousand real files of npm and Python packages, read as a corpus: each is accounted for, memory stays flat, a killed run goes on. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, globSync, readFileSync } from 'node:fs';
import { cp, link, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDocumentProcesses } from '../../lib/adapters/local/document-processes.ts';
import type { DocumentResult } from '../../lib/documents/document.ts';

const exec = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Packages with pages, PDFs, source code of several languages, pictures. */
const NPM_PACKAGES = ['npm@10.9.2', 'dojo@1.17.3', 'pdf-parse@1.1.1'];
const WHEEL = 'docutils==0.21.2';
const FILES = 5000;

let place: string;
let corpus: string;
let files: string[];

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'corpus-'));
  corpus = join(place, 'corpus');
  await mkdir(corpus);
  for (const name of NPM_PACKAGES) {
    const { stdout } = await exec('npm', ['pack', '--silent', name], { cwd: place });
    const target = join(corpus, name);
    await mkdir(target);
    await exec('tar', ['xzf', join(place, stdout.trim()), '-C', target]);
  }
  await exec('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '-d', corpus, WHEEL]);
  await cp(join(ROOT, 'tests/fixtures/documents'), join(corpus, 'documents'), { recursive: true });
  await cp(join(ROOT, 'node_modules/mammoth/test/test-data'), join(corpus, 'word'), { recursive: true });
  await fillUp();
  files = await listed();
});

afterAll(async () => {
  await rm(place, { recursive: true, force: true });
});

/** Adds files of the installed packages, evenly over all, until there are enough. */
async function fillUp(): Promise<void> {
  const missing = FILES - (await listed()).length;
  const all = globSync('node_modules/**/*.{md,txt,html,ts,mts,js,mjs,cjs,json,css,c,h,py,yml,map,node,wasm}', {
    cwd: ROOT,
  }).toSorted();
  for (let i = 0; i < missing; i++) {
    const path = all[Math.floor((i * all.length) / missing)] ?? '';
    await mkdir(dirname(join(corpus, path)), { recursive: true });
    await link(join(ROOT, path), join(corpus, path)).catch(() => cp(join(ROOT, path), join(corpus, path)));
  }
}

async function listed(): Promise<string[]> {
  const entries = await readdir(corpus, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(corpus.length + 1))
    .toSorted();
}

/** Memory of the processes that this one started, in MB. */
function childMegabytes(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const sizes = children.map((pid) => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0');
  return sizes.reduce((sum, kilobytes) => sum + Number(kilobytes) / 1024, 0);
}

async function resultsIn(folder: string): Promise<Map<string, DocumentResult[]>> {
  const found = new Map<string, DocumentResult[]>();
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.json')) continue;
    const kept = JSON.parse(await readFile(join(folder, name), 'utf8')) as { path: string; found: DocumentResult[] };
    found.set(kept.path, kept.found);
  }
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

describe('a corpus of real files', () => {
  const first = new Map<string, DocumentResult[]>();
  const second = new Map<string, DocumentResult[]>();

  test('accounts for each of 5,000 files, twice the same, in flat memory', async () => {
    expect(files.length).toBeGreaterThanOrEqual(FILES);
    const reader = createDocumentProcesses({ processes: 2 });
    const megabytes: number[] = [];
    for (let round = 0; round < 2; round++) {
      const left = files[Symbol.iterator]();
      const readOn = async (): Promise<void> => {
        for (const path of left) {
          const file = join(corpus, path);
          const found: DocumentResult[] = [];
          const object = { path, bytes: (await stat(file)).size, open: async () => createReadStream(file) };
          for await (const result of reader.read(object)) found.push(result);
          (round === 0 ? first : second).set(path, found);
        }
      };
      await Promise.all([readOn(), readOn()]);
      megabytes.push(childMegabytes());
    }
    await reader.close();
    for (const path of files) expect(second.get(path)).toEqual(first.get(path));
    const [before = 0, after = 0] = megabytes;
    expect(after).toBeLessThan(before * 1.3);
    expect(after).toBeLessThan(1000);
    for (const path of files) {
      const found = first.get(path) ?? [];
      expect(found.length).toBeGreaterThan(0);
      for (const { document, status, reason } of found) {
        expect(document === path || document.startsWith(`${path}/`)).toBe(true);
        expect(reason === null).toBe(status === 'counted');
      }
    }
    const all = [...first.values()].flat();
    expect(new Set(all.map(({ document }) => document)).size).toBe(all.length);
    // one file in fifteen is a table of characters, a picture or a program
    expect(all.filter(({ status }) => status === 'counted').length).toBeGreaterThan(all.length * 0.85);
    const reasons = all.flatMap(({ status, reason }) => (status === 'rejected' ? [reason ?? ''] : []));
    const broken = reasons.filter((reason) => !/^not a document of text|^is of a type that is not read/.test(reason));
    expect(broken.toSorted()).toEqual([
      'cannot be read as application/pdf: it is broken, or not what it seems',
      expect.stringMatching(/^has no text in 3 pages/),
      expect.stringMatching(/^has none of the columns text, /),
      'is encrypted with a password',
    ]);
  });

  test('plain text counts as many bytes as there are', async () => {
    for (const path of files.filter((path) => /\.(md|ts|js|css)$/.test(path)).slice(0, 500)) {
      const [result] = first.get(path) ?? [];
      expect(result?.bytes).toBe((await stat(join(corpus, path))).size);
    }
  });

  test('a text of 200 MB is read in the memory of a small one', async () => {
    const reader = createDocumentProcesses({ processes: 1 });
    const piece = Buffer.from(
      readFileSync(join(ROOT, 'docs/simulation.md'), 'utf8')
        .repeat(5)
        .slice(0, 1 << 18),
    );
    let peak = 0;
    const open = async (): Promise<AsyncIterable<Uint8Array>> =>
      (async function* () {
        for (let i = 0; i < 800; i++) {
          yield piece;
          if (i % 50 === 49) peak = Math.max(peak, childMegabytes());
        }
      })();
    const found: DocumentResult[] = [];
    for await (const result of reader.read({ path: 'a.txt', bytes: 800 * piece.length, open })) found.push(result);
    await reader.close();
    expect(found).toMatchObject([{ status: 'counted', bytes: 800 * piece.length }]);
    expect(peak).toBeGreaterThan(50);
    expect(peak).toBeLessThan(350);
  });

  test('a run that was killed goes on to the same results', async () => {
    const results = join(place, 'results');
    await mkdir(results);
    const words = [join(ROOT, 'tests/parts/corpus-run.ts'), corpus, results];
    const killed = spawn(process.execPath, words, { stdio: 'ignore' });
    while ((await readdir(results)).length < FILES / 5) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(killed.exitCode).toBeNull();
    }
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect((await resultsIn(results)).size).toBeLessThan(FILES);
    await exec(process.execPath, words);
    expect(await resultsIn(results)).toEqual(new Map(files.map((path) => [path, first.get(path) ?? []])));
  });
});
