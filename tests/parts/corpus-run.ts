/**
 * Reads the files of a folder as a corpus and keeps the results of each in a file of its own, so that a run that was killed goes on where it was:
 *   node corpus-run.ts FOLDER RESULTS
 */
import { createReadStream, existsSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createDocumentProcesses } from '../../lib/adapters/local/document-processes.ts';
import type { DocumentResult } from '../../lib/documents/document.ts';

const [folder = '', results = ''] = process.argv.slice(2);
const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  .toSorted();
const WIDTH = 2;
const reader = createDocumentProcesses({ processes: WIDTH });
const left = paths[Symbol.iterator]();

async function readOn(): Promise<void> {
  for (const path of left) {
    const target = join(results, `${createHash('sha256').update(path).digest('hex')}.json`);
    if (existsSync(target)) continue;
    const file = join(folder, path);
    const found: DocumentResult[] = [];
    const object = { path, bytes: statSync(file).size, open: async () => createReadStream(file) };
    for await (const result of reader.read(object)) found.push(result);
    writeFileSync(`${target}.part`, JSON.stringify({ path, found }));
    renameSync(`${target}.part`, target);
  }
}

await Promise.all(Array.from({ length: WIDTH }, readOn));
await reader.close();
