import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/parts/**'],
    setupFiles: ['tests/fixtures/law-seed.ts'],
    testTimeout: 120_000,
    // a file each: vitest's own choice leaves one of two cores idle
    maxWorkers: '100%',
    reporters: process.env['CI'] ? ['default', 'json'] : ['default'],
    outputFile: { json: '.cache/vitest.json' },
  },
});
