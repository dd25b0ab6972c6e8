import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tokenizerDigests, tokenizerFiles } from '../../lib/adapters/local/tokenizer-files.ts';
import { Misconfigured } from '../../lib/errors.ts';

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));
const TINY = { tiny: { file: 'tiny-tokenizer.json' } };

test('files are found beside the config file, and count', async () => {
  const { tiny } = await tokenizerFiles(TINY, FIXTURES);
  expect(tiny?.('All human beings are born free.')).toBe(7);
});

test('the digest is that of the file', async () => {
  const expected = createHash('sha256')
    .update(readFileSync(join(FIXTURES, 'tiny-tokenizer.json')))
    .digest('hex');
  expect(await tokenizerDigests(TINY, FIXTURES)).toEqual({ tiny: expected });
});

test('a missing file is told with its key and what to do', async () => {
  const loading = tokenizerFiles({ mine: { file: 'none.json' } }, FIXTURES);
  await expect(loading).rejects.toThrow('documents.tokenizers.mine.file: none.json cannot be read (ENOENT)');
  await expect(loading).rejects.toBeInstanceOf(Misconfigured);
  await expect(tokenizerDigests({ mine: { file: 'none.json' } }, FIXTURES)).rejects.toBeInstanceOf(Misconfigured);
});

test('a file that is no tokenizer is told, without a word of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokenizer-files-'));
  writeFileSync(join(folder, 'config.json'), '{"secret": 1}');
  // who only needs the digest is told, too, and loads nothing
  for (const loading of [tokenizerFiles, tokenizerDigests].map((of) => of({ mine: { file: 'config.json' } }, folder))) {
    await expect(loading).rejects.toBeInstanceOf(Misconfigured);
    await expect(loading).rejects.toMatchObject({
      message: 'documents.tokenizers.mine.file: config.json has no "model" with a "vocab"',
      hint: expect.stringContaining('tokenizer.json') as string,
    });
  }
});
