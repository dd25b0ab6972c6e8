import { expect, test } from 'vitest';
import { newCall } from '../../lib/generate/generated-call.ts';
import { createUsageMeter } from '../../lib/generate/usage-page.ts';

const AT = Date.UTC(2026, 9, 5, 23, 59, 59, 999);
const call = (startedAtMs: number, inputTokens: number, tier: 'standard' | 'batch' | 'flex' = 'standard') =>
  newCall({ idHex: '', startedAtMs, model: 'gpt-5', inputTokens, cacheReadTokens: 10, outputTokens: 3, tier });

test('a page has one bucket a day and one result per model and tier, input including cache', () => {
  const meter = createUsageMeter();
  [call(AT, 100), call(AT - 1000, 50), call(AT, 7, 'batch'), call(AT + 1, 1, 'flex')].forEach((c) => meter.add(c));
  const page = JSON.parse(meter.page(['2026-10-05', '2026-10-06', '2026-10-07']));
  expect(page).toMatchObject({ object: 'page', has_more: false });
  expect(
    page.data.map((b: { start_time: number; end_time: number; results: unknown[] }) => [
      b.start_time,
      b.end_time,
      b.results.length,
    ]),
  ).toEqual([
    [1791158400, 1791244800, 2],
    [1791244800, 1791331200, 1],
    [1791331200, 1791417600, 0],
  ]);
  const [batch, standard] = page.data[0].results;
  // 100 + 50 fresh and two times 10 cached
  expect(standard).toMatchObject({
    num_model_requests: 2,
    input_tokens: 170,
    input_cached_tokens: 20,
    input_uncached_tokens: 150,
    output_tokens: 6,
  });
  expect(standard).toMatchObject({ batch: false, service_tier: 'default', model: 'gpt-5', project_id: null });
  expect(batch).toMatchObject({ num_model_requests: 1, input_tokens: 17, batch: true });
  expect(page.data[1].results[0]).toMatchObject({ service_tier: 'flex', batch: false, input_tokens: 11 });
});
