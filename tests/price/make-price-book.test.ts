/**
 * The rules by which the committed book is made from collected facts, on a few lines each: what is dropped, expanded, merged.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bedrockStem, cleanRows } from '../../scripts/price-book/clean.ts';
import { readModelFacts, readPriceFacts, type DraftRow } from '../../scripts/price-book/facts.ts';
import { mergeSnapshots } from '../../scripts/price-book/snapshots.ts';

const FACT_HEADER =
  'provider,model,region_scope,meter,service_tier,context_tier,time_window,currency,unit,value,effective_from,effective_from_basis,effective_to,last_seen,source,confidence,note';
const FIX_HEADER = 'op,provider,model,region,meter,tier,band,window,unit,value,from,to,basis,source,confidence,note\n';

function draft(fields: Partial<DraftRow>): DraftRow {
  return {
    provider: 'acme',
    model: 'm',
    region: '',
    meter: 'input',
    tier: 'standard',
    band: '',
    window: '',
    unit: 'per_1M_tokens',
    value: '1',
    from: '2025-01-01',
    to: '',
    basis: 'seen',
    source: 's',
    confidence: 'high',
    note: '',
    ...fields,
  };
}

const brief = (rows: readonly DraftRow[]): string[] =>
  rows
    .map((row) =>
      [row.model, row.region, row.meter, row.band, row.value, row.from, row.to].join(' ').replaceAll(/ +/g, ' ').trim(),
    )
    .toSorted();

describe('reading facts', () => {
  test('takes the meters a record can express, under the names records carry', () => {
    const { rows, skipped } = readPriceFacts(
      [
        FACT_HEADER,
        'aws-bedrock,x,us,input,standard,,,USD,per_1M_tokens,3,2025-01-01,first seen in catalogue (upper bound),,2026-11-17,s,high,',
        'deepseek,d,,input,standard,,peak UTC 01:00-04:00 and 06:00-10:00 daily,USD,per_1M_tokens,3,2025-01-01,catalogue change seen between 2024-12-01 and 2025-01-01,,,s,high,',
        'openai,*,,batch_multiplier,batch,,,USD,ratio,0.5,2024-04-15,announced,,,s,high,',
        'anthropic,c,,region_multiplier,us,,,USD,ratio,1.1,2026-02-05,announced,,,s,high,',
        'openai,sora,,video_out,standard,,,USD,per_second,1,2025-01-01,announced,,,s,high,',
      ].join('\n'),
    );
    expect(rows.map((row) => [row.provider, row.meter, row.region, row.tier, row.window, row.basis])).toEqual([
      ['bedrock', 'input', 'us', 'standard', '', 'seen'],
      ['deepseek', 'input', '', 'standard', '01:00-04:00,06:00-10:00 daily', 'changed after 2024-12-01'],
      ['openai', 'batch_multiplier', '', 'batch', '', 'announced'],
      ['anthropic', 'region_multiplier', 'us', 'standard', '', 'announced'],
    ]);
    expect([...skipped]).toEqual([['video_out per_second', 1]]);
  });

  test('a window without a translation stops the script', () => {
    const row = 'deepseek,d,,input,standard,,at full moon,USD,per_1M_tokens,3,2025-01-01,announced,,,s,high,';
    expect(() => readPriceFacts(`${FACT_HEADER}\n${row}`)).toThrow('at full moon');
  });

  test('of two catalogues of Azure the one that knows regions wins', () => {
    const line = (provider: string, model: string, value: string): string =>
      `${provider},${model},,input,standard,,,USD,per_1M_tokens,${value},2025-01-01,announced,,,s,high,`;
    const { rows } = readPriceFacts(
      [
        FACT_HEADER,
        line('azure-openai', 'a', '1'),
        line('azure-foundry', 'a', '2'),
        line('azure-foundry', 'b', '3'),
      ].join('\n'),
    );
    expect(rows.map((row) => `${row.provider} ${row.model} ${row.value}`)).toEqual(['azure a 1', 'azure b 3']);
  });
});

describe('cleaning', () => {
  const clean = (rows: readonly DraftRow[], fixes = ''): string[] => brief(cleanRows(rows, FIX_HEADER + fixes));

  test('an image size in a model id is a band', () => {
    expect(clean([draft({ model: 'high/1024-x-1536/pic', meter: 'image', unit: 'per_image', value: '0.25' })])).toEqual(
      ['pic image quality=high;size=1024x1536 0.25 2025-01-01'],
    );
  });

  test('corrections drop, add and rename, and fail when they match nothing', () => {
    const rows = [
      draft({ value: '9' }),
      draft({ value: '2', meter: 'output' }),
      draft({ model: 'm-20250101', meter: 'output' }),
    ];
    const fixes = [
      'drop,acme,m,,input,standard,,,,9,*,,,,,wrong',
      'add,acme,m,,input,standard,,,per_1M_tokens,3,2025-01-01,,announced,s,high,',
      'rename,acme,m-20250101,,*,*,*,,,*,*,,,,,n',
    ].join('\n');
    expect(clean(rows, fixes)).toEqual(['m input 3 2025-01-01', 'm output 2 2025-01-01', 'n output 1 2025-01-01']);
    expect(() => clean(rows, 'drop,acme,m,,input,standard,,,,7,*,,,,,no such row')).toThrow('matches nothing');
  });

  test('a group becomes its models', () => {
    const claude = (model: string): DraftRow => draft({ provider: 'anthropic', model });
    const group = draft({
      provider: 'anthropic',
      model: 'claude-4.6-and-later',
      region: 'us',
      meter: 'region_multiplier',
      unit: 'ratio',
      value: '1.1',
      from: '2026-02-05',
    });
    expect(
      clean([claude('claude-opus-4-6'), claude('claude-sonnet-4-5'), claude('claude-haiku-5-5'), group]).filter((row) =>
        row.includes('multiplier'),
      ),
    ).toEqual([
      'claude-haiku-5-5 us region_multiplier 1.1 2026-02-05',
      'claude-opus-4-6 us region_multiplier 1.1 2026-02-05',
    ]);
  });

  test('Bedrock plain ids of late Claude models are 1.1 times global', () => {
    const model = 'anthropic.claude-sonnet-4-6';
    const row = (region: string, value: string): DraftRow => draft({ provider: 'bedrock', model, region, value });
    expect(clean([row('global', '3'), row('in-region(bare-id)', '3'), row('us', '3.3')])).toEqual([
      `${model} global input 3 2025-01-01`,
      `${model} in-region(bare-id) input 3.3 2025-01-01`,
      `${model} us input 3.3 2025-01-01`,
    ]);
  });

  test('`global.` and `regional.` ids are scopes of the plain model', () => {
    const rows = [
      draft({ provider: 'bedrock', model: 'openai.gpt-x', region: 'us', value: '2.2' }),
      draft({ provider: 'bedrock', model: 'global.openai.gpt-x-v1:0', value: '2' }),
    ];
    expect(clean(rows)).toEqual(['openai.gpt-x global input 2 2025-01-01', 'openai.gpt-x us input 2.2 2025-01-01']);
  });

  test('a band that left with the old price list ends with it; one that merely left stays', () => {
    const gone = { note: 'no longer in catalogue after 2025-06-20', band: '>128000', value: '2' };
    const rows = [draft({ value: '1', to: '2025-07-01' }), draft({ value: '3', from: '2025-07-01' }), draft(gone)];
    expect(clean(rows)).toContain('m input >128000 2 2025-01-01 2025-07-01');
    expect(clean([draft({ value: '1' }), draft(gone)])).toContain('m input >128000 2 2025-01-01');
  });

  test('a price that a catalogue quoted in another unit did not end', () => {
    const rows = [
      draft({ meter: 'audio_in', value: '6', to: '2025-09-01' }),
      draft({ meter: 'audio_duration', unit: 'per_minute', value: '0.006', from: '2025-09-01' }),
    ];
    expect(clean(rows)).toContain('m audio_in 6 2025-01-01');
  });

  test('a copied reasoning price goes, a real one stays', () => {
    const rows = ['gemini-3.6-flash', 'gemini-2.5-flash-preview-04-17'].map((model) =>
      draft({ model, meter: 'reasoning' }),
    );
    expect(clean(rows)).toEqual(['gemini-2.5-flash-preview-04-17 reasoning 1 2025-01-01']);
  });
});

describe('snapshots and aliases', () => {
  const facts = (lines: string): ReturnType<typeof readModelFacts> =>
    readModelFacts(`provider,model,aliases,release_date,last_seen_in_catalogue,meters\n${lines}`);

  test('a snapshot that always cost the same becomes an alias and fills what the model lacks', () => {
    const merged = mergeSnapshots(
      [
        draft({ from: '2025-02-01' }),
        draft({ model: 'm-20250101' }),
        draft({ model: 'm-20250101', meter: 'cached_input', value: '0.1' }),
      ],
      [],
    );
    expect(brief(merged.rows)).toEqual(['m cached_input 0.1 2025-01-01', 'm input 1 2025-01-01']);
    expect(merged.aliases).toEqual([{ provider: 'acme', alias: 'm-20250101', model: 'm', source: 'same prices' }]);
  });

  test('a snapshot that ever cost something else stays a model', () => {
    const rows = [
      draft({ value: '2.5', from: '2024-10-02' }),
      draft({ value: '5', from: '2024-05-13', to: '2024-10-02' }),
      draft({ model: 'm-2024-05-13', value: '5', from: '2024-05-13' }),
    ];
    const merged = mergeSnapshots(rows, []);
    expect(new Set(merged.rows.map((row) => row.model))).toEqual(new Set(['m', 'm-2024-05-13']));
    expect(merged.aliases).toEqual([]);
  });

  test('a prefix becomes a date suffix, never a prefix', () => {
    const rows = [draft({ model: 'claude-opus-4-6' }), draft({ model: 'plain' })];
    const merged = mergeSnapshots(
      rows,
      facts(
        'acme,claude-opus-4-6,^claude-opus-4-6|^claude-opus-4.6|^claude-4-6-opus|^claude-opus,2026-02-05,,\nacme,plain,=plain|=other-name,,,\n',
      ),
    );
    expect(merged.aliases.map((alias) => alias.alias)).toEqual(['claude-opus-4.6', 'claude-4-6-opus', 'other-name']);
    expect(merged.models).toEqual([
      { provider: 'acme', model: 'claude-opus-4-6', released: '2026-02-05', dated: 'yes' },
    ]);
  });

  test('an alias never hides a model of the book', () => {
    const rows = [draft({ model: 'gpt-5' }), draft({ model: 'gpt-5-codex', value: '2' })];
    expect(
      mergeSnapshots(rows, facts('acme,gpt-5,=gpt-5|=gpt-5-codex|=gpt-5-chat,,,\n')).aliases.map(
        (alias) => alias.alias,
      ),
    ).toEqual(['gpt-5-chat']);
  });

  test('Bedrock ids without their version', () => {
    expect(['a.x-v1:0', 'a.x-v2', 'a.x:1', 'a.x'].map(bedrockStem)).toEqual(['a.x', 'a.x', 'a.x', 'a.x']);
  });
});

test('every correction names why or where from', () => {
  const lines = readFileSync(new URL('../../scripts/price-book/corrections.csv', import.meta.url), 'utf8').split('\n');
  const groups = new Map<string, boolean>();
  for (const line of lines) {
    if (!/^(drop|add)/.test(line)) continue;
    const cells = line.split(',');
    const key = `${cells[1]} ${cells[2]}`;
    groups.set(key, groups.get(key) === true || (cells.at(-1) ?? '') !== '' || (cells.at(-3) ?? '') !== '');
  }
  expect([...groups].filter(([, isExplained]) => !isExplained)).toEqual([]);
});
