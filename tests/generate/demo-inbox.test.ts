import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '../../lib/config.ts';
import { Misconfigured } from '../../lib/errors.ts';
import { demoDays, demoEndDay, demoNowMs } from '../../lib/generate/demo-calendar.ts';
import { DEMO, demoConfig } from '../../lib/generate/demo-config.ts';
import { PLANTED, demoInbox } from '../../lib/generate/demo-inbox.ts';

const END = '2026-11-22';
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test reads foreign JSON
type Json = any;

let objects: Map<string, Buffer>;
beforeAll(() => {
  objects = new Map([...demoInbox({ seed: 1, endDay: END })].map(({ key, bytes }) => [key, Buffer.from(bytes)]));
});

const day = (index: number): string => demoDays(END)[index]?.day ?? '';
const text = (key: string): string => {
  const bytes = objects.get(key);
  if (bytes === undefined) throw new Error(`no object ${key}`);
  return (key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
};
const lines = (key: string): Json[] =>
  text(key)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const keys = (prefix: string): string[] => [...objects.keys()].filter((key) => key.startsWith(prefix));
const folders = (): string[] => [...new Set([...objects.keys()].map((key) => key.slice(0, key.indexOf('/'))))];

describe('the calendar', () => {
  test.each([
    ['2026-11-24T10:00:00Z', '2026-11-22'],
    ['2026-11-23T00:00:00Z', '2026-11-22'],
    ['2026-11-22T23:59:59Z', '2026-11-15'],
    ['2026-11-28T00:00:00Z', '2026-11-22'],
  ])('at %s the last Sunday that is over is %s', (now, end) => {
    expect(demoEndDay(Date.parse(now))).toBe(end);
  });

  test('has five weeks from Monday to Sunday and is read on the Monday after', () => {
    const days = demoDays(END);
    expect(days).toHaveLength(35);
    expect(days.map((d) => new Date(d.startMs).getUTCDay()).slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 0]);
    expect([days[0]?.day, days[34]?.day]).toEqual(['2026-10-19', END]);
    expect(new Date(demoNowMs(END)).toISOString()).toBe('2026-11-23T06:00:00.000Z');
    expect(() => demoDays('2026-11-21')).toThrow(Misconfigured);
  });
});

describe('the demo inbox', () => {
  test('is the same for the same seed and day, another for another seed', () => {
    const again = new Map([...demoInbox({ seed: 1, endDay: END })].map(({ key, bytes }) => [key, Buffer.from(bytes)]));
    expect(again.size).toBe(objects.size);
    for (const [key, bytes] of again) expect([key, objects.get(key)?.equals(bytes)]).toEqual([key, true]);
    const [other] = demoInbox({ seed: 2, endDay: END });
    expect(objects.get(other?.key ?? '')?.equals(Buffer.from(other?.bytes ?? []))).toBe(false);
  });

  test('is small, has 25,000 to 40,000 calls of at least eight sources and days in its keys', () => {
    const bytes = [...objects.values()].reduce((sum, b) => sum + b.length, 0);
    expect(bytes).toBeLessThan(25_000_000);
    const logs = [...objects.keys()].filter(
      (key) => !/^(agents|codex|openai-usage|exports|openai-proxy)\//.test(key) && !key.includes('ffffffffffffffff'),
    );
    const calls = logs.reduce((sum, key) => sum + text(key).trimEnd().split('\n').length, 0);
    const agentCalls = keys('agents/').reduce(
      (sum, key) => sum + new Set(lines(key).flatMap((l) => (l.message.id ? [l.message.id] : []))).size,
      0,
    );
    expect(calls + agentCalls).toBeGreaterThan(25_000);
    expect(calls + agentCalls).toBeLessThan(40_000);
    expect(folders()).toEqual(
      expect.arrayContaining([
        'openai',
        'openai-responses',
        'openai-batches',
        'openai-usage',
        'anthropic',
        'bedrock',
        'litellm',
        'gemini',
        'nightly',
        'agents',
        'codex',
        'images',
      ]),
    );
    expect(
      [...objects.keys()].filter((key) => !/\d{4}(-?|\/)\d{2}(-?|\/)\d{2}/.test(key) && !key.startsWith('agents/')),
    ).toEqual([]);
  });

  test('weekends are quieter than weekdays, and one team grows in the last week', () => {
    const perDay = demoDays(END).map((d) => text(`openai/search/${d.day}.jsonl`).trimEnd().split('\n').length);
    const week = (n: number): number[] => perDay.slice(n * 7, n * 7 + 7);
    const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0);
    for (let n = 0; n < 5; n++) expect(Math.max(...week(n).slice(5))).toBeLessThan(Math.min(...week(n).slice(0, 5)));
    expect(sum(week(4)) / sum(week(3))).toBeGreaterThan(1.6);
    expect(sum(week(3)) / sum(week(2))).toBeLessThan(1.15);
  });

  test('one file is there twice under different names, byte for byte', () => {
    const [copy] = keys('exports/');
    expect(
      objects.get(copy ?? '')?.equals(objects.get(`openai/search/${day(PLANTED.duplicateExportDay)}.jsonl`) as Buffer),
    ).toBe(true);
  });

  test('the gateway and the provider log the same calls for five days', () => {
    expect(keys('openai-proxy/')).toHaveLength(PLANTED.proxyCopyDays.length);
    const d = day(PLANTED.proxyCopyDays[0]);
    const gateway = new Set(lines(`litellm/team=support/date=${d}/spend-logs.jsonl.gz`).map((l) => l.request_id));
    const provider = lines(`openai-proxy/${d}.jsonl`).map((l) => l.id);
    expect(provider.length).toBeGreaterThan(100);
    expect(provider.every((id) => gateway.has(id))).toBe(true);
  });

  test('the chatbot hears the same questions again, and some answers come from the gateway’s cache', () => {
    const all = keys('litellm/').flatMap(lines);
    const questions = all.map((l) => l.messages[1].content);
    expect(new Set(questions).size).toBeLessThan(all.length * 0.6);
    const hits = all.filter((l) => l.cache_hit === 'True');
    expect(hits.length).toBeGreaterThan(20);
    const asked = new Map(all.filter((l) => l.cache_hit === 'False').map((l) => [l.request_id, l]));
    expect(hits.every((l) => asked.get(l.request_id)?.messages[1].content === l.messages[1].content)).toBe(true);
  });

  test('a source falls silent four days before the end', () => {
    const growth = keys('anthropic/');
    expect(growth.at(-1)).toBe(`anthropic/growth/${day(PLANTED.silentFromDay - 1)}.jsonl`);
    expect(growth).toHaveLength(31);
    expect(35 - PLANTED.silentFromDay).toBe(4);
  });

  test('one gzip is cut and four lines of one file are broken', () => {
    const [cut] = keys('bedrock/').filter((key) => key.includes('ffffffffffffffff'));
    expect(() => text(cut ?? '')).toThrow(/unexpected end of file/);
    const damaged = text(`openai/search/${day(PLANTED.brokenLinesDay)}.jsonl`)
      .trimEnd()
      .split('\n');
    const bad = damaged.filter((line) => {
      try {
        const tokens = JSON.parse(line)?.usage?.prompt_tokens;
        return !(Number.isInteger(tokens) && tokens >= 0);
      } catch {
        return true;
      }
    });
    expect(bad).toHaveLength(4);
  });

  test('the provider’s page holds the logged OpenAI calls of a day and more', () => {
    const page = JSON.parse(text(`openai-usage/completions_${day(0)}_${day(6)}.json`));
    expect(page.data).toHaveLength(7);
    const requests = (model: string): number =>
      page.data[2].results
        .filter((r: Json) => r.model === model)
        .reduce((sum: number, r: Json) => sum + r.num_model_requests, 0);
    const search = lines(`openai/search/${day(2)}.jsonl`);
    const nightly = lines(`nightly/${day(2)}.jsonl.gz`);
    const support = lines(`litellm/team=support/date=${day(2)}/spend-logs.jsonl.gz`).filter(
      (l) => l.model === 'gpt-4o-mini' && l.cache_hit === 'False',
    );
    const rerank = search.filter((l) => l.model === 'gpt-4o-mini');
    expect(requests('gpt-5')).toBe(search.length - rerank.length);
    const unlogged = requests('gpt-4o') - nightly.length + requests('gpt-4o-mini') - rerank.length - support.length;
    expect(unlogged).toBe(PLANTED.unloggedRequestsADay);
  });

  test('agents read long prefixes from the cache, on the API and on seats', () => {
    for (const folder of [DEMO.apiAgents, DEMO.seatAgents]) {
      const usage = keys(folder)
        .flatMap(lines)
        .flatMap((l) => (l.message.usage && l.message.stop_reason ? [l.message.usage] : []));
      expect(usage.length).toBeGreaterThan(1_000);
      const sum = (name: string): number => usage.reduce((total: number, u: Json) => total + u[name], 0);
      expect(sum('cache_read_input_tokens')).toBeGreaterThan(
        10 * (sum('input_tokens') + sum('cache_creation_input_tokens')),
      );
    }
    expect(keys('codex/').length).toBeGreaterThan(40);
  });

  test('some prompts lie in the higher context band, some hold audio, one model is unknown, pictures are made', () => {
    const gemini = keys('gemini/')
      .flatMap(lines)
      .map((l) => l.response);
    const long = gemini.filter((r) => r.usageMetadata.promptTokenCount > 200_000);
    // two documents on each of 35 days
    expect(long).toHaveLength(70);
    expect(long.every((r) => r.modelVersion === 'gemini-2.5-pro')).toBe(true);
    expect(gemini.some((r) => r.usageMetadata.promptTokensDetails.some((d: Json) => d.modality === 'AUDIO'))).toBe(
      true,
    );
    expect(
      keys('labs/')
        .flatMap(lines)
        .every((l) => l.model === DEMO.unknownModel),
    ).toBe(true);
    expect(
      keys('images/')
        .flatMap(lines)
        .every((l) => l.response.usage.output_tokens > 0 && l.request.model === 'gpt-image-1'),
    ).toBe(true);
  });

  test('the nightly job could wait and shares its first blocks', () => {
    const nightly = lines(`nightly/${day(0)}.jsonl.gz`);
    expect(
      nightly.every(
        (l) => l.deadline_seconds === 28_800 && l.tags.job === DEMO.nightlyJob && l.timestamp.slice(11, 13) < '04',
      ),
    ).toBe(true);
    expect(new Set(nightly.map((l) => l.prompt_blocks.slice(0, 9).join())).size).toBe(1);
    expect(new Set(nightly.map((l) => l.prompt_blocks[9])).size).toBe(nightly.length);
    expect(nightly.every((l) => l.prompt_blocks.length * 128 === l.input_tokens)).toBe(true);
  });
});

describe('the demo’s config', () => {
  test('is valid and changes with the days it names', () => {
    const config = parseConfig(JSON.stringify(demoConfig(END)), 'demo');
    expect(config.attribution.rules.find((r) => r.id === 'labs-joined-research')?.from).toBe('2026-11-09');
    expect(config.rates[0]?.from).toBe('2026-11-02');
  });

  test('names only folders, tags, roles and teams that the inbox holds', () => {
    expect(keys(DEMO.apiAgents).length).toBeGreaterThan(50);
    expect(keys(DEMO.seatAgents).length).toBeGreaterThan(50);
    expect(lines(keys('bedrock/')[0] ?? '')[0].identity.arn).toContain(`/${DEMO.financeRole}/`);
    expect(lines(keys('anthropic/')[0] ?? '')[0].team).toBe(DEMO.growthAlias);
    expect(lines(keys('document-index/')[0] ?? '')[0].team).toBe(DEMO.sharedTeam);
    expect(lines(keys('labs/')[0] ?? '')[0].team).toBe(DEMO.labsTeam);
  });
});
