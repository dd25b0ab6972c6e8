import { defineConfig } from 'vitest/config';
import { FileOrder } from './stack/file-order.ts';

export default defineConfig({
  test: {
    root: new URL('../../', import.meta.url).pathname,
    include: ['tests/parts/**/*.test.ts'],
    globalSetup: ['tests/parts/stack/door.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // each file has names of its own in the stack; while one waits for a queue, a kill or an answer, two others keep two cores busy
    maxWorkers: 3,
    sequence: { sequencer: FileOrder },
    reporters: process.env['CI'] ? ['default', 'json'] : ['default'],
    outputFile: { json: '.cache/vitest-parts.json' },
  },
});
