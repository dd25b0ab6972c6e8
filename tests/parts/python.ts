/** Python with one pinned package, in an environment of its own below `.cache`; made once. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);
/** Where programs and packages of the part tests lie that are fetched. */
export const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));

/** The path of a Python that has `pinned` (`name==version`) and can import `module`. */
export async function pythonWith(pinned: string, module: string): Promise<string> {
  const home = join(CACHE, pinned.replace('==', '-'));
  const program = join(home, 'bin', 'python');
  const isReady = async (): Promise<boolean> =>
    existsSync(program) &&
    (await exec(program, ['-c', `import ${module}`]).then(
      () => true,
      () => false,
    ));
  if (await isReady()) return program;
  await mkdir(CACHE, { recursive: true });
  await exec('python3', ['-m', 'venv', '--clear', home]).catch((cause: unknown) => {
    throw new Error('python3 with venv is needed here (Debian: apt-get install python3-venv)', { cause });
  });
  await exec(program, ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', pinned], { maxBuffer: 1 << 26 });
  return program;
}
