/**
 * The functions at their limits, as they are bundled, in a real Node process with 1,769 MB on one core: a large object, many small ones, and that the
 * limits of this measurement do stop what passes them. The numbers of docs/costs.md come from the same code with a million records and 20,000
 * objects (bench/lambda-limits.ts, bench/lambda-requests.ts).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { synthesizeFunctions } from '../../bench/lambda-bundles.ts';
import type { SynthesizedFunction } from '../../bench/lambda-bundles.ts';
import { expectedSums, landLarge, landMany } from '../../bench/lambda-limits.ts';
import { openLambdaPlace } from '../../bench/lambda-place.ts';
import { startLambda } from '../../bench/lambda-process.ts';
import { countRequests } from '../../bench/request-counter.ts';
import { stackClients } from './stack/clients.ts';
import type { Endpoints } from './stack/servers.ts';

let out: string;
let ingest: SynthesizedFunction;
let endpoints: Endpoints;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'limits-'));
  ({ endpoints } = await stackClients());
  const found = (await synthesizeFunctions(out)).get('Ingest');
  if (found === undefined) throw new Error('the template has no ingest function');
  ingest = found;
});
afterAll(async () => {
  if (out !== undefined) await rm(out, { recursive: true, force: true });
});

describe('the ingest function', () => {
  test('is measured with the memory it is deployed with', () => {
    expect([ingest.memoryMb, ingest.timeoutSeconds]).toEqual([1769, 300]);
  });

  test('lands an object of 200,000 records within memory and time, row by row and token by token', async () => {
    const place = await openLambdaPlace(endpoints);
    const { truth, ...measured } = await landLarge(place, ingest, { records: 200_000, seed: 7, bodyChars: 0 });
    expect(truth.total.calls + truth.bad_lines).toBe(200_000);
    expect(truth.bad_lines).toBeGreaterThan(0);
    expect(measured.sums).toEqual(expectedSums(truth));
    expect(measured.peakMb).toBeGreaterThan(100);
    expect(measured.peakMb).toBeLessThan(ingest.memoryMb);
    expect(measured.calls).toHaveLength(1);
  });

  test('lands 2,000 objects of one day in four batches as four files, with three requests for each', async () => {
    const counter = await countRequests(endpoints.s3);
    try {
      const place = await openLambdaPlace(endpoints, { s3: counter.url });
      const measured = await landMany(place, ingest, { objects: 2000, batch: 500 });
      expect(measured.files).toBe(4);
      expect(measured.sums).toMatchObject({ rows: 2000, rejects: 0, input_tokens: measured.inputTokens });
      expect(measured.peakMb).toBeLessThan(ingest.memoryMb);
      // for each batch: the config is read, a landing file and the commit are written
      const requests = { HEAD: 2000, LIST: 2000, GET: 2000 + 4, PUT: 2 * 4 };
      expect(counter.take()).toEqual(requests);
    } finally {
      await counter.stop();
    }
  });
});

describe('the limits of the measurement', () => {
  const started = async (name: string, body: string): Promise<ReturnType<typeof startLambda>> => {
    const path = join(out, `${name}.mjs`);
    await writeFile(path, `export async function handler() {\n${body}\n}\n`);
    return await startLambda(path, {}, { memoryMb: 1769, timeoutSeconds: 20 });
  };

  test.each([
    [
      'bytes outside the heap',
      'const all = []; for (let i = 0; i < 40; i++) all.push(Buffer.alloc(50 << 20, 1)); return all.length;',
    ],
    ['objects', 'const all = []; for (let i = 0; i < 6e7; i++) all.push({ i, next: { i } }); return all.length;'],
  ])('stop what needs more than the memory: %s', async (name, body) => {
    const lambda = await started(name.replaceAll(' ', '-'), body);
    await expect(lambda.call({})).rejects.toThrow(/ended|allocat/);
    await lambda.stop();
  });

  test('let live what needs less, and tell its peak', async () => {
    const lambda = await started('less', 'return Buffer.alloc(600 << 20, 1).length;');
    const { result, peakKib } = await lambda.call({});
    expect(result).toBe(600 << 20);
    expect(peakKib).toBeGreaterThan(600 << 10);
    await lambda.stop();
  });

  test('stop what takes too long', async () => {
    const path = join(out, 'late.mjs');
    await writeFile(path, 'export async function handler() { for (;;); }');
    const lambda = await startLambda(path, {}, { memoryMb: 1769, timeoutSeconds: 1 });
    await expect(lambda.call({})).rejects.toThrow('it took more than 1 s');
  });
});
