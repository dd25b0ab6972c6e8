/** `generate`: synthetic logs in several formats and the exact truth about them, for trying out and for testing. */
import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { generateInbox } from '../../lib/generate/usage-log.ts';
import { share, wholeNumber } from '../options.ts';
import { terminalProgress } from '../progress.ts';

export async function generate(options: { calls: string; seed: string; out: string; bad: string }): Promise<void> {
  const calls = wholeNumber('--calls', options.calls);
  const generation = generateInbox({
    calls,
    seed: wholeNumber('--seed', options.seed),
    badShare: share('--bad', options.bad),
  });
  await mkdir(options.out, { recursive: true });
  const progress = terminalProgress('writing', 'lines');
  // a call is a line, but for a few
  progress.start({ objects: 0, bytes: calls });
  let open = null as { key: string; stream: WriteStream } | null;
  for (const { key, bytes } of generation.chunks) {
    if (open?.key !== key) {
      await close(open?.stream);
      const path = join(options.out, key);
      await mkdir(dirname(path), { recursive: true });
      open = { key, stream: createWriteStream(path) };
    }
    if (!open.stream.write(bytes)) await once(open.stream, 'drain');
    const lines = newlinesIn(bytes);
    progress.advance({ bytes: lines, records: lines });
  }
  await close(open?.stream);
  progress.stop();
  const truth = generation.truth();
  const path = join(options.out, 'truth.json');
  await writeFile(path, `${JSON.stringify(truth, null, 1)}\n`);
  process.stdout.write(`wrote ${options.out}; what it holds exactly: ${path}\n`);
}

function newlinesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}

async function close(stream: WriteStream | undefined): Promise<void> {
  if (stream === undefined) return;
  stream.end();
  await once(stream, 'close');
}
