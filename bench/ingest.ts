/**
 * Ingest against the plain design, side by side in one go: the same file, alternately, n times each, CPU time of the whole process. Our
 * programs: a whole run (read, price, attribute, land, seal, derive) and its first half without sealing. The plain design, which neither
 * recognizes repeats nor attributes and prices from ten rows, sums by team, model and hour, and once more by day, which is less work.
 *
 *   node bench/ingest.ts [--calls 1000000] [--seed 1] [--n 3] [--body 0]
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { GenerationTruth } from '../lib/generate/truth.ts';
import { makeInput } from './make-input.ts';

interface Used {
  readonly cpuSeconds: number;
  readonly maxRssMib: number;
}

/** Folders and truth of one benchmark. */
interface Bench {
  readonly work: string;
  readonly inbox: string;
  readonly input: string;
  readonly truth: GenerationTruth;
}

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    n: { type: 'string', default: '3' },
    body: { type: 'string', default: '0' },
  },
});
const NOW = '2026-11-02T06:00:00Z';
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Runs a program in a fresh process; returns its standard output and what it used. */
async function measured(
  bench: Bench,
  program: string,
  args: readonly string[],
): Promise<{ used: Used; stdout: string }> {
  const usageFile = join(bench.work, 'usage.json');
  const child = spawn(process.execPath, ['--import', here('report-usage.ts'), program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, BENCH_USAGE_FILE: usageFile },
  });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${program} ended with exit code ${code}`);
  const usage = JSON.parse(await readFile(usageFile, 'utf8')) as { cpuMicros: number; maxRssKib: number };
  const used = { cpuSeconds: usage.cpuMicros / 1e6, maxRssMib: usage.maxRssKib / 1024 };
  return { used, stdout: Buffer.concat(parts).toString('utf8') };
}

async function freshLake(bench: Bench): Promise<string> {
  const lake = join(bench.work, 'lake');
  await rm(lake, { recursive: true, force: true });
  return lake;
}

async function wholeRun(bench: Bench): Promise<Used> {
  const args = ['run', '--inbox', bench.inbox, '--lake', await freshLake(bench), '--now', NOW, '--format', 'json'];
  return (await measured(bench, here('../bin/inference-ledger.ts'), args)).used;
}

async function ingestOnly(bench: Bench): Promise<Used> {
  const { used, stdout } = await measured(bench, here('ingest-only.ts'), [bench.inbox, await freshLake(bench)]);
  const found = JSON.parse(stdout) as { records: number; rejects: number };
  mustEqual('ingest', [found.records, found.rejects], [bench.truth.total.calls, bench.truth.bad_lines]);
  return used;
}

async function plainDesign(bench: Bench, period: 'hour' | 'day'): Promise<Used> {
  const { used, stdout } = await measured(bench, here('plain-design.ts'), [
    bench.input,
    join(bench.work, 'plain.parquet'),
    period,
  ]);
  const found = JSON.parse(stdout) as { calls: number; badLines: number; inputTokens: number; outputTokens: number };
  const { total } = bench.truth;
  const expected = [total.calls, total.bad_lines, total.input_tokens, total.output_tokens];
  mustEqual('the plain design', [found.calls, found.badLines, found.inputTokens, found.outputTokens], expected);
  return used;
}

/** A program that is fast and wrong has not won anything. */
function mustEqual(who: string, found: readonly number[], expected: readonly number[]): void {
  if (found.some((n, i) => n !== expected[i]))
    throw new Error(`${who} found ${found.join(', ')}, the truth is ${expected.join(', ')}`);
}

function spread(numbers: readonly number[], digits: number): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  const median = (at((sorted.length - 1) >> 1) + at(sorted.length >> 1)) / 2;
  return `${median.toFixed(digits)} (${at(0).toFixed(digits)} to ${at(sorted.length - 1).toFixed(digits)})`;
}

function printReport(bench: Bench, all: Readonly<Record<string, readonly Used[]>>): void {
  const print = (name: string, value: string): void => void process.stdout.write(`${name.padEnd(28)}${value}\n`);
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  print('machine', `${machine}, Node ${process.version}`);
  print(
    'input',
    `${values.calls} calls in four shapes, seed ${values.seed}, ${values.body} characters of text, ${bench.truth.bad_lines} broken lines`,
  );
  print('runs', `n = ${values.n}, alternately; median (least to most)`);
  const plain = all['plain design'] ?? [];
  for (const [name, used] of Object.entries(all)) {
    print(
      `${name}: CPU s`,
      spread(
        used.map((u) => u.cpuSeconds),
        2,
      ),
    );
    print(
      `${name}: peak RSS MiB`,
      spread(
        used.map((u) => u.maxRssMib),
        0,
      ),
    );
    if (used !== plain)
      print(
        `${name} / plain: CPU`,
        spread(
          used.map((u, i) => u.cpuSeconds / (plain[i]?.cpuSeconds ?? NaN)),
          3,
        ),
      );
  }
}

async function main(work: string): Promise<void> {
  const inbox = join(work, 'inbox');
  await mkdir(inbox, { recursive: true });
  const input = join(inbox, 'usage-2026-10-01.jsonl.gz');
  const options = {
    calls: Number(values.calls),
    seed: Number(values.seed),
    bodyChars: Number(values.body),
    badShare: 0.0005,
  };
  const bench: Bench = { work, inbox, input, truth: await makeInput(input, options) };
  const all = {
    'plain design': [] as Used[],
    'plain, sums by day': [] as Used[],
    'ingest only': [] as Used[],
    'whole run': [] as Used[],
  };
  for (let i = 0; i < Number(values.n); i++) {
    all['plain design'].push(await plainDesign(bench, 'hour'));
    all['plain, sums by day'].push(await plainDesign(bench, 'day'));
    all['ingest only'].push(await ingestOnly(bench));
    all['whole run'].push(await wholeRun(bench));
    process.stderr.write(`round ${i + 1} of ${values.n} done\n`);
  }
  printReport(bench, all);
}

const work = await mkdtemp(join(tmpdir(), 'ledger-bench-'));
try {
  await main(work);
} finally {
  await rm(work, { recursive: true, force: true });
}
