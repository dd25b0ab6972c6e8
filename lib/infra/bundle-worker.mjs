/**
 * Bundles the code of the process that reads documents beside a function, with the libraries that it loads on first use as files of their own.
 * Called by the bundling of lib/infra/constructs/spend-function.ts:
 *   node bundle-worker.mjs PROJECT OUTPUT ENTRY
 * writes OUTPUT/documents/ENTRY.mjs, its chunks and esbuild's record of what went in.
 */
import { writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';

const [project, output, entry] = process.argv.slice(2);
const name = basename(entry, '.ts');
const { metafile } = await build({
  absWorkingDir: resolve(project),
  entryPoints: { [name]: entry },
  outdir: join(output, 'documents'),
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  metafile: true,
  legalComments: 'none',
  logLevel: 'error',
  // some of these libraries are CommonJS and ask for Node's own modules
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
  },
  external: ['gpt-tokenizer', '@duckdb/node-api'],
});
writeFileSync(join(output, 'documents', 'worker.meta.json'), JSON.stringify(metafile));
