#!/usr/bin/env node
// Starts the command line: from source in a checkout, from dist/ in a package. Node runs the sources by type stripping, which it does
// since 22.18; on an older Node the one that came with the package is used, if there is one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const NEEDED = [22, 18];
const source = new URL('./inference-ledger.ts', import.meta.url);
const built = new URL('../dist/bin/inference-ledger.js', import.meta.url);

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) {
  await import((existsSync(source) ? source : built).href);
} else {
  const node = packagedNode();
  if (node === null) {
    process.stderr.write(
      `inference-ledger needs Node ${NEEDED.join('.')} or newer; this is ${process.versions.node}\n`,
    );
    process.exit(2);
  }
  const { status } = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

/** The binary of the npm package `node`, an optional dependency, or null. */
function packagedNode() {
  try {
    const path = createRequire(import.meta.url).resolve('node/bin/node');
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}
