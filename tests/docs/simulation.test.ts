/**
 * docs/simulation.md and the sections `simulate` and `commitments` of docs/config.md against the program: generated tables are current, every
 * place that output and comments point to exists, every field of the JSON and every key of the config is described, and numbers that the page
 * computes are what the code gives.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { commitmentSchema, simulateSchema } from '../../lib/config-simulate.ts';
import { evidenceSettings } from '../../lib/simulation.ts';
import { lateProbability } from '../../lib/simulate/batch-rules.ts';
import { cashSavings } from '../../lib/simulate/commitments.ts';
import { hostedImageUsd, imageCrossoverPerDay, imagesPerHour } from '../../lib/simulate/images.ts';
import { LEVERS } from '../../lib/simulate/lever-findings.ts';
import { parametersWith } from '../../lib/simulate/parameters.ts';
import { PARAMETER_ROWS } from '../../lib/simulate/parameters-data.ts';
import type { LoggedCall } from '../../lib/simulate/call-log.ts';
import { clopperPearsonUpper } from '../../lib/simulate/proportion.ts';
import { MOVE_PARAMETERS, ROUTER_PARAMETER } from '../../lib/simulate/model-moves.ts';
import { createRewriteSums } from '../../lib/simulate/measured-rewrites.ts';
import type { RewriteRow } from '../../lib/simulate/measured-rewrites.ts';
import { simulationJson } from '../../lib/simulate/simulation-json.ts';
import type { Json } from '../../lib/simulate/simulation-json.ts';
import { parametersOfPlan, withGeneratedTables } from '../../scripts/make-parameters-doc.ts';
import { loggedCall, promptOf, simulationOf } from '../fixtures/logged-calls.ts';

const fromRoot = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const PAGE = fromRoot('docs/simulation.md');
const CONFIG = fromRoot('docs/config.md');

/** Headings without code marks, and their anchors as the page is rendered. */
const headingsOf = (page: string): string[] =>
  [...page.matchAll(/^#+ (.+)$/gm)].map((match) => (match[1] ?? '').replaceAll('`', ''));
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');

test('generated tables are current (node scripts/make-parameters-doc.ts)', () => {
  expect(withGeneratedTables(PAGE)).toBe(PAGE);
});

test('the table of parameters has a row for each, and marks those the plan reads', () => {
  const rows = [...PAGE.matchAll(/^\| `([a-z]+\.[a-z0-9_]+)` \| (yes|) \|/gm)].map(([, id, plan]) => [id, plan]);
  const inPlan = parametersOfPlan();
  expect(rows).toEqual(PARAMETER_ROWS.map(({ id }) => [id, inPlan.has(id) ? 'yes' : '']));
  expect(PAGE).toContain('parameters marked *plan*');
});

test('a page without a marker is refused', () => {
  expect(() => withGeneratedTables('# Simulation')).toThrow('<!-- generated: parameters -->');
});

describe('places that are pointed to', () => {
  const anchors = new Set(headingsOf(PAGE).map(anchorOf));

  test.each(LEVERS)('the section of %s', (lever) => {
    expect(anchors).toContain(lever.replaceAll('_', '-'));
  });

  test('sections that output and comments quote', () => {
    const folder = 'lib/simulate';
    const quoted = readdirSync(new URL(`../../${folder}`, import.meta.url))
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => [...fromRoot(`${folder}/${name}`).matchAll(/docs\/simulation\.md,(?:\s|\*)+"([^"]+)"/g)])
      .map((match) => match[1] ?? '');
    expect(quoted.length).toBeGreaterThanOrEqual(8);
    expect(quoted.filter((section) => !headingsOf(PAGE).includes(section))).toEqual([]);
  });

  test('links from and into the page', () => {
    const pages = new Map([
      ['', PAGE],
      ...['simulation.md', 'config.md', 'prices.md', 'sources.md', 'tables.md'].map(
        (name) => [name, fromRoot(`docs/${name}`)] as const,
      ),
    ]);
    const broken = [
      ...PAGE.matchAll(/\]\(([a-z]*(?:\.md)?)#([^)]+)\)/g),
      ...CONFIG.matchAll(/\]\((simulation\.md)#([^)]+)\)/g),
    ].filter(
      ([, page = '', anchor = '']) =>
        !headingsOf(pages.get(page) ?? '')
          .map(anchorOf)
          .includes(anchor),
    );
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  test('files that the page names', () => {
    const named = [...PAGE.matchAll(/`((?:lib|tests|scripts)\/[a-z/.-]+\.(?:ts|sql))`/g)].map(
      (match) => match[1] ?? '',
    );
    expect(named.length).toBeGreaterThan(8);
    for (const path of named) expect(fromRoot(path)).not.toBe('');
  });
});

describe('the JSON', () => {
  /** Names of all fields, those of lists included. */
  function fieldsOf(value: Json): string[] {
    if (value === null || typeof value !== 'object') return [];
    if (Array.isArray(value)) return value.flatMap((item) => fieldsOf(item as Json));
    return Object.entries(value).flatMap(([name, inner]) => [name, ...fieldsOf(inner)]);
  }

  const calls = (days: number): LoggedCall[] =>
    Array.from({ length: days * 40 }, (_, n) => {
      const [day, turn] = [Math.floor(n / 40), n % 40];
      return loggedCall({
        timeMs: Date.UTC(2026, 9, 1 + day, 8, turn * 2),
        team: turn % 2 === 0 ? 'search' : 'growth',
        tokens: { input: 4_096, output: 50 },
        deadlineSeconds: turn % 4 === 0 ? 86_400 : null,
        prompt: promptOf(['tools', 'system', `turn ${turn % 7}`, `day ${day}`]),
      });
    });

  const rewrites = (): RewriteRow[] => {
    const sums = createRewriteSums();
    const saved = { json: 1, whitespace: 1, repeated: 1 };
    const call = { application: 'bot', team: 'search', model: 'm', cluster: 's', textTokens: 9, reportedTokens: 0 };
    sums.add({ ...call, saved });
    return sums.rows();
  };

  const answer = async (days: number): Promise<Json> => {
    const config = simulateSchema.parse({
      selfHosting: {
        replays: [
          {
            servers: 2,
            serviceModel: { baseSeconds: 0.1, prefillTokensPerSecond: 5000, decodeSecondsPerToken: 0.02 },
          },
        ],
        fleets: [
          {
            name: 'own',
            models: ['claude-sonnet-4-5'],
            replica: 'llama-3.x-70b-fp8-2xh100',
            instance: 'p5.48xlarge',
            acceptedPercent: 80,
          },
        ],
      },
    });
    const simulation = await simulationOf(calls(days), {
      evidence: evidenceSettings(config),
      rewrites: rewrites(),
      levers: {
        moves: [{ from: 'claude-sonnet-4-5', to: 'claude-haiku-4-5', offer: { contextTokens: 100_000 } }],
        fleets: config.selfHosting.fleets,
      },
    });
    return simulationJson(simulation);
  };

  test('each field is described, with an interval and with a refusal', async () => {
    const fields = new Set([...fieldsOf(await answer(15)), ...fieldsOf(await answer(1))]);
    // from rows that only appear where something is found: the test would see nothing without them
    for (const name of [
      'saving_at_low',
      'blocked_by',
      'hit_tokens',
      'hits',
      'p95_wait_s',
      'few_days',
      'refused',
      'saved_by_repeats',
      'kept_back',
      'other_precisions',
      'crossover',
    ])
      expect(fields).toContain(name);
    const json = PAGE.slice(PAGE.indexOf('## JSON'), PAGE.indexOf('## Known limits'));
    expect([...fields].filter((name) => !json.includes(`\`${name}\``))).toEqual([]);
  });

  test('each lever and reason is named', () => {
    const reasons = ['no_cost', 'one_day', 'few_effective_calls', 'no_clusters'];
    expect([...LEVERS, ...reasons].filter((name) => !PAGE.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('keys of the config', () => {
  const section = (name: string): string => CONFIG.split(/^## /m).find((text) => text.startsWith(`${name}\n`)) ?? '';
  const replays = { prefixCache: { replays: [{ rule: 'radix' }] } };
  const moves = { modelChoice: [{ from: 'a', to: 'b' }] };

  test('simulate: each is described with its default', () => {
    const { prefixCache, modelChoice, ...rest } = simulateSchema.parse({ ...replays, ...moves });
    const text = section('simulate');
    const replay = prefixCache.replays[0];
    const move = modelChoice[0];
    const rows = [...Object.entries(replay ?? {}), ['from', move?.from], ['to', move?.to]] as const;
    expect(rows).toHaveLength(10);
    for (const [key, value] of rows) {
      const row = text.split('\n').find((line) => line.startsWith(`| \`${key}\` |`)) ?? '';
      const isRequired = ['rule', 'from', 'to'].includes(key);
      expect([key, row.split('|')[2]?.trim().replaceAll('`', '')]).toEqual([key, isRequired ? 'required' : `${value}`]);
    }
    for (const [key, parameter] of Object.entries(MOVE_PARAMETERS))
      expect(text).toContain(`| \`${key}\` | parameter \`${parameter}\` |`);
    for (const key of Object.keys({ prefixCache, modelChoice, ...rest })) expect(text).toContain(`\`${key}`);
    expect(text).toContain(`| \`exactCache.ttlSeconds\` | ${rest.exactCache.ttlSeconds.join(', ')} |`);
    for (const key of ['servers', 'baseSeconds', 'prefillTokensPerSecond', 'decodeSecondsPerToken'])
      expect(text).toContain(`\`${key}\``);
  });

  test('simulate: what a router, a cascade and an offer may hold is described', () => {
    const whole = simulateSchema.parse({
      modelChoice: [
        {
          from: 'a',
          to: 'b',
          router: {
            recoveredQualityPercent: 80,
            curve: [
              [0, 0],
              [1, 1],
            ],
            curveSource: 's',
          },
          cascade: { escalatedPercent: 1, judgeUsd: '0' },
          offer: { contextTokens: 1, maximumOutputTokens: 1, tools: true, modalities: ['text'], regions: ['eu'] },
        },
      ],
    });
    const { router, cascade, offer } = whole.modelChoice[0] ?? {};
    const rows = Object.entries({ router, cascade, offer }).map(([key, value]) => {
      const row =
        section('simulate')
          .split('\n')
          .find((line) => line.startsWith(`| \`${key}\` |`)) ?? '';
      return Object.keys(value ?? {}).filter((inner) => !row.includes(`\`${inner}\``));
    });
    expect(rows).toEqual([[], [], []]);
    expect(section('simulate')).toContain(`parameter \`${ROUTER_PARAMETER}\``);
  });

  test('simulate: the default replays are those described', () => {
    const told = simulateSchema
      .parse({})
      .prefixCache.replays.map((replay) => [
        replay.rule,
        replay.ttlSeconds,
        replay.minimumTokens,
        replay.incrementTokens,
        replay.writeMultiplier,
      ]);
    expect(told).toEqual([
      ['radix', null, 0, 1, 0],
      ['radix', 300, 1024, 128, 0],
      ['breakpoint', 300, 1024, 1, 1.25],
      ['breakpoint', 3600, 1024, 1, 2],
    ]);
  });

  test('commitments: each is described', () => {
    const text = section('commitments');
    expect(Object.keys(commitmentSchema.shape).filter((key) => !text.includes(`\`${key}\``))).toEqual([]);
    expect(commitmentSchema.shape.kind.options.filter((kind) => !text.includes(`\`${kind}\``))).toEqual([]);
  });
});

describe('numbers of the page', () => {
  test('late batches', () => {
    const parameters = parametersWith();
    const turnaround = {
      medianMs: parameters.valueOf('batch.turnaround_median_s') * 1000,
      sigma: parameters.valueOf('batch.turnaround_sigma'),
    };
    const percent = (hours: number): string => (100 * lateProbability(hours * 3_600_000, turnaround)).toPrecision(3);
    expect([percent(24), percent(4)]).toEqual(['0.0741', '1.75']);
    expect(PAGE).toContain('0.074 % at 24 hours (1.75 % at 4)');
  });

  test('when writing to a prompt cache pays', () => {
    const [read, fiveMinutes, hour] = [0.1, 1.25, 2];
    const reads = (write: number): string => ((write - 1) / (1 - read)).toFixed(2);
    const words = PAGE.replaceAll(/\s+/g, ' ');
    expect(words).toContain(`that is ${reads(fiveMinutes)} (w 1.25, f 0.1) or ${reads(hour)} (w 2)`);
    const costs = (cost: (reads: number) => number): string =>
      [1, 2, 3].map((n) => Number(cost(n).toFixed(2))).join(', ');
    expect(words).toContain(
      `without ${costs((n) => 1 + n)}; written anew each time for five minutes ${costs((n) => fiveMinutes * (1 + n))}`,
    );
    expect(words).toContain(`for an hour ${costs((n) => hour + n * read)}.`);
  });

  test('labels of a semantic cache', () => {
    expect(clopperPearsonUpper({ hits: 0, trials: 299 })).toBeLessThanOrEqual(0.01);
    expect(clopperPearsonUpper({ hits: 0, trials: 298 })).toBeGreaterThan(0.01);
  });

  test('the minimum spend of the example', () => {
    const group = { provider: 'p', account: null, model: 'm', baselinePico: 1_200n * 10n ** 12n };
    const terms = {
      id: 'a',
      provider: 'p',
      kind: 'spend',
      amount: '3100',
      from: '2026-10-01',
      to: '2026-11-01',
    } as const;
    const period = { from: '2026-10-01', to: '2026-10-10' };
    const [cash] = cashSavings([{ ...group, savingPico: 500n * 10n ** 12n }], [terms], period);
    expect(cash).toEqual({ cashPico: 200n * 10n ** 12n, blockedBy: ['a'] });
  });

  test('hosted images', () => {
    const [h100, l40s] = [6.88, 1.861].map((pricePerHourUsd) => ({ pricePerHourUsd, utilization: 0.4, batchGain: 1 }));
    if (h100 === undefined || l40s === undefined) throw new Error('two hosts');
    expect(hostedImageUsd(28 / 11.5, h100).toFixed(4)).toBe('0.0116');
    expect(hostedImageUsd(5.5, l40s).toFixed(4)).toBe('0.0071');
    expect(imageCrossoverPerDay(5.5, l40s, 0.03, 0)).toBe(1_489);
    expect(Math.floor(imagesPerHour(5.5, l40s) * 24)).toBe(6_283);
  });
});
