/** Builds what `npm pack` ships: the command line as one bundle of plain JavaScript, with the data files it reads beside it. */
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const root = new URL('../', import.meta.url);
const dist = new URL('dist/', root);
const { dependencies } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as {
  dependencies: Record<string, string>;
};

await rm(dist, { recursive: true, force: true });
await mkdir(new URL('bin/', dist), { recursive: true });
// modules stay one file each below dist/, so that files found relative to a module are found there too
const sources = (await import('node:fs')).globSync('{bin,lib}/**/*.ts', { cwd: root.pathname });
await build({
  absWorkingDir: root.pathname,
  entryPoints: sources,
  outdir: 'dist',
  outbase: '.',
  format: 'esm',
  platform: 'node',
  target: 'node22',
  bundle: false,
  logLevel: 'warning',
});
for (const file of (await import('node:fs')).globSync('dist/**/*.js', { cwd: root.pathname })) {
  const url = new URL(file, root);
  const text = await readFile(url, 'utf8');
  await writeFile(url, text.replace(/((?:from|import)\s*\(?\s*["'])(\.{1,2}\/[^"']+)\.ts(["'])/g, '$1$2.js$3'));
}
for (const folder of [
  'lib/seal/sql',
  'lib/estimate/queries',
  'lib/report/fonts',
  'lib/report/queries',
  'lib/report/views',
  'lib/report/fonts',
  'lib/simulate/queries',
  'lib/watch/queries',
  'lib/price/book',
  'lib/price/limits',
]) {
  await cp(new URL(`${folder}/`, root), new URL(`${folder}/`, dist), {
    recursive: true,
    filter: (path) => !path.endsWith('.ts'),
  });
}
await chmod(new URL('bin/inference-ledger.js', dist), 0o755);
process.stdout.write(`dist/ holds ${sources.length} modules, for: ${Object.keys(dependencies).join(', ')}\n`);
