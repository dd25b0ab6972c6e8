/**
 * Planted faults: what the storm must be able to find. Each is one wrong turn in the real sources, made in memory as they are loaded. In: the
 * name of a fault. Out: sources and SQL with the fault in them. Invariant: a text to replace that is not found exactly once stops the run:
 * a fault that is not planted would pass for one that was not found.
 */
import { registerHooks } from 'node:module';
import type { SealSql } from '../../lib/seal/seal-days.ts';

interface Edit {
  readonly find: string;
  readonly replace: string;
}

export interface PlantedFault {
  readonly name: string;
  /** a seed that found it when it was planted: where the search begins */
  readonly seed: number;
  /** source below `lib/` → edits; the fault lies in one place, or in several that belong together */
  readonly sources?: Readonly<Record<string, readonly Edit[]>>;
  readonly sql?: readonly Edit[];
}

export const PLANTED: readonly PlantedFault[] = [
  {
    name: 'marks instead of commit sets',
    seed: 142,
    // sealing clears the marks of its days when it ends, also those of commits that came while it worked
    sources: {
      'lake-seal.ts': [
        {
          find: 'const sealed = withCleanDays(days.length > 0 ? await sealDays(context, set, days) : {}, before, set.id, days);',
          replace: `const made = days.length > 0 ? await sealDays(context, set, days) : {};
    const marks = freeze(await readCommits(context.store));
    await storeSet(context.store, marks);
    const usage = Object.fromEntries(Object.entries(made['usage'] ?? {}).map(([day, p]) => [day, p && { ...p, madeFrom: marks.id }]));
    const sealed = withCleanDays({ ...made, usage }, before, marks.id, days);`,
        },
      ],
    },
  },
  {
    name: 'look-back on one side only',
    seed: 1,
    sql: [
      {
        find: 'min(best) over (partition by key order by day_no range between 1 preceding and 1 following) as near',
        replace: 'min(best) over (partition by key order by day_no range between 1 preceding and current row) as near',
      },
      {
        find: 'min(best) over (partition by key order by day_no range between wide_days preceding and wide_days following) as far',
        replace:
          'min(best) over (partition by key order by day_no range between wide_days preceding and current row) as far',
      },
      {
        find: 'min(reached) over (partition by key order by day_no range between 1 preceding and 1 following) as reached',
        replace:
          'min(reached) over (partition by key order by day_no range between 1 preceding and current row) as reached',
      },
      {
        find: 'min(near) over (partition by key order by day_no range between wide_days preceding and wide_days following) as far',
        replace:
          'min(near) over (partition by key order by day_no range between wide_days preceding and current row) as far',
      },
    ],
  },
  {
    name: 'neighbor days forgotten',
    seed: 27,
    sources: {
      'seal/dirty-days.ts': [
        {
          find: 'for (const day of await input.twinDays(all, commits, near)) touched.add(day);',
          replace: 'void [all, commits];',
        },
      ],
    },
  },
  {
    name: 'commit written first',
    seed: 8,
    sources: {
      'journey.ts': [
        {
          find: 'const writer = createLandingWriter(world.lake, batchId, dayOf(ingestedAtMs));',
          replace: `const later: (() => Promise<unknown>)[] = [];
  const putIfAbsent = async (key: string, bytes: Uint8Array): Promise<'created'> => {
    later.push(async () => await world.lake.putIfAbsent(key, bytes));
    return 'created';
  };
  const writer = createLandingWriter({ ...world.lake, putIfAbsent }, batchId, dayOf(ingestedAtMs));`,
        },
        {
          find: 'await writeCommit(world.lake, batch);',
          replace: 'await writeCommit(world.lake, batch);\n  for (const put of later) await put();',
        },
      ],
    },
  },
  {
    name: 'two snapshots for the two tables',
    seed: 7,
    sources: {
      'lake-seal.ts': [
        {
          find: '(await catalog.switch(before.revision, changes))',
          replace:
            "((await catalog.switch(before.revision, { usage: changes['usage'] ?? {} })) && (await catalog.switch(before.revision + 1, changes)))",
        },
      ],
    },
  },
  {
    name: 'a tie broken by arrival',
    seed: 1,
    sql: [
      {
        find: 'l.occurred_at, l.input_tokens desc, l.output_tokens desc, l.cache_read_tokens desc',
        replace: 'c.ingested_at, l.occurred_at, l.input_tokens desc, l.output_tokens desc, l.cache_read_tokens desc',
      },
    ],
  },
  {
    name: 'a generation deleted while pointed at',
    seed: 1,
    sources: {
      'seal/sweep.ts': [
        // only the newest day's generation is taken as pointed at
        {
          find: 'for (const { keys } of Object.values(partitions))',
          replace: 'for (const { keys } of Object.values(partitions).slice(-1))',
        },
      ],
    },
  },
  {
    name: 'reader version ignored',
    seed: 3,
    sources: {
      'journey.ts': [
        {
          find: "return batch.reader >= reader || commit.outcome === 'retracted';",
          replace: "void reader;\n  return batch.reader >= 0 || commit.outcome === 'retracted';",
        },
      ],
      'commit.ts': [
        { find: 'if (a.batch.reader !== b.batch.reader) return a.batch.reader - b.batch.reader;', replace: '' },
      ],
    },
  },
  {
    name: 'etag-only landing key',
    seed: 1,
    // the simulated store's versions are the etag and a number of the upload
    sources: {
      'commit.ts': [
        {
          find: "[o.key, o.version, ...(o.follows ?? []).toSorted()].join('\\n')",
          replace: "[o.key, o.version.split('.')[0]].join('\\n')",
        },
      ],
    },
  },
  {
    name: 'remainder from another generation',
    seed: 28,
    // a day's remainder is not made again when the calls beside it change
    sources: {
      'seal/dirty-days.ts': [
        {
          find: 'if (touched.has(day) || beside.has(day)) dirty.add(day);',
          replace: 'if (touched.has(day)) dirty.add(day);',
        },
      ],
    },
  },
  {
    name: 'another tier before the day beside',
    seed: 11,
    // a day is compared as a whole before the days beside it are looked at tier by tier
    sql: [
      { find: "case when b.day_tells_tier = 1 then b.tier else '' end as day_tier", replace: "'' as day_tier" },
      { find: "case when b.tells_tier = 1 then c.tier else '' end as day_tier", replace: "'' as day_tier" },
    ],
  },
  {
    name: 'superseded calls cover buckets',
    seed: 1,
    sql: [
      {
        find: `join (select distinct day, provider from bucket_rows) b on b.day = l.day and b.provider = l.provider
  join commits c on c.commit_id = l.commit_id`,
        replace: `join (select distinct day, provider from bucket_rows) b on b.day = l.day and b.provider = l.provider
  left join commits c on c.commit_id = l.commit_id`,
      },
      {
        find: "where l.grain = 'call' and l.billing_mode in ('on_demand', 'unknown') and not c.retracted and",
        replace:
          "where l.grain = 'call' and l.billing_mode in ('on_demand', 'unknown') and not coalesce(c.retracted, false) and",
      },
    ],
  },
];

function fault(name: string): PlantedFault {
  const found = PLANTED.find((planted) => planted.name === name);
  if (found === undefined)
    throw new Error(`no planted fault is named ${name}; there are: ${PLANTED.map((p) => p.name).join('; ')}`);
  return found;
}

function edited(text: string, edits: readonly Edit[], place: string): string {
  return edits.reduce((source, { find, replace }) => {
    const times = source.split(find).length - 1;
    if (times !== 1)
      throw new Error(`planted fault: ${JSON.stringify(find)} occurs ${times} times in ${place}, must be once`);
    return source.replace(find, () => replace);
  }, text);
}

const LIB = new URL('../../lib/', import.meta.url).href;

/** Edits the sources of a fault as they are loaded; must be called before they are imported. Gives the names of those not yet loaded. */
export function plantSources(name: string): ReadonlySet<string> {
  const edits = new Map(Object.entries(fault(name).sources ?? {}));
  const left = new Set(edits.keys());
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const file = url.startsWith(LIB) ? url.slice(LIB.length) : '';
      const own = edits.get(file);
      if (own === undefined) return loaded;
      left.delete(file);
      return { ...loaded, source: edited(Buffer.from(loaded.source as Uint8Array).toString('utf8'), own, file) };
    },
  });
  return left;
}

/** The SQL with a fault in it. An edit must fit at least one of the statements, and no statement twice. */
export function plantSql(name: string, sql: SealSql): SealSql {
  const edits = fault(name).sql ?? [];
  const planted: Record<string, string> = { ...sql };
  for (const edit of edits) {
    const fitting = Object.entries(planted).filter(([, text]) => text.includes(edit.find));
    if (fitting.length === 0)
      throw new Error(`planted fault: ${JSON.stringify(edit.find)} is in none of the statements`);
    for (const [statement, text] of fitting) planted[statement] = edited(text, [edit], statement);
  }
  return planted as unknown as SealSql;
}
