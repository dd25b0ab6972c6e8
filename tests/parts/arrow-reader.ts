/** PyArrow, pinned, in a Python environment of its own: a Parquet reader that shares no code with what wrote the lake. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { pythonWith } from './python.ts';

const PINNED = 'pyarrow==21.0.0';
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
  const child = spawn(await pythonWith(PINNED, 'pyarrow.parquet'), [PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(JSON.stringify(files));
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`read_lake.py ended with ${String(code)}:\n${err}`);
  return JSON.parse(out) as ArrowTables;
}
