/**
 * What the queries of simulation read and take: a month of calls with prompts (tests/fixtures/month-of-calls.ts) is sealed into a lake, the
 * columns that each query names are weighed in its Parquet footers, and each query runs on DuckDB. Then the copy of all calls, and of a sample.
 *
 *   node bench/simulate-set-work.ts [--calls 200000]
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parquetMetadata } from 'hyparquet';
import { openLocalWorld } from '../bin/local-world.ts';
import { exposeLake } from '../lib/adapters/local/lake-tables.ts';
import { loadSqlFolder } from '../lib/adapters/local/sql-files.ts';
import { run } from '../lib/journey.ts';
import { sampleTable } from '../lib/simulate/sampling.ts';
import { monthOfCalls } from '../tests/fixtures/month-of-calls.ts';

const { values } = parseArgs({ options: { calls: { type: 'string', default: '200000' } } });
const wanted = Number(values.calls);
const LARGE = 100_000_000;
const TABLES = ['usage', 'prompt_fingerprints'];

process.env['INFERENCE_LEDGER_HASH_KEY'] = randomBytes(32).toString('hex');
const root = await mkdtemp(join(tmpdir(), 'ledger-set-work-'));
const [inbox, lake] = [join(root, 'inbox'), join(root, 'lake')];
let references = 0;
await mkdir(inbox);
await writeInbox();
const world = await openLocalWorld({ inbox, lake, now: '2026-11-24T00:00:00Z' });
await run(world.ingest, world.seal);
const state = await world.seal.catalog.read();
await exposeLake(world.engine, state);
await world.engine.table('period', { first_day: 'date', last_day: 'date' }, [['1970-01-01', '9999-12-31']]);
await expectAll();

const weights = await columnWeights();
const queries = await loadSqlFolder('simulate/queries');
print('calls', wanted, 'block references', references, 'a call', (references / wanted).toFixed(1));
for (const table of TABLES) {
  const own = [...weights].filter(([name]) => name.startsWith(`${table}.`));
  const top = own.toSorted(([, a], [, b]) => b - a).slice(0, 8);
  print(
    table,
    'bytes a call',
    perCall(own),
    top.map(([name, bytes]) => `${name.split('.')[1]} ${(bytes / wanted).toFixed(1)}`).join(' · '),
  );
}
for (const [name, sql] of Object.entries(queries)) await measure(name, sql);
for (const share of [1, 1 / 4]) await weighCopy(queries['calls'] ?? '', share);
world.close();
await rm(root, { recursive: true, force: true });

async function writeInbox(): Promise<void> {
  const days = new Map<string, string[]>();
  for (const [at, { call }] of monthOfCalls(wanted, 1).entries()) {
    const { prompt, tokens } = call;
    references += prompt?.blocks.length ?? 0;
    const time = new Date(call.timeMs).toISOString();
    const line = JSON.stringify({
      id: randomBytes(12).toString('base64url'),
      timestamp: time,
      model: call.model,
      provider: call.provider,
      team: call.team,
      project: call.project,
      session: call.sessionId ?? undefined,
      tags: call.tags,
      input_tokens: tokens.input,
      output_tokens: tokens.output,
      latency_ms: 500 + ((at * 7919) % 9000),
      prompt_blocks: prompt?.blocks.map(String),
      block_tokens: prompt?.blockTokens,
    });
    const day = time.slice(0, 10);
    const own = days.get(day);
    if (own === undefined) days.set(day, [line]);
    else own.push(line);
  }
  for (const [day, lines] of days) await writeFile(join(inbox, `${day}.jsonl`), `${lines.join('\n')}\n`);
}

async function expectAll(): Promise<void> {
  const rows = await world.engine.query(
    'select count(*) as n from usage join prompt_fingerprints p using (record_id, day)',
  );
  if (Number(rows[0]?.['n']) !== wanted) throw new Error(`the lake holds ${String(rows[0]?.['n'])} calls with prompts`);
}

/** By table and column: compressed bytes in all files. */
async function columnWeights(): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  for (const table of TABLES) {
    for (const { keys } of Object.values(state.tables[table] ?? {})) {
      for (const key of keys) {
        const bytes = await readFile(join(lake, key));
        const { row_groups: groups } = parquetMetadata(
          bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
        );
        for (const { meta_data: column } of groups.flatMap((group) => group.columns)) {
          const name = `${table}.${column?.path_in_schema[0] ?? ''}`;
          sums.set(name, (sums.get(name) ?? 0) + Number(column?.total_compressed_size ?? 0n));
        }
      }
    }
  }
  return sums;
}

function perCall(own: readonly (readonly [string, number])[]): string {
  return (own.reduce((sum, [, bytes]) => sum + bytes, 0) / wanted).toFixed(1);
}

/** Columns are read as often as a statement scans their table; a column that no scan names is not read. */
async function measure(name: string, sql: string): Promise<void> {
  const bare = sql.replace(/--.*$/gm, ' ');
  const scans = scansOf(bare);
  const bytes = scans.reduce(
    (sum, { table, text }) =>
      sum +
      [...weights]
        .filter(([column]) => column.startsWith(`${table}.`) && new RegExp(`\\b${column.split('.')[1]}\\b`).test(text))
        .reduce((own, [, size]) => own + size, 0),
    0,
  );
  const { columns, rows } = sampleTable(65_536);
  await world.engine.table('sample', columns, rows);
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const answer = await world.engine.query(`select count(*) as n from (${bare}) as asked`);
  const { user, system } = process.cpuUsage(before);
  const large = (bytes / wanted) * LARGE;
  print(
    name.padEnd(18),
    `${(bytes / wanted).toFixed(1)} bytes a call, 100 M calls ${(large / 1e9).toFixed(1)} GB, $${((large / 1e12) * 5).toFixed(3)};`,
    `DuckDB ${((user + system) / 1e6).toFixed(2)} CPU s, ${((performance.now() - startedMs) / 1000).toFixed(2)} s, rows ${String(answer[0]?.['n'])}`,
  );
}

/** Each scan of a table with the text of the query around it that names its columns. */
function scansOf(sql: string): { table: string; text: string }[] {
  const parts = sql.split(/\n\),?\n|\n {2}union all\n/);
  return parts.flatMap((text) =>
    TABLES.filter((table) => new RegExp(`\\b(?:from|join) ${table}\\b`).test(text)).map((table) => ({ table, text })),
  );
}

async function weighCopy(sql: string, share: number): Promise<void> {
  const { columns, rows } = sampleTable(Math.round(65_536 * share));
  await world.engine.table('sample', columns, rows);
  const startedMs = performance.now();
  const files = await world.engine.write(sql, `work/bench-${share}`, ['day']);
  const seconds = (performance.now() - startedMs) / 1000;
  const sizes = await Promise.all(files.map(async ({ key }) => (await stat(join(lake, key))).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const drawn = files.reduce((sum, file) => sum + file.rows, 0);
  print(
    `copy at ${share}`,
    `${drawn} rows, ${(bytes / drawn).toFixed(1)} bytes a call, written in ${seconds.toFixed(1)} s`,
  );
}

function print(...words: readonly unknown[]): void {
  process.stdout.write(`${words.map(String).join('  ')}\n`);
}
