import { describe, expect, test } from 'vitest';
import { readSource, sourceFiles, violations } from './imports.ts';

describe('the layering of the design', () => {
  test('holds in every source file', () => {
    expect(sourceFiles('lib').flatMap((path) => violations(path, readSource(path)))).toEqual([]);
  });

  test.each([
    ['a sibling stage', 'lib/price/cost.ts', `import { x } from '../ingest/lines.ts';`],
    ['the file system', 'lib/ingest/lines.ts', `import { readFile } from 'node:fs/promises';`],
    ['the AWS SDK', 'lib/seal/x.ts', `import { S3Client } from '@aws-sdk/client-s3';`],
    ['CDK', 'lib/report/x.ts', `import { Stack } from 'aws-cdk-lib';`],
    ['an adapter', 'lib/seal/x.ts', `import { openDuckDb } from '../adapters/local/duckdb-engine.ts';`],
    ['the journey', 'lib/seal/x.ts', `import { run } from '../journey.ts';`],
    ['a lazy import of a sibling', 'lib/price/x.ts', `const m = await import('../write/parquet.ts');`],
    ['a stage, from a shared file', 'lib/money.ts', `import { x } from './price/cost.ts';`],
    ['the clock', 'lib/seal/x.ts', `const now = Date.now();`],
    ['chance', 'lib/simulate/x.ts', `const r = Math.random();`],
    ['the environment', 'lib/report/x.ts', `const e = process.env['HOME'];`],
  ])('catches %s', (_what, path, text) => {
    expect(violations(path, text)).toHaveLength(1);
  });

  test.each([
    ['its own folder', 'lib/price/cost.ts', `import { x } from './rates.ts';`],
    ['a shared file', 'lib/price/cost.ts', `import { x } from '../money.ts';`],
    ['a pure library', 'lib/ingest/containers.ts', `import { createGunzip } from 'node:zlib';`],
    ['a comment about the clock', 'lib/seal/x.ts', `// never Date.now() here`],
  ])('lets a stage use %s', (_what, path, text) => {
    expect(violations(path, text)).toEqual([]);
  });
});
