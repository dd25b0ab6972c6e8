/**
 * Keeps a stack running while tests are written: `node tests/parts/keep-stack.ts FILE` starts it, writes its endpoints to FILE, and stops it
 * on Ctrl-C. Tests then run with LEDGER_PARTS_STACK=FILE and start in a second.
 */
import { writeFile } from 'node:fs/promises';
import { startServers } from './stack/servers.ts';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: node tests/parts/keep-stack.ts FILE');
const stack = startServers();
const [endpoints] = await Promise.all([stack.endpoints, stack.s3Ready]).catch(async (error: unknown) => {
  await stack.stop();
  throw error;
});
await writeFile(file, `${JSON.stringify(endpoints, null, 1)}\n`);
process.stdout.write(`running; use it with LEDGER_PARTS_STACK=${file}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    stack.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
