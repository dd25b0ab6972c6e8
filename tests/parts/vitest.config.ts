import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../../', import.meta.url).pathname,
    include: ['tests/parts/**/*.test.ts'],
    globalSetup: ['tests/parts/stack/door.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
    reporters: process.env['CI'] ? ['default', 'json'] : ['default'],
    outputFile: { json: '.cache/vitest-parts.json' },
  },
});
