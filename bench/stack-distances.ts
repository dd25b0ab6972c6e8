/**
 * Every capacity in one pass against a cache simulator run once per capacity, on the same block references: conversations that grow turn by
 * turn behind shared beginnings. Prints hits at some capacities, CPU and peak memory; with --trace also writes the references in the
 * simulator's binary form (`oracleGeneral`: u32 time, u64 id, u32 size, i64 next access), for bench/libcachesim_lru.py.
 *
 *   node bench/stack-distances.ts [--references 10000000] [--trace FILE]
 */
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { createRandom } from '../lib/generate/random.ts';
import { createStackDistances } from '../lib/simulate/stack-distance.ts';

const { values } = parseArgs({
  options: { references: { type: 'string', default: '10000000' }, trace: { type: 'string' } },
});
const wanted = Number(values.references);
const CAPACITIES = [1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000];

/** Prompts as numbers of blocks, until so many references are out. */
function* prompts(references: number): Generator<Int32Array> {
  const random = createRandom(7);
  let next = 0;
  const grown = (blocks: Int32Array, more: number): Int32Array => {
    const longer = new Int32Array(blocks.length + more);
    longer.set(blocks);
    for (let k = blocks.length; k < longer.length; k++) longer[k] = next++;
    return longer;
  };
  const systems = Array.from({ length: 20 }, () => grown(new Int32Array(), random.between(20, 200)));
  const open = Array.from({ length: 200 }, () => ({ blocks: grown(random.pick(systems), 5), turns: 0 }));
  for (let out = 0; out < references;) {
    const own = random.pick(open);
    if (own.turns++ > random.between(5, 60)) Object.assign(own, { blocks: grown(random.pick(systems), 5), turns: 0 });
    own.blocks = grown(own.blocks, random.between(2, 20));
    out += own.blocks.length;
    yield own.blocks;
  }
}

async function writeTrace(path: string): Promise<void> {
  const file = createWriteStream(path);
  let second = 0;
  for (const blocks of prompts(wanted)) {
    const bytes = Buffer.alloc(blocks.length * 24);
    // the tail is used first, so that a block never outlives the one it is chained on
    for (const [k, block] of blocks.toReversed().entries()) {
      bytes.writeUInt32LE(second, k * 24);
      bytes.writeBigUInt64LE(BigInt(block), k * 24 + 4);
      bytes.writeUInt32LE(1, k * 24 + 12);
      bytes.writeBigInt64LE(-2n, k * 24 + 16);
    }
    second++;
    if (!file.write(bytes)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

if (values.trace !== undefined) await writeTrace(values.trace);
const all = [...prompts(wanted)];
const before = process.cpuUsage();
const distances = createStackDistances();
for (const [at, blocks] of all.entries())
  distances.see({ timeMs: at, inputTokens: blocks.length, blockTokens: 1, blocks });
const hits = CAPACITIES.map((capacity) => distances.hitTokens(capacity));
const { user, system } = process.cpuUsage(before);
const references = all.reduce((sum, blocks) => sum + blocks.length, 0);
const distinct = all.reduce((most, blocks) => Math.max(most, blocks.at(-1) ?? 0), 0) + 1;
process.stdout.write(
  `${JSON.stringify({ references, distinct, cpuSeconds: (user + system) / 1e6, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024), capacities: CAPACITIES, hits })}\n`,
);
