/** How old price facts are, by the dates their sources name, against a clock that a test sets. */
import { expect, test } from 'vitest';
import { checkPriceAge } from '../../lib/health/price-age.ts';
import { loadBook, overlayBook } from '../../lib/price/price-book.ts';
import type { PriceBook } from '../../lib/price/price-book.ts';
import { parseOverlay } from '../../lib/price/overlay.ts';

const HEAD = 'model,region,meter,tier,band,window,unit,value,from,to,basis,source,confidence,note';
const NOW = Date.parse('2026-11-24T00:00:00Z');

const file = (comment: string, ...rows: string[]): string => [`# ${comment}`, HEAD, ...rows, ''].join('\n');
const row = (model: string, from: string, source: string): string =>
  `${model},,input,,,,,1,${from},,announced,${source},high,`;

function book(files: Record<string, string>): PriceBook {
  const shared = { 'aliases.csv': 'provider,alias,model,source\n', 'models.csv': 'provider,model,released,dated\n' };
  return loadBook(Object.entries({ ...shared, ...files }).map(([name, text]) => ({ name, text })));
}

test('the newest of start, source and collection day counts; days in the future do not', () => {
  const made = book({
    'openai.csv': file(
      'no date',
      row('a', '2026-09-01', 'page'),
      row('b', '2026-10-01', 'page'),
      row('c', '2027-01-01', 'page'),
    ),
    'groq.csv': file('no date', row('a', '2025-01-01', 'page seen 2026-11-10')),
    'xai.csv': file('facts collected 2026-11-22', row('a', '2024-01-01', 'page')),
    'voyage.csv': file('facts collected 2026-08-01', row('a', '2024-01-01', 'page')),
    'cohere.csv': file('no date', row('a', '', 'page')),
  });
  const age = (provider: string, now = NOW) => checkPriceAge(made, new Set([provider]), now)[0];
  // October 1 to November 24 are 54 days
  expect(age('openai')).toMatchObject({
    level: 'ok',
    message: '3 price rows of 1 provider, newest sources at most 54 days old',
  });
  expect(age('groq')?.message).toContain('14 days old');
  expect(age('xai')?.message).toContain('2 days old');
  expect(age('voyage')).toMatchObject({ level: 'problem', where: ['voyage: newest source 2026-08-01'] });
  expect(age('cohere')).toMatchObject({ level: 'problem', where: ['cohere: no dated source'] });
});

test('sixty days are not old, sixty-one are, and only providers in use are a problem', () => {
  const made = book({
    'openai.csv': file('facts collected 2026-09-25', row('a', '2024-01-01', 'page')),
    'groq.csv': file('facts collected 2026-01-01', row('a', '2024-01-01', 'page')),
  });
  expect(checkPriceAge(made, new Set(['openai']), NOW)).toMatchObject([{ level: 'ok' }]);
  const later = checkPriceAge(made, new Set(['openai']), NOW + 86_400_000);
  expect(later).toMatchObject([{ level: 'problem', message: 'prices of 1 provider are older than 60 days' }]);
  expect(later[0]?.todo).toContain('prices.overlays');
  expect(checkPriceAge(made, null, NOW + 86_400_000)[0]?.where).toEqual([
    'groq: newest source 2026-01-01',
    'openai: newest source 2026-09-25',
  ]);
  expect(checkPriceAge(made, new Set(), NOW)).toMatchObject([{ level: 'ok' }]);
});

test('prices of one’s own are a note: a contract may be old and hold', () => {
  const overlay = parseOverlay(
    'own.json',
    JSON.stringify({ prices: [{ provider: 'inhouse', model: 'm', meter: 'input', value: '1', from: '2026-01-01' }] }),
  );
  const made = overlayBook(book({}), [overlay]);
  expect(checkPriceAge(made, new Set(['inhouse']), NOW)).toMatchObject([
    { level: 'note', where: ['inhouse: newest source 2026-01-01'] },
  ]);
});
