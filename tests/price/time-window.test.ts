import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Misconfigured } from '../../lib/errors.ts';
import { compileWindow } from '../../lib/price/time-window.ts';
import { at } from './shipped-book.ts';

describe('peak hours on weekdays, read in Beijing', () => {
  const peak = compileWindow('01:00-04:00,06:00-10:00 mon-fri +08:00');
  test.each([
    ['2026-09-02T00:59:59.999Z', false],
    ['2026-09-02T01:00:00Z', true],
    ['2026-09-02T03:59:59.999Z', true],
    ['2026-09-02T04:00:00Z', false],
    ['2026-09-02T06:00:00Z', true],
    ['2026-09-02T10:00:00Z', false],
    ['2026-08-29T02:00:00Z', false], // Saturday
    ['2026-08-31T02:00:00Z', true], // Monday
  ])('%s', (when, expected) => expect(peak(at(when))).toBe(expected));
});

describe('a range past midnight', () => {
  const daily = compileWindow('16:30-00:30 daily');
  test.each([
    ['2025-03-01T16:29:59Z', false],
    ['2025-03-01T16:30:00Z', true],
    ['2025-03-01T23:59:59Z', true],
    ['2025-03-02T00:29:59Z', true],
    ['2025-03-02T00:30:00Z', false],
  ])('daily %s', (when, expected) => expect(daily(at(when))).toBe(expected));

  test('belongs to the weekday it began on', () => {
    const friday = compileWindow('22:00-02:00 fri');
    expect(friday(at('2026-08-29T01:00:00Z'))).toBe(true); // Saturday morning of Friday's window
    expect(friday(at('2026-08-28T01:00:00Z'))).toBe(false); // Friday morning is Thursday's
  });
});

test('the weekday is read where the zone says', () => {
  const saturday = compileWindow('00:00-00:00 sat +08:00');
  expect(saturday(at('2026-08-21T15:59:59Z'))).toBe(false); // still Friday in Beijing
  expect(saturday(at('2026-08-21T16:00:00Z'))).toBe(true);
  expect(saturday(at('2026-08-22T15:59:59Z'))).toBe(true);
});

test('clauses add up', () => {
  const off = compileWindow('00:00-01:00,04:00-06:00,10:00-00:00 mon-fri;00:00-00:00 sat-sun');
  expect([
    off(at('2026-09-02T02:00:00Z')),
    off(at('2026-09-02T05:00:00Z')),
    off(at('2026-09-02T23:00:00Z')),
    off(at('2026-09-05T02:00:00Z')),
  ]).toEqual([false, true, true, true]);
});

test('a window and its complement split all time', () => {
  const texts = ['01:00-04:00,06:00-10:00 mon-fri +08:00', '16:30-00:30 daily', '22:00-02:00 fri-sun -05:30'];
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 }),
      (text, ms) => {
        expect(compileWindow(text)(ms)).toBe(!compileWindow(`!${text}`)(ms));
      },
    ),
  );
});

test('no text is every time', () => expect(compileWindow('')(0)).toBe(true));

test.each([
  '25:00-26:00 daily',
  '01:00 daily',
  '01:00-02:00',
  '01:00-02:00 fri-mon',
  '01:00-02:00 xxx',
  'peak',
  '01:60-02:00 daily',
])('refuses %s', (text) => {
  expect(() => compileWindow(text)).toThrow(Misconfigured);
});
