/**
 * The requests that docs/costs.md counts: what the bundled ingest function asks of S3 for objects of one call, and what a round of the bundled seal
 * function asks of S3, Glue and Athena with nothing new and with a day to seal.
 *
 *   node bench/lambda-requests.ts STACK.json [--objects 500] [--batches 1]
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { synthesizeFunctions } from './lambda-bundles.ts';
import { landMany } from './lambda-limits.ts';
import { openLambdaPlace } from './lambda-place.ts';
import type { PlaceEndpoints } from './lambda-place.ts';
import { startLambda } from './lambda-process.ts';
import { countRequests } from './request-counter.ts';

/** Days in a row, so that the last one has days beside it, as today has. */
const DAYS = ['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04'];

async function main(
  stackFile: string,
  { objects, batches }: { objects: number; batches: number },
  out: string,
): Promise<void> {
  const endpoints = JSON.parse(await readFile(stackFile, 'utf8')) as PlaceEndpoints;
  const functions = await synthesizeFunctions(out);
  const [ingest, seal] = [functions.get('Ingest'), functions.get('Seal')];
  if (ingest === undefined || seal === undefined) throw new Error('the template lacks a function');
  const counters = {
    s3: await countRequests(endpoints.s3),
    glue: await countRequests(endpoints.control),
    athena: await countRequests(endpoints.athena),
  };
  const print = (what: string, seconds: number): void => {
    const counts = Object.entries(counters).map(([name, counter]) => `${name} ${JSON.stringify(counter.take())}`);
    process.stdout.write(`${what}, ${seconds.toFixed(1)} s: ${counts.join(' ')}\n`);
  };
  try {
    const { s3, glue, athena } = counters;
    const place = await openLambdaPlace(endpoints, { s3: s3.url, glue: glue.url, athena: athena.url });
    const lambda = await startLambda(seal.bundle, { ...seal.variables, ...place.environment }, seal);
    const round = async (what: string): Promise<void> => {
      const { wallMs, cpuMs, peakKib, result } = await lambda.call({});
      print(
        `${what}: CPU ${(cpuMs / 1000).toFixed(1)} s, peak ${Math.ceil(peakKib / 1024)} MB, ${JSON.stringify(result)}`,
        wallMs / 1000,
      );
    };
    try {
      const land = async (day: string, count: number): Promise<void> => {
        const { calls } = await landMany(place, ingest, { objects: count * objects, batch: objects, day });
        const seconds = calls.reduce((sum, { wallMs }) => sum + wallMs, 0) / 1000;
        print(`ingest of ${count * objects} objects in ${count} batches`, seconds);
      };
      for (const day of DAYS) await land(day, batches);
      await round('seal of all days');
      await round('seal with nothing new');
      // all but the last of these batches have landed: what they bring is known, and reading it again changes nothing
      await land(DAYS.at(-1) ?? '', batches + 1);
      await round('seal of one day with days beside it');
      await round('seal with nothing new');
    } finally {
      await lambda.stop();
    }
  } finally {
    for (const counter of Object.values(counters)) await counter.stop();
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { objects: { type: 'string', default: '500' }, batches: { type: 'string', default: '1' } },
});
const [stackFile] = positionals;
if (stackFile === undefined) throw new Error('usage: lambda-requests.ts STACK.json');
const out = await mkdtemp(join(tmpdir(), 'lambda-bundles-'));
try {
  await main(stackFile, { objects: Number(values.objects), batches: Number(values.batches) }, out);
} finally {
  await rm(out, { recursive: true, force: true });
}
