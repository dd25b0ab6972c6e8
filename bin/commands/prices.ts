/** `prices`: what the book says of a model at a day, with source and confidence; without a model, which models it knows. */
import { Misconfigured } from '../../lib/errors.ts';
import { bookRows } from '../../lib/price/price-book.ts';
import { fromIso } from '../../lib/time.ts';
import { loadConfig, loadPrices } from '../config-files.ts';
import { formatRows } from '../rows-text.ts';

export async function prices(
  model: string | undefined,
  options: { at?: string; provider?: string; config?: string; format: string },
): Promise<void> {
  const { config, folder } = await loadConfig(options.config);
  const { book } = await loadPrices(config, folder);
  const atMs = options.at === undefined ? Date.now() : fromIso(options.at);
  if (atMs === null) throw new Misconfigured(`--at ${options.at}: must be a day such as 2026-11-01`);
  const wanted = model?.toLowerCase();
  const rows = [...bookRows(book)].filter(
    (row) =>
      (wanted === undefined || row.model.toLowerCase().includes(wanted)) &&
      (options.provider === undefined || row.provider === options.provider) &&
      (row.valid_from === null || row.valid_from <= atMs) &&
      (row.valid_to === null || row.valid_to > atMs),
  );
  if (rows.length === 0) {
    throw new Misconfigured(
      `the price book has no row for ${model ?? 'this selection'} at ${new Date(atMs).toISOString().slice(0, 10)}`,
      {
        hint: 'see all with: inference-ledger prices; add your own: docs/prices.md',
      },
    );
  }
  const day = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString().slice(0, 10));
  const shown = rows.map((row) => ({
    provider: row.provider,
    model: row.model,
    meter: row.meter,
    tier: row.service_tier,
    region: row.region_scope,
    band: row.context_band,
    window: row.time_window,
    usd: row.value,
    unit: row.unit,
    valid_from: day(row.valid_from),
    valid_to: day(row.valid_to),
    confidence: row.confidence,
    source: row.source,
    ...(options.format === 'json' ? { price_id: row.price_id, note: row.note } : {}),
  }));
  process.stdout.write(
    wanted === undefined && options.format === 'table' ? modelList(shown) : formatRows(shown, options.format),
  );
}

function modelList(
  rows: readonly {
    provider: string;
    model: string;
    meter: string;
    tier: string;
    usd: string;
    region: string | null;
    band: string | null;
  }[],
): string {
  const models = new Map<string, { provider: string; model: string; input: string | null; output: string | null }>();
  for (const row of rows) {
    const key = `${row.provider}\n${row.model}`;
    const entry = models.get(key) ?? { provider: row.provider, model: row.model, input: null, output: null };
    models.set(key, entry);
    if (row.tier !== 'standard' || row.band !== null) continue;
    if (row.meter === 'input') entry.input ??= row.usd;
    if (row.meter === 'output') entry.output ??= row.usd;
  }
  return formatRows([...models.values()], 'table');
}
