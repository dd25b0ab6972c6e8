/**
 * Texts that make tokenizers slow, against prose of the same size in the same run: CPU time for 1 MB over that for 0.5 MB (2 where time is linear), and over
 * that of prose. Sizes are UTF-8 bytes; medians of rounds, texts in turn.
 *
 *   node bench/count-hard-texts.ts [--rounds 5]
 */
import { parseArgs } from 'node:util';
import { vocabularyBytes } from '../lib/adapters/local/vocabulary-files.ts';
import { createTokenCounter } from '../lib/count/token-counter.ts';
import { readVocabulary } from '../lib/count/vocabulary.ts';
import { longParts } from '../tests/fixtures/hard-texts.ts';
import { documentsOf } from './token-corpora.ts';

const BYTES = 1_000_000;
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);

const texts = { prose: documentsOf('prose').join(''), ...longParts(BYTES) };
const ofSize = (text: string, bytes: number): string => Buffer.from(text).subarray(0, bytes).toString('utf8');
const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;

for (const encoding of ['o200k_base', 'cl100k_base'] as const) {
  const { count } = createTokenCounter(encoding, readVocabulary(vocabularyBytes(encoding)));
  const rows = Object.entries(texts).map(([name, text]) => ({
    name,
    halves: [ofSize(text, BYTES / 2), ofSize(text, BYTES)].map((own) => ({ text: own, cpuMs: [] as number[] })),
  }));
  for (let round = 0; round <= rounds; round++)
    for (const { halves } of rows)
      for (const { text, cpuMs } of halves) {
        const start = process.cpuUsage();
        count(text);
        const { user, system } = process.cpuUsage(start);
        // the first round is for the compiler
        if (round > 0) cpuMs.push((user + system) / 1000);
      }
  const prose = median(rows[0]?.halves[1]?.cpuMs ?? []);
  for (const { name, halves } of rows) {
    const [half, whole] = halves.map(({ cpuMs }) => median(cpuMs)) as [number, number];
    console.log(
      `${encoding} ${name.padEnd(20)} ${whole.toFixed(0).padStart(5)} ms a MB · twice the size ${(whole / half).toFixed(2)} x · ${(whole / prose).toFixed(2)} x prose`,
    );
  }
}
