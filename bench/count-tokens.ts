/**
 * How fast tokens are counted, side by side with gpt-tokenizer, npm tiktoken (WASM) and ai-tokenizer: bytes for each second of CPU on fresh text (no
 * document twice) after half of the corpus as warm-up, each engine and corpus in a process of its own, in rounds, and the memory that
 * stays after the engine is ready. Then two threads against one. Counts of all engines must agree.
 *
 *   node bench/count-tokens.ts [--rounds 3] [--encoding o200k_base]
 */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { vocabularyBytes } from '../lib/adapters/local/vocabulary-files.ts';
import type { Encoding } from '../lib/count/split-scanner.ts';
import { createTokenCounter } from '../lib/count/token-counter.ts';
import { readVocabulary } from '../lib/count/vocabulary.ts';
import { CORPORA, documentsOf } from './token-corpora.ts';
import type { Corpus } from './token-corpora.ts';

const ENGINES = ['own', 'gpt-tokenizer', 'tiktoken', 'ai-tokenizer'] as const;
type Engine = (typeof ENGINES)[number];
const FILE = fileURLToPath(import.meta.url);
const require = createRequire(import.meta.url);

/** A counter of whole texts, special tokens as plain text. */
const LOADERS: Readonly<Record<Engine, (encoding: Encoding) => (text: string) => number>> = {
  own: (encoding) => createTokenCounter(encoding, readVocabulary(vocabularyBytes(encoding))).count,
  'gpt-tokenizer': (encoding) => {
    const { countTokens } = require(`gpt-tokenizer/encoding/${encoding}`) as {
      readonly countTokens: (text: string, options: { disallowedSpecial: Set<string> }) => number;
    };
    return (text) => countTokens(text, { disallowedSpecial: new Set() });
  },
  tiktoken: (encoding) => {
    const { Tiktoken } = require('tiktoken/lite') as {
      Tiktoken: new (...parts: unknown[]) => { encode_ordinary(text: string): Uint32Array };
    };
    const { bpe_ranks, special_tokens, pat_str } = require(`tiktoken/encoders/${encoding}.json`) as Record<
      string,
      unknown
    >;
    const tokenizer = new Tiktoken(bpe_ranks, special_tokens, pat_str);
    return (text) => tokenizer.encode_ordinary(text).length;
  },
  'ai-tokenizer': (encoding) => {
    const { Tokenizer } = require('ai-tokenizer') as {
      Tokenizer: new (encoding: unknown) => { count(text: string): number };
    };
    const tokenizer = new Tokenizer(require(`ai-tokenizer/encoding/${encoding}`));
    return (text) => tokenizer.count(text);
  },
};

interface Run {
  readonly mbPerCpuS: number;
  readonly tokens: number;
  readonly readyMb: number;
}

function runOnce(engine: Engine, corpus: Corpus, encoding: Encoding): Run {
  const documents = documentsOf(corpus);
  const before = process.memoryUsage.rss();
  const count = LOADERS[engine](encoding);
  count('ready');
  const readyMb = (process.memoryUsage.rss() - before) / 1e6;
  const warm = documents.splice(0, documents.length >> 1);
  for (const text of warm) count(text);
  const start = process.cpuUsage();
  let tokens = 0;
  for (const text of documents) tokens += count(text);
  const { user, system } = process.cpuUsage(start);
  const bytes = documents.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return { mbPerCpuS: bytes / (user + system), tokens, readyMb };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

/** Places in what all threads share: threads that are ready, and 1 when they may begin. */
const [READY, GO] = [0, 1] as const;

async function inThreads(threads: number, encoding: Encoding): Promise<number> {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const ended = Array.from({ length: threads }, async (_, at) => {
    const worker = new Worker(FILE, { workerData: { encoding, at, threads, shared } });
    await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
  });
  while (Atomics.load(shared, READY) < threads) await new Promise((resolve) => setTimeout(resolve, 5));
  const start = performance.now();
  Atomics.store(shared, GO, 1);
  Atomics.notify(shared, GO);
  await Promise.all(ended);
  return (performance.now() - start) / 1000;
}

interface Share {
  readonly encoding: Encoding;
  readonly at: number;
  readonly threads: number;
  readonly shared: Int32Array;
}

/** A thread counts its part of the code corpus, forty times. */
function work({ encoding, at, threads, shared }: Share): void {
  const count = LOADERS.own(encoding);
  const documents = documentsOf('code').filter((_, index) => index % threads === at);
  for (const text of documents) count(text);
  Atomics.add(shared, READY, 1);
  Atomics.wait(shared, GO, 0);
  for (let round = 0; round < 40; round++) for (const text of documents) count(text);
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    encoding: { type: 'string', default: 'o200k_base' },
    engine: { type: 'string' },
    corpus: { type: 'string' },
  },
});
const encoding = values.encoding as Encoding;

if (!isMainThread) work(workerData as Share);
else if (values.engine !== undefined)
  console.log(JSON.stringify(runOnce(values.engine as Engine, values.corpus as Corpus, encoding)));
else {
  console.log(`Node ${process.version}, ${encoding}, ${values.rounds} rounds; MB for each CPU second, medians`);
  const memory = new Map<Engine, number[]>();
  for (const corpus of CORPORA) {
    const runs = new Map<Engine, Run[]>(ENGINES.map((engine) => [engine, []]));
    for (let round = 0; round < Number(values.rounds); round++)
      for (const engine of ENGINES) {
        const words = [FILE, '--engine', engine, '--corpus', corpus, '--encoding', encoding];
        runs.get(engine)?.push(JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as Run);
      }
    const speed = (engine: Engine): number => median((runs.get(engine) ?? []).map(({ mbPerCpuS }) => mbPerCpuS));
    const tokens = new Set([...runs.values()].flat().map((run) => run.tokens));
    for (const [engine, own] of runs)
      memory.set(engine, [...(memory.get(engine) ?? []), ...own.map(({ readyMb }) => readyMb)]);
    const best = Math.max(...ENGINES.slice(1).map(speed));
    console.log(
      `${corpus.padEnd(14)} ${ENGINES.map((engine) => `${engine} ${speed(engine).toFixed(1)}`).join(' · ')} · ${(speed('own') / best).toFixed(2)} x the best other` +
        (tokens.size === 1 ? '' : ` · counts differ: ${[...tokens].join(', ')}`),
    );
  }
  console.log(`ready, MB: ${[...memory].map(([engine, own]) => `${engine} ${median(own).toFixed(0)}`).join(' · ')}`);
  const one: number[] = [];
  const two: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    one.push(await inThreads(1, encoding));
    two.push(await inThreads(2, encoding));
  }
  console.log(`two threads: ${(median(one) / median(two)).toFixed(2)} x one`);
}
