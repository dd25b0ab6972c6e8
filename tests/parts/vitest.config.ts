import { defineConfig } from 'vitest/config';
import { FileOrder } from './stack/file-order.ts';

export default defineConfig({
  test: {
    root: new URL('../../', import.meta.url).pathname,
    include: ['tests/parts/**/*.test.ts'],
    globalSetup: ['tests/parts/stack/door.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // each file has names of its own in the stack; a third beside two took the function of faults-ingest the minute that it has for 500 objects
    maxWorkers: 2,
    sequence: { sequencer: FileOrder },
    reporters: process.env['CI'] ? ['default', 'json'] : ['default'],
    outputFile: { json: '.cache/vitest-parts.json' },
  },
});
