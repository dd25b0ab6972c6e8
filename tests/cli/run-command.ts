/** Runs the real command line as a child process, as a person would, and keeps what it printed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../bin/launch.mjs', import.meta.url));

export interface Printed {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The ledger's command with these words; `cwd` is a folder of the test, so that no config lies beside it by chance. */
export async function ledger(cwd: string, ...words: string[]): Promise<Printed> {
  const child = spawn(process.execPath, [LAUNCHER, ...words], {
    cwd,
    env: { ...process.env, INFERENCE_LEDGER_HASH_KEY: 'ab'.repeat(32), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

/** A folder that is gone after `close`. */
export async function folder(): Promise<{ path: string; close: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'ledger-cli-'));
  return { path, close: async () => rm(path, { recursive: true, force: true }) };
}
