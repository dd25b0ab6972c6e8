/**
 * Puts beside a bundled function what it reads at run time: price book, SQL, the deployed config, and, where it counts tokens, the two
 * vocabularies as files of their own that are loaded on first use. Called by the bundling of lib/infra/constructs/spend-function.ts:
 *   node copy-data.mjs PROJECT OUTPUT '{"folders": {to: from}, "files": {to: from}, "packageFiles": {to: module}, "vocabularies": [name]}'
 */
import { cpSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const [project, output, plan] = process.argv.slice(2);
const { folders, files, packageFiles, vocabularies } = JSON.parse(Buffer.from(plan, 'base64').toString('utf8'));
const isData = (path) => !path.endsWith('.ts');

for (const [to, from] of Object.entries(folders)) {
  cpSync(resolve(project, from), join(output, to), { recursive: true, filter: isData });
}
for (const [to, from] of Object.entries(files)) {
  mkdirSync(dirname(join(output, to)), { recursive: true });
  cpSync(resolve(project, from), join(output, to));
}
const require = createRequire(join(project, 'package.json'));
for (const [to, from] of Object.entries(packageFiles)) {
  mkdirSync(dirname(join(output, to)), { recursive: true });
  cpSync(require.resolve(from), join(output, to));
}
for (const name of vocabularies) {
  mkdirSync(join(output, 'data/vocabularies'), { recursive: true });
  cpSync(require.resolve(`gpt-tokenizer/data/${name}.tiktoken`), join(output, `data/vocabularies/${name}.tiktoken`));
}
