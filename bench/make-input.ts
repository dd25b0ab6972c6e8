/**
 * Writes the benchmark's input: N calls in four shapes, mixed line by line, 0.05 % of the lines broken, as one gzip file, and the exact
 * truth beside it.
 *
 *   node bench/make-input.ts N SEED OUT.jsonl.gz [--body CHARS] [--bad SHARE]        truth: OUT.jsonl.gz.truth.json
 */
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import type { LineFormat } from '../lib/generate/line-formats.ts';
import { createTruth } from '../lib/generate/truth.ts';
import type { GenerationTruth } from '../lib/generate/truth.ts';
import { generateMixed } from '../lib/generate/usage-log.ts';

const SHAPES: readonly LineFormat[] = ['litellm.spendlog', 'openai.chat', 'anthropic.message', 'bedrock.invocation'];
const CHUNK_CHARS = 1 << 18;

export interface InputOptions {
  readonly calls: number;
  readonly seed: number;
  readonly bodyChars: number;
  readonly badShare: number;
}

/** Writes the input as one gzip file and returns its truth. */
export async function makeInput(path: string, options: InputOptions): Promise<GenerationTruth> {
  const truth = createTruth(options.seed);
  function* chunks(): Generator<string> {
    let buffer: string[] = [];
    let chars = 0;
    for (const line of generateMixed({ ...options, formats: SHAPES })) {
      truth.add(line);
      buffer.push(line.line, '\n');
      chars += line.line.length;
      if (chars < CHUNK_CHARS) continue;
      yield buffer.join('');
      buffer = [];
      chars = 0;
    }
    yield buffer.join('');
  }
  truth.object();
  await pipeline(Readable.from(chunks()), createGzip(), createWriteStream(path));
  return truth.result();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { body: { type: 'string', default: '0' }, bad: { type: 'string', default: '0.0005' } },
  });
  const [calls, seed, path] = positionals;
  if (calls === undefined || seed === undefined || path === undefined)
    throw new Error('usage: make-input.ts N SEED OUT.jsonl.gz');
  const options = {
    calls: Number(calls),
    seed: Number(seed),
    bodyChars: Number(values.body),
    badShare: Number(values.bad),
  };
  const truth = await makeInput(path, options);
  await writeFile(`${path}.truth.json`, `${JSON.stringify(truth, null, 1)}\n`);
  process.stdout.write(`${JSON.stringify(truth.total)}\n`);
}
