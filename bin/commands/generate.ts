/** `generate`: synthetic logs in several formats and the exact truth about them, for trying out and for testing. */
import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { generateInbox } from '../../lib/generate/usage-log.ts';
import { share, wholeNumber } from '../options.ts';

export async function generate(options: { calls: string; seed: string; out: string; bad: string }): Promise<void> {
  const generation = generateInbox({
    calls: wholeNumber('--calls', options.calls),
    seed: wholeNumber('--seed', options.seed),
    badShare: share('--bad', options.bad),
  });
  await mkdir(options.out, { recursive: true });
  let open = null as { key: string; stream: WriteStream } | null;
  for (const { key, bytes } of generation.chunks) {
    if (open?.key !== key) {
      await close(open?.stream);
      const path = join(options.out, key);
      await mkdir(dirname(path), { recursive: true });
      open = { key, stream: createWriteStream(path) };
    }
    if (!open.stream.write(bytes)) await once(open.stream, 'drain');
  }
  await close(open?.stream);
  const truth = generation.truth();
  const path = join(options.out, 'truth.json');
  await writeFile(path, `${JSON.stringify(truth, null, 1)}\n`);
  process.stdout.write(`wrote ${options.out}; what it holds exactly: ${path}\n`);
}

async function close(stream: WriteStream | undefined): Promise<void> {
  if (stream === undefined) return;
  stream.end();
  await once(stream, 'close');
}
