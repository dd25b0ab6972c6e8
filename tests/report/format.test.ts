import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  barPercent,
  count,
  dayRange,
  escapeHtml,
  exactMoney,
  money,
  percent,
  plural,
  shortCount,
  shownName,
  signedMoney,
  signedPercent,
  titleName,
} from '../../lib/report/format.ts';

describe('money', () => {
  test.each([
    [0, '$0.00', '$0'],
    [1, '<$0.01', '$0.000000000001'],
    [5_000_000_000, '<$0.01', '$0.005'], // half a cent, half-even: to zero
    [5_000_000_001, '$0.01', '$0.005000000001'],
    [1_005_000_000_000, '$1.00', '$1.005'],
    [1_234_567_890_000_000, '$1,234.57', '$1234.56789'],
    [-77_430_000_000_000, '−$77.43', '−$77.43'],
    [12_345_678_901_234_567_890_123n, '$12,345,678,901.23', '$12345678901.234567890123'],
  ])('%s', (pico, shown, exact) => {
    expect(money(pico)).toBe(shown);
    expect(exactMoney(pico)).toBe(exact);
  });

  test('the unknown is not zero', () => {
    expect(money(null)).toBe('–');
    expect(exactMoney(null)).toBe('unknown');
  });

  test('a change carries its sign', () => {
    expect([signedMoney(10_000_000_000), signedMoney(-10_000_000_000), signedMoney(0)]).toEqual([
      '+$0.01',
      '−$0.01',
      '$0.00',
    ]);
  });

  test('what is shown is within half a cent of what is', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (pico) => {
        const shown = money(pico);
        const isTiny = shown.includes('<');
        const cents = isTiny ? 0n : BigInt(shown.replace('−', '-').replaceAll(/[$,.]/g, ''));
        const off = cents * 10_000_000_000n - pico;
        expect(off <= 5_000_000_000n && off >= -5_000_000_000n).toBe(true);
        expect(isTiny && pico === 0n).toBe(false);
      }),
    );
  });
});

test.each([
  [1, 3, '33.3%'],
  [1, 2000, '<0.1%'], // 0.05, half-even: to zero, but something is there
  [0, 7, '0.0%'],
  [7, 7, '100.0%'],
  [5, 0, '–'],
  [null, 7, '–'],
  [-1, 8, '−12.5%'],
])('%s of %s is %s', (part, whole, shown) => {
  expect(percent(part, whole)).toBe(shown);
});

test('shares as signs and bars', () => {
  expect(signedPercent(1, 8)).toBe('+12.5%');
  expect([barPercent(1, 3), barPercent(-1, 3), barPercent(9, 3), barPercent(null, 3)]).toEqual([
    '33.33',
    '0',
    '100.00',
    '0',
  ]);
});

test('counts and days', () => {
  expect([count(1_234_567), shortCount(9999), shortCount(12_345), shortCount(3_400_000_000)]).toEqual([
    '1,234,567',
    '9,999',
    '12.3K',
    '3.4B',
  ]);
  expect([plural(1, 'call'), plural(2, 'call'), plural(0, 'query', 'queries')]).toEqual([
    '1 call',
    '2 calls',
    '0 queries',
  ]);
  expect(dayRange('2026-10-26', '2026-11-01')).toBe('Oct 26 – Nov 1, 2026');
  expect(dayRange('2025-12-29', '2026-01-04')).toBe('Dec 29, 2025 – Jan 4, 2026');
  expect(dayRange('2026-10-26', '2026-10-26')).toBe('Oct 26, 2026');
});

describe('names', () => {
  test('lose control, invisible and direction characters', () => {
    expect(shownName('a\u202egnp.exe\u0000b\u200bc')).toBe('a\ufffdgnp.exe\ufffdb\ufffdc');
  });

  test('are cut by characters, not inside one', () => {
    expect(shownName('🙂'.repeat(60), 10)).toBe(`${'🙂'.repeat(9)}…`);
    expect(Array.from(titleName('x'.repeat(10_000)))).toHaveLength(300);
  });

  test('never carry markup once escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      }),
    );
    expect(escapeHtml(`<a href="x">'&amp;`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;');
  });
});
