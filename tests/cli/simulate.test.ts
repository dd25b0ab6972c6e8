/** Words of `simulate` that make no sense: refused before anything is read, with what to type instead. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folder, ledger } from './run-command.ts';

let place: Awaited<ReturnType<typeof folder>>;
beforeAll(async () => {
  place = await folder();
});
afterAll(async () => place.close());

test.each([
  [[], 'error: name one ledger: either --lake DIR or --stack NAME'],
  [['--lake', 'l', '--stack', 's'], 'error: name one ledger: either --lake DIR or --stack NAME'],
  [
    ['--lake', 'l', '--week', '2026-46'],
    'error: --week 2026-46: must be an ISO week (Monday to Sunday) such as 2026-W46',
  ],
  [['--lake', 'l', '--month', '2026-13'], 'error: --month 2026-13: must be a month such as 2026-11'],
  [['--lake', 'l', '--to', '2026-11-31'], 'error: --to 2026-11-31: must be a day such as 2026-11-01'],
  [['--lake', 'l', '--from', '2026-11-02', '--to', '2026-11-01'], 'error: --to 2026-11-01 is before --from 2026-11-02'],
  [
    ['--lake', 'l', '--week', '2026-W46', '--month', '2026-11'],
    "error: option '--week <week>' cannot be used with option '--month <month>'",
  ],
  [
    ['--lake', 'l', '--month', '2026-11', '--from', '2026-11-01'],
    "error: option '--month <month>' cannot be used with option '--from <day>'",
  ],
  [['--lake', 'nowhere', '--month', '2026-11'], 'error: there is no ledger in nowhere'],
  [['--lake', 'l', '--prompts', 'nowhere'], 'error: --prompts nowhere is no folder'],
  [['--stack', 's', '--prompts', '.'], 'error: --prompts takes a folder: it goes with --lake, not with --stack'],
  [
    ['--stack', 's', '--config', 'mine.json'],
    'error: --config does not go with --stack: a deployed ledger has its config in its bucket',
  ],
])('simulate %j', async (words, message) => {
  const { code, out, err } = await ledger(place.path, 'simulate', ...words);
  expect({ code, out, err: err.split('\n')[0] }).toEqual({ code: 2, out: '', err: message });
});
