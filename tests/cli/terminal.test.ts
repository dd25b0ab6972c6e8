/** What depends on where text goes: colors, live lines, names that are safe to show. */
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isColored } from '../../bin/colors.ts';
import { explainError } from '../../bin/error-text.ts';
import { durationText, terminalProgress, withLine } from '../../bin/progress.ts';
import { printable } from '../../bin/terminal.ts';
import { Misconfigured, Transient } from '../../lib/errors.ts';

describe('colors', () => {
  test.each<[boolean, Record<string, string>, boolean]>([
    [true, {}, true],
    [false, {}, false],
    [true, { TERM: 'dumb' }, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    [false, { CI: 'true' }, false],
  ])('terminal %s with %j: %s', (isTTY, env, wanted) => {
    expect(isColored({ isTTY }, env)).toBe(wanted);
  });
});

/** A stream that says it is a terminal, and what was written to it. */
function terminal(columns: number): { stream: NodeJS.WriteStream; written: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns });
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    written: () => stripVTControlCharacters(String(stream.read() ?? '')),
  };
}

describe('progress', () => {
  const half = (columns: number): string => {
    const { stream, written } = terminal(columns);
    let nowMs = 0;
    const progress = terminalProgress('reading', 'records', { stream, nowMs: () => nowMs });
    progress.start({ objects: 2, bytes: 4000 });
    nowMs = 60_000;
    progress.advance({ bytes: 1000, records: 90_000 });
    progress.stop();
    return written();
  };

  test('tells amount, rate and time left by the average', () => {
    // a quarter in a minute: three minutes are left
    expect(half(120)).toContain('25% | 90,000 records, 1,500/s | 3 min 0 s left');
  });

  test('fits a narrow terminal', () => {
    expect(half(40)).toContain('reading 25% 1,500/s 3 min 0 s left');
  });

  test('is silent in a pipe', async () => {
    const stream = new PassThrough();
    const output = { stream: stream as unknown as NodeJS.WriteStream, nowMs: () => 0 };
    const progress = terminalProgress('reading', 'records', output);
    progress.start({ objects: 1, bytes: 10 });
    progress.advance({ bytes: 10 });
    progress.stop();
    expect(await withLine('sealing', async () => await Promise.resolve(7), output)).toBe(7);
    expect(stream.read()).toBeNull();
  });

  test.each([
    [0.2, '1 s'],
    [59, '59 s'],
    [130, '2 min 10 s'],
    [3900, '1 h 5 min'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});

test('names lose what moves the cursor or turns the direction, and are cut between signs', () => {
  expect(printable('a\u001b[31mb\u202ec\u2028d\u061ce\ufefff')).toBe('a\ufffd[31mb\ufffdc\ufffdd\ufffde\ufffdf');
  expect(printable('x'.repeat(10_000), 20)).toBe(`${'x'.repeat(19)}…`);
  expect(printable('😀'.repeat(10_000), 5)).toBe('😀😀😀😀…');
});

describe('every error has a next step', () => {
  const system = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });
  test.each<[string, unknown, number, string]>([
    [
      'a wrong word',
      new Misconfigured('--at x: must be a day'),
      2,
      '  → inference-ledger prices --help has an example',
    ],
    ['its own hint', new Misconfigured('no', { hint: 'do this' }), 2, '  → do this'],
    ['a failure', new Transient('busy'), 1, '  → inference-ledger doctor'],
    ['a full disk', system('ENOSPC'), 1, '  → the disk is full'],
    ['no credentials', Object.assign(new Error('none'), { name: 'CredentialsProviderError' }), 1, '  → sign in'],
    ['what nobody expected', new RangeError('odd'), 1, '  → this was not expected: please report it'],
  ])('%s', (_what, error, code, step) => {
    const told = explainError(error, ['prices', '--at', 'x']);
    expect(told.code).toBe(code);
    expect(told.text).toMatch(/^error: /);
    expect(told.text).toContain(step);
    expect(told.text.includes('    at ')).toBe(error instanceof RangeError);
  });

  test('a place in the input is named', () => {
    const error = new Transient('cannot be read', { place: { object: 'a/b.jsonl', line: 7 } });
    expect(explainError(error, []).text).toContain('error: cannot be read (a/b.jsonl:7)\n');
  });
});
