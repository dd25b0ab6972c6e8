/**
 * Hostile names on a deployed ledger: names of teams, projects, models, sessions and tags, and keys of objects, go through events, the functions,
 * landing, the seal on real Trino, Athena's API and the command line, and come out as they went in: as the log says by hand, and as in a local run.
 * In the report they are text. What the product changes on purpose is in `asTeam` and `asTag`, and in docs/sources.md.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askLake } from '../../bin/commands/query.ts';
import type { SqlRow, SqlValue } from '../../lib/ports.ts';
import { SHOWBACK_MONTHLY, SPEND_DAILY, USAGE } from '../../lib/schema.ts';
import type { Printed } from '../cli/run-command.ts';
import { HOSTILE_KEYS, HOSTILE_NAMES, KEYS_OF_S3_ALONE, PADDED_NAMES } from '../fixtures/hostile-names.ts';
import { startBrowser } from './browser.ts';
import { deployApp } from './deployed-app.ts';
import { HASH_KEY, copyOf, openDeployment, rowsOf, seal, settled } from './deployment.ts';
import type { Deployment } from './deployment.ts';
import { foreignElements } from './page-probes.ts';
import { direct, typed } from './stack-commands.ts';
import { deployableStack, freshName } from './stack/clients.ts';

const DAY = '2026-11-10';
/** A day of another month for objects that only S3 can hold: so that the rest can be compared with a folder. */
const OTHER_DAY = '2026-10-13';
const NAMES = [...HOSTILE_NAMES, ...PADDED_NAMES, '', 'half \ud83e of a pair'];
const KEYS = [...HOSTILE_KEYS, ...KEYS_OF_S3_ALONE];
/** Begins with a byte order mark, which readers like to take off: so does the DuckDB library when a folder is asked. */
const MARKED = '\ufeffmark';
/** What the owner writes into the config: a rule that is told by hostile text gives a team with a hostile name. */
const RULED_TEAM = `O'Brien & "Söhne" <b>; drop table usage; -- \${x}`;
const RULED_PROJECT = `rule's "project" ; -- `;
const CONFIG = {
  teams: [{ name: RULED_TEAM, aliases: [`alias '"\\ of it`] }, { name: 'keys' }],
  attribution: { rules: [{ id: "rule'1", match: { project: RULED_PROJECT }, set: { team: RULED_TEAM } }] },
};

let aws: Deployment;
let local: string;

beforeAll(async () => {
  const endpoints = await deployableStack();
  const app = await deployApp(endpoints, { name: freshName('names-'), hashKey: HASH_KEY, config: CONFIG });
  aws = await openDeployment(endpoints, app);
  for (const [key, lines] of inbox()) await aws.inbox.put(key, textOf(lines));
  await settled(aws);
  await seal(aws);
});
afterAll(async () => {
  if (local !== undefined) await rm(local, { recursive: true, force: true });
});

function inbox(): [string, object[]][] {
  return [
    ['names.jsonl', NAMES.map(named)],
    ['models.jsonl', NAMES.map(modelled)],
    ['mark.jsonl', [call('mark-0', { timestamp: `${OTHER_DAY}T12:00:00Z`, project: MARKED, team: 'marks' })]],
    ['rules.jsonl', [ruled(0, { project: RULED_PROJECT }), ruled(1, { team: `ALIAS '"\\ of it ` })]],
    ...KEYS.map((key, i): [string, object[]] => [key, [keyed(i)]]),
  ];
}

const textOf = (lines: readonly object[]): Uint8Array =>
  new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

/** The first names are the most expensive, so that the report shows them. */
const call = (id: string, more: object, inputTokens = 1000): object => ({
  id: `chatcmpl-${id}-0123456789`,
  timestamp: `${DAY}T09:30:00Z`,
  model: 'gpt-4o-2024-08-06',
  input_tokens: inputTokens,
  output_tokens: 100,
  ...more,
});
const FIELDS = ['project', 'application', 'environment', 'feature', 'customer', 'session', 'account'] as const;
const named = (name: string, i: number): object =>
  call(
    `name-${i}`,
    { ...Object.fromEntries(FIELDS.map((field) => [field, name])), team: name, tags: tagsOf(name) },
    1_000_000 - 10_000 * i,
  );
const modelled = (name: string, i: number): object => call(`model-${i}`, { model: `m${name}`, team: 'models' });
const ruled = (i: number, more: object): object => call(`rule-${i}`, more);
const keyed = (i: number): object =>
  call(`key-${i}`, i < HOSTILE_KEYS.length ? {} : { timestamp: `${OTHER_DAY}T12:00:00Z` });

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

/** A tag with this value, and one with this key. */
function tagsOf(name: string): object {
  return Object.fromEntries([
    ['value', name],
    [name, 'key'],
  ]);
}

/** Text as UTF-8 has it: half of a surrogate pair is no character. */
const asText = (name: string): string => name.toWellFormed();
const asField = (name: string): string | null => (name === '' ? null : asText(name));
/** A team's name has no blanks around it; blank is no team. */
const asTeam = (name: string): string => (name.trim() === '' ? 'unallocated' : asText(name.trim()));
/** Tags are short, names up to 128 signs and values up to 256. */
function asTags(name: string): Record<string, string> {
  const all = [['value', name] as const, [name, 'key'] as const];
  return Object.fromEntries(
    all
      .filter(([key, value]) => key.length <= 128 && value.length <= 256 && value !== '')
      .map(([key, value]) => [asText(key), asText(value)]),
  );
}

const ask = async (sql: string, parameters: readonly SqlValue[] = []): Promise<SqlRow[]> =>
  await aws.users.query(sql, parameters);

/** Rows of calls whose id begins so, in the order of the numbers behind it. */
async function rowsBy(kind: string, columns: string): Promise<SqlRow[]> {
  const rows = await ask(`select call_id, ${columns} from usage where call_id like 'chatcmpl-${kind}-%'`);
  const place = (row: SqlRow): number => Number(/-(\d+)-/.exec(String(row['call_id']))?.[1]);
  return rows.toSorted((a, b) => place(a) - place(b));
}

describe('in Athena', () => {
  test('each name is where the log put it, as it was given', async () => {
    const columns =
      'team, project, application, environment, feature, customer, session_id, billing_account_id, model, tags';
    const rows = await rowsBy('name', columns);
    expect(rows).toHaveLength(NAMES.length);
    for (const [i, name] of NAMES.entries()) {
      const field = asField(name);
      expect(rows[i]).toEqual({
        call_id: `chatcmpl-name-${i}-0123456789`,
        team: asTeam(name),
        project: field,
        application: field,
        environment: field,
        feature: field,
        customer: field,
        session_id: field,
        billing_account_id: field,
        model: 'gpt-4o-2024-08-06',
        tags: asTags(name),
      });
    }
  });

  test('byte for byte: the engine’s own bytes of each team are those of the log', async () => {
    const rows = await rowsBy('name', 'to_hex(to_utf8(team)) as bytes');
    expect(rows.map((row) => row['bytes'])).toEqual(
      NAMES.map((name) => Buffer.from(asTeam(name)).toString('hex').toUpperCase()),
    );
  });

  test('a byte order mark at the beginning of a name', async () => {
    expect((await rowsBy('mark', 'project')).map((row) => row['project'])).toEqual([MARKED]);
  });

  test('models', async () => {
    const rows = await rowsBy('model', 'model_reported, model, team, cost_status');
    expect(rows.map((row) => [row['model_reported'], row['team'], row['cost_status']])).toEqual(
      NAMES.map((name) => [asText(`m${name}`), 'models', 'unpriced']),
    );
  });

  test('a rule and an alias of the config name a team', async () => {
    const rows = await rowsBy('rule', 'team, attribution');
    expect(rows.map((row) => [row['team'], row['attribution']])).toEqual([
      [RULED_TEAM, "rule:rule'1"],
      [RULED_TEAM, 'tag'],
    ]);
  });

  test('keys of objects, in `usage` and in `ingested_objects`; a team=… folder is decoded if it can be', async () => {
    const rows = await rowsBy('key', 'source_object, team');
    expect(rows.map((row) => row['source_object'])).toEqual(KEYS);
    const teams = new Map(rows.map((row) => [row['source_object'], row['team']]));
    expect([teams.get('team=R%26D/x.jsonl'), teams.get('team=%zz/x.jsonl')]).toEqual(['R&D', '%zz']);
    const objects = await ask('select object, outcome from ingested_objects');
    expect(objects.map((row) => `${String(row['outcome'])} ${String(row['object'])}`).toSorted()).toEqual(
      inbox()
        .map(([key]) => `landed ${key}`)
        .toSorted(),
    );
  });

  test('a name is found when it is a parameter, and nothing else is', async () => {
    const names = HOSTILE_NAMES.filter((one) => one.length <= 1000);
    const marks = names.map(() => '?').join(', ');
    const rows = await ask(`select session_id from usage where project in (${marks}) and model <> ?`, [...names, "'?"]);
    expect(rows.map((row) => String(row['session_id'])).toSorted(byText)).toEqual(names.toSorted(byText));
    const one = await ask('select project from usage where session_id = ?', ["'; drop table usage; --"]);
    expect(one).toEqual([{ project: "'; drop table usage; --" }]);
    const keys = KEYS.filter((key) => key.length <= 1000);
    const among = keys.map(() => '?').join(', ');
    const objects = await ask(`select source_object as key from usage where source_object in (${among})`, keys);
    expect(objects.map((row) => String(row['key'])).toSorted(byText)).toEqual(keys.toSorted(byText));
    await expect(ask('select 1 from usage where team = ?', ['x'.repeat(10_000)])).rejects.toThrow(
      'a SQL parameter is longer than 1024 characters',
    );
  });

  test('showback charges each of them', async () => {
    const teams = await ask(
      "select team, sum(cost) as cost from showback_monthly where cost_kind = 'direct' group by 1",
    );
    const expected = [...NAMES.map(asTeam).filter((team) => team !== 'unallocated'), RULED_TEAM, 'R&D', '%zz', 'marks'];
    // `models` has only unpriced calls
    const charged = teams.filter((row) => Number(row['cost']) > 0).map((row) => String(row['team']));
    expect(charged.toSorted(byText)).toEqual([...new Set(expected)].toSorted(byText));
  });
});

describe('as in a local run', () => {
  let ran: Printed;
  beforeAll(async () => {
    local = await copyOf(inFolders(), CONFIG);
    ran = await onFolder('run', '--inbox', join(local, 'inbox'));
  });

  test('which ends well', () => {
    expect({ code: ran.code, err: /error:.*/.exec(ran.err)?.[0] ?? '' }).toEqual({ code: 0, err: '' });
    expect(ran.out).toContain("'; drop table usage; --");
  });

  test('every row of usage, spend_daily and showback_monthly', async () => {
    for (const [table, isSame] of [
      [USAGE, `day = date '${DAY}'`],
      [SPEND_DAILY, `day = date '${DAY}'`],
      [SHOWBACK_MONTHLY, `month = '${DAY.slice(0, 7)}'`],
    ] as const) {
      const folder = await rowsOf((sql) => askLake(join(local, 'lake'), `${sql} where ${isSame}`), table);
      expect(folder.length).toBeGreaterThan(HOSTILE_NAMES.length);
      expect(await rowsOf((sql) => ask(`${sql} where ${isSame}`), table)).toEqual(folder);
    }
  });

  test.each(['json', 'csv', 'table'])('query prints them as %s, and JSON gives them back', async (format) => {
    const sql =
      "select team, project, count(*) as n from usage where call_id like 'chatcmpl-name-%' group by 1, 2 order by 1, 2";
    const deployed = await onStack('query', sql, '--format', format);
    const folder = await onFolder('query', sql, '--format', format);
    expect({ ...deployed, err: '' }).toEqual({ ...folder, err: '' });
    expect(deployed.code).toBe(0);
    if (format !== 'json') return;
    const teams = (JSON.parse(deployed.out) as SqlRow[]).map((row) => row['team']);
    expect(new Set(teams)).toEqual(new Set(NAMES.map(asTeam)));
  });

  test('a name typed into SQL with its quotes doubled', async () => {
    for (const name of ["'; drop table usage; --", ') as t, (select 1']) {
      const sql = `select team from usage where project = '${name.replaceAll("'", "''")}'`;
      const deployed = await onStack('query', sql, '--format', 'json');
      expect({ code: deployed.code, rows: JSON.parse(deployed.out) as unknown }).toEqual({
        code: 0,
        rows: [{ team: name }],
      });
    }
  });

  test('SQL with brackets, quotes and comments in its texts, and columns named in its WITH list, reaches Athena as typed', async () => {
    const sql = `with t(a, b) as (values ('-- it''s ( /*', 1), (')', 2)) -- ( "
      select a, b, (select count(*) from usage where team in (select a from t)) as n from t order by b`;
    const { code, out, err } = await onStack('query', sql, '--format', 'json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toEqual([
      { a: "-- it's ( /*", b: 1, n: '0' },
      { a: ')', b: 2, n: '0' },
    ]);
  });

  test('a byte order mark is in the files, though a folder’s answer leaves it out', async () => {
    const rows = await askLake(join(local, 'lake'), "select length(project) as n from usage where team = 'marks'");
    expect(rows).toEqual([{ n: String(MARKED.length) }]);
  });

  test('explain tells the log of each, by key', async () => {
    const rows = await askLake(
      join(local, 'lake'),
      "select record_id, source_object from usage where call_id like 'chatcmpl-key-%'",
    );
    for (const { record_id: id, source_object: key } of rows.filter(({ source_object: key }) =>
      /drop table|cafe\u0301/.test(String(key)),
    )) {
      const { code, out } = await onFolder('explain', String(id), '--format', 'json');
      const { usage } = JSON.parse(out) as { usage: SqlRow };
      expect({ code, key: usage['source_object'] }).toEqual({ code: 0, key });
    }
  });

  test('the report shows them as text: no element, no script, no handler of theirs', async () => {
    const browser = await startBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      page.on('dialog', () => asked.push('a dialog'));
      const address = pathToFileURL(join(local, 'lake', 'report.html')).href;
      await page.goto(address, { waitUntil: 'networkidle' });
      const { counts, cells } = await page.evaluate(foreignElements);
      expect(asked.filter((url) => url !== address && !url.startsWith('data:'))).toEqual([]);
      expect(counts).toEqual({ scripts: 1, pictures: 0, handlers: 0, links: 0 });
      expect(await page.title()).not.toContain('owned');
      for (const name of HOSTILE_NAMES.slice(0, 8)) expect(cells).toContain(name);
    } finally {
      await browser.close();
    }
  });
});

/** The inbox but for what no folder can hold. */
function inFolders(): Deployment['inbox'] {
  return {
    ...aws.inbox,
    async *list(prefix) {
      for await (const info of aws.inbox.list(prefix)) if (!KEYS_OF_S3_ALONE.includes(info.key)) yield info;
    },
  };
}

test('retract --stack takes the rows of just this object, and not of one whose key looks the same', async () => {
  const key = KEYS_OF_S3_ALONE.at(-1) ?? '';
  const objects = async (): Promise<Set<string>> =>
    new Set((await rowsBy('key', 'source_object')).map((row) => String(row['source_object'])));
  const left = await objects();
  expect([...left].filter((one) => one.normalize() === key.normalize())).toHaveLength(2);
  const { code, out } = await onStack('retract', '--format', 'json', '--', key);
  expect({ code, ...(JSON.parse(out) as object) }).toMatchObject({ code: 0, object: key, records: 1 });
  left.delete(key);
  expect(await objects()).toEqual(left);
  const excluded = await ask("select source_object from usage_excluded where excluded_reason = 'retracted'");
  expect(excluded).toEqual([{ source_object: key }]);
});

async function onStack(...words: string[]): ReturnType<typeof typed> {
  const at = words.indexOf('--');
  const place = ['--stack', aws.app.name];
  const all = at < 0 ? [...words, ...place] : [...words.slice(0, at), ...place, ...words.slice(at)];
  return await typed(aws.endpoints, direct(aws.endpoints), all);
}

async function onFolder(...words: string[]): ReturnType<typeof typed> {
  const config = words[0] === 'query' ? [] : ['--config', join(local, 'config.json')];
  return await typed(aws.endpoints, null, [...words, '--lake', join(local, 'lake'), ...config]);
}
