/**
 * The bundled ingest function at the limits that docs/costs.md tells of: one object of many records, and many objects of one record, under 1,769 MB
 * on one core, against the S3 server that checks signatures. What landed is compared with what was generated; a difference is an error.
 *
 *   node tests/parts/keep-stack.ts STACK.json        in another terminal
 *   node bench/lambda-limits.ts STACK.json [--records 1000000] [--objects 20000] [--body 0] [--seed 1]
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { readCommits } from '../lib/commit.ts';
import { TOKEN_METERS } from '../lib/generate/truth.ts';
import type { GenerationTruth } from '../lib/generate/truth.ts';
import type { ObjectStore } from '../lib/ports.ts';
import { synthesizeFunctions } from './lambda-bundles.ts';
import type { SynthesizedFunction } from './lambda-bundles.ts';
import { openLambdaPlace } from './lambda-place.ts';
import type { LambdaPlace, PlaceEndpoints } from './lambda-place.ts';
import { startLambda } from './lambda-process.ts';
import { makeInput } from './make-input.ts';

/** What a measurement says. */
export interface Measured {
  /** of each call, in order */
  readonly calls: readonly { readonly wallMs: number; readonly cpuMs: number }[];
  readonly loadCpuMs: number;
  readonly peakMb: number;
  /** landing files that hold usage */
  readonly files: number;
  readonly sums: LandedSums;
}

/** Rows that landed and their meters, named as in the table `usage`. */
export type LandedSums = Readonly<Record<'rows' | 'rejects' | (typeof METERS)[number], number>>;

const METERS = [...TOKEN_METERS, 'web_searches'] as const;

/** Lands one gzip object of so many records in one call. */
export async function landLarge(
  place: LambdaPlace,
  ingest: SynthesizedFunction,
  input: { records: number; seed: number; bodyChars: number },
): Promise<Measured & { readonly truth: GenerationTruth; readonly objectBytes: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'lambda-input-'));
  try {
    const path = join(folder, 'input.jsonl.gz');
    const { records: calls, seed, bodyChars } = input;
    const truth = await makeInput(path, { calls, seed, bodyChars, badShare: 0.0005 });
    const bytes = await readFile(path);
    const key = 'gateway/usage.jsonl.gz';
    await place.inbox.put(key, bytes);
    return { ...(await landed(place, ingest, [[key]])), truth, objectBytes: bytes.length };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const PUTS_AT_ONCE = 32;
/** Tokens of the n-th of the small objects, so that a sum tells whether each was counted once. */
const tokensOf = (n: number): number => 1000 + n;

/** Lands so many objects of one call each, all of one day, in batches as Lambda hands them over. */
export async function landMany(
  place: LambdaPlace,
  ingest: SynthesizedFunction,
  { objects, batch, day = '2026-11-01' }: { objects: number; batch: number; day?: string },
): Promise<Measured & { readonly inputTokens: number }> {
  const keys = Array.from({ length: objects }, (_, n) => `litellm/${day}/${String(n).padStart(7, '0')}.json`);
  for (let at = 0; at < objects; at += PUTS_AT_ONCE)
    await Promise.all(
      keys.slice(at, at + PUTS_AT_ONCE).map(async (key, i) => await place.inbox.put(key, oneCall(day, at + i))),
    );
  const batches = Array.from({ length: Math.ceil(objects / batch) }, (_, i) => keys.slice(i * batch, (i + 1) * batch));
  const inputTokens = keys.reduce((sum, _key, n) => sum + tokensOf(n), 0);
  return { ...(await landed(place, ingest, batches)), inputTokens };
}

/** One call as LiteLLM's S3 logger writes it: an object of its own. */
function oneCall(day: string, n: number): Uint8Array {
  const started = Date.parse(`${day}T00:00:00Z`) + n * 4000;
  const call = {
    id: `chatcmpl-${day}-${n}`,
    call_type: 'acompletion',
    status: 'success',
    startTime: started / 1000,
    endTime: (started + 900) / 1000,
    model: 'gpt-4o-mini',
    custom_llm_provider: 'openai',
    total_tokens: tokensOf(n) + 10,
    prompt_tokens: tokensOf(n),
    completion_tokens: 10,
    response_cost: 0.0001,
    request_tags: [],
    metadata: { user_api_key_team_alias: 'search', usage_object: null },
    hidden_params: { model_id: 'mini-1', api_base: 'https://api.openai.com' },
    model_map_information: { model_map_key: 'gpt-4o-mini', model_map_value: null },
    response: { id: `chatcmpl-${day}-${n}`, object: 'chat.completion', model: 'gpt-4o-mini-2024-07-18' },
  };
  return new TextEncoder().encode(JSON.stringify(call));
}

async function landed(
  place: LambdaPlace,
  ingest: SynthesizedFunction,
  batches: readonly (readonly string[])[],
): Promise<Measured> {
  const lambda = await startLambda(ingest.bundle, { ...ingest.variables, ...place.environment }, ingest);
  try {
    const calls = [];
    let peakKib = 0;
    for (const keys of batches) {
      const done = await lambda.call(place.eventOf(keys));
      const { batchItemFailures: failed } = done.result as { batchItemFailures: unknown[] };
      if (failed.length > 0) throw new Error(`${failed.length} of ${keys.length} objects were not landed`);
      calls.push({ wallMs: done.wallMs, cpuMs: done.cpuMs });
      ({ peakKib } = done);
    }
    const { files, sums } = await landedSums(place.lake);
    return { calls, loadCpuMs: lambda.loaded.cpuMs, peakMb: Math.ceil(peakKib / 1024), files, sums };
  } finally {
    await lambda.stop();
  }
}

/** Sums over the files that commits name, by another reader of Parquet than the product's. */
async function landedSums(lake: ObjectStore): Promise<{ files: number; sums: LandedSums }> {
  const all = (await readCommits(lake)).flatMap((batch) => batch.files);
  const usage = all.filter((file) => file.kind === 'calls');
  const rejects = all.filter((file) => file.kind === 'rejects').reduce((sum, file) => sum + file.rows, 0);
  const folder = await mkdtemp(join(tmpdir(), 'lambda-landed-'));
  try {
    for (const [n, { key }] of usage.entries())
      await writeFile(join(folder, `${n}.parquet`), (await lake.read(key)) ?? new Uint8Array());
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const columns = METERS.map((meter) => `coalesce(sum(${meter}), 0)::double as ${meter}`).join(', ');
    const reader = await connection.runAndReadAll(
      `select count(*)::double as rows, ${columns} from read_parquet('${folder}/*.parquet')`,
    );
    connection.closeSync();
    return { files: usage.length, sums: { ...(reader.getRowObjectsJS()[0] as Omit<LandedSums, 'rejects'>), rejects } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What must have landed of the large object. */
export function expectedSums({ total, bad_lines: rejects }: GenerationTruth): LandedSums {
  const meters = Object.fromEntries(METERS.map((meter) => [meter, total[meter]])) as Record<
    (typeof METERS)[number],
    number
  >;
  return { rows: total.calls, rejects, ...meters };
}

function printed(name: string, measured: Measured, units: number): void {
  const wall = measured.calls.reduce((sum, call) => sum + call.wallMs, 0) / 1000;
  const cpu = measured.calls.reduce((sum, call) => sum + call.cpuMs, 0) / 1000;
  const each = `${((1000 * cpu) / units).toFixed(3)} ms CPU and ${((1000 * wall) / units).toFixed(3)} ms wall each`;
  const load = `loading ${(measured.loadCpuMs / 1000).toFixed(2)} s`;
  process.stdout.write(
    `${name}: ${measured.calls.length} calls, CPU ${cpu.toFixed(1)} s (${load}), wall ${wall.toFixed(1)} s, ${each}, peak ${measured.peakMb} MB, ${measured.files} files\n`,
  );
}

async function main(
  stackFile: string,
  out: string,
  options: Readonly<Record<'records' | 'objects' | 'body' | 'seed', string>>,
): Promise<void> {
  const endpoints = JSON.parse(await readFile(stackFile, 'utf8')) as PlaceEndpoints;
  const ingest = (await synthesizeFunctions(out)).get('Ingest');
  if (ingest === undefined) throw new Error('the template has no ingest function');
  const [records, objects] = [Number(options.records), Number(options.objects)];
  if (records > 0) {
    const input = { records, seed: Number(options.seed), bodyChars: Number(options.body) };
    const { truth, objectBytes, ...measured } = await landLarge(await openLambdaPlace(endpoints), ingest, input);
    printed(`one object of ${records} records, ${(objectBytes / 1e6).toFixed(1)} MB`, measured, records);
    const [found, expected] = [JSON.stringify(sorted(measured.sums)), JSON.stringify(sorted(expectedSums(truth)))];
    if (found !== expected) throw new Error(`landed ${found}, the truth is ${expected}`);
  }
  if (objects > 0) {
    const measured = await landMany(await openLambdaPlace(endpoints), ingest, { objects, batch: 500 });
    printed(`${objects} objects of one record`, measured, objects);
    const { rows, input_tokens: tokens } = measured.sums;
    if (rows !== objects || tokens !== measured.inputTokens) throw new Error(`landed ${rows} rows, ${tokens} tokens`);
  }
}

const sorted = (sums: LandedSums): [string, number][] => Object.entries(sums).toSorted(([a], [b]) => (a < b ? -1 : 1));

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      records: { type: 'string', default: '1000000' },
      objects: { type: 'string', default: '20000' },
      body: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [stackFile] = positionals;
  if (stackFile === undefined) throw new Error('usage: lambda-limits.ts STACK.json');
  const out = await mkdtemp(join(tmpdir(), 'lambda-bundles-'));
  try {
    await main(stackFile, out, values);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
