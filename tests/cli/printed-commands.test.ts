/** The test of the tests' own reading of commands: what a shell would make of a line, and what it refuses to guess. */
import { describe, expect, test } from 'vitest';
import { fencedBlocks, printedCommands, shellWords } from './printed-commands.ts';

describe('words of a line', () => {
  test.each<[string, string[]]>([
    ['npx inference-ledger demo', ['npx', 'inference-ledger', 'demo']],
    ['query "select a, sum(b) from t" --format json', ['query', 'select a, sum(b) from t', '--format', 'json']],
    [`query 'a "b" c'`, ['query', 'a "b" c']],
    ['a --out="x y"z  ', ['a', '--out=x yz']],
    ['npm start   # five weeks; of "logs"', ['npm', 'start']],
    ['a ""', ['a', '']],
  ])('%s', (line, words) => {
    expect(shellWords(line)).toEqual(words);
  });

  test.each(['a | b', 'a > b', 'a "$HOME"', 'a $(b)', 'a "open', 'a && b', 'a *'])('refuses %s', (line) => {
    expect(() => shellWords(line)).toThrow('cannot split');
  });
});

describe('blocks and commands', () => {
  const text =
    '# x\n```sh\nnpx inference-ledger a\n  $ npx inference-ledger b\nnpm ci\n```\ntext\n```sql\nselect 1\n```\n';

  test('only blocks of the language asked for', () => {
    expect(fencedBlocks(text, 'sql')).toEqual(['select 1']);
    expect(fencedBlocks(text, 'sh')).toEqual(['npx inference-ledger a\n  $ npx inference-ledger b\nnpm ci']);
  });

  test('only lines that start the ledger', () => {
    expect(printedCommands(text)).toEqual(['npx inference-ledger a', 'npx inference-ledger b']);
  });

  test('a block without an end is an error', () => {
    expect(() => fencedBlocks('```sh\nx', 'sh')).toThrow('never closed');
  });
});
