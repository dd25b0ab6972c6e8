/** PyArrow, pinned, in a Python environment of its own: a Parquet reader that shares no code with what wrote the lake. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const PINNED = 'pyarrow==21.0.0';
const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));
const PROGRAM = fileURLToPath(new URL('read_lake.py', import.meta.url));

export interface ArrowColumn {
  readonly name: string;
  /** in the lake's spelling */
  readonly type: string;
  readonly nulls: number;
  /** exact decimal text, 12 places; null for other types and where every value is null */
  readonly sum: string | null;
}

export type ArrowTables = Readonly<Record<string, { readonly rows: number; readonly columns: readonly ArrowColumn[] }>>;

/** Reads the files of each table; throws what Python said if it fails. */
export async function readWithArrow(files: Readonly<Record<string, readonly string[]>>): Promise<ArrowTables> {
  const child = spawn(await python(), [PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(JSON.stringify(files));
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`read_lake.py ended with ${String(code)}:\n${err}`);
  return JSON.parse(out) as ArrowTables;
}

/** The Python that has the pinned version; made once, below `.cache`. */
async function python(): Promise<string> {
  const home = join(CACHE, PINNED.replace('==', '-'));
  const program = join(home, 'bin', 'python');
  const isReady = async (): Promise<boolean> =>
    existsSync(program) &&
    (await exec(program, ['-c', 'import pyarrow.parquet']).then(
      () => true,
      () => false,
    ));
  if (await isReady()) return program;
  await mkdir(CACHE, { recursive: true });
  await exec('python3', ['-m', 'venv', '--clear', home]).catch((cause: unknown) => {
    throw new Error('python3 with venv is needed here (Debian: apt-get install python3-venv)', { cause });
  });
  await exec(program, ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', PINNED], { maxBuffer: 1 << 26 });
  return program;
}
