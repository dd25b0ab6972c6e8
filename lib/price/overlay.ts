/**
 * The owner's price files (config `prices.overlays`): own prices, new models, aliases, Azure deployments. In: a file's text and
 * name. Out: a checked `Overlay`. Invariant: nothing unchecked reaches the book; errors name the path in the file, not values.
 */
import * as z from 'zod';
import { Misconfigured } from '../errors.ts';
import { parseJsonText } from '../json-text.ts';
import { fromIso } from '../time.ts';
import type { Alias } from './book-text.ts';
import { METERS } from './meters.ts';
import type { Overlay } from './price-book.ts';
import { priceRow, UNIT_NAMES } from './price-row.ts';
import { bookProvider } from './provider-name.ts';
import { compileWindow } from './time-window.ts';

const OVERLAY_METERS = [...METERS, 'cache_write', 'batch_multiplier', 'speed_multiplier', 'region_multiplier'] as const;
const TIERS = ['standard', 'batch', 'flex', 'priority', 'fast', 'ultrafast', 'provisioned'] as const;

const date = z.string().refine((text) => fromIso(text) !== null, 'must be an ISO date or time in UTC');
const decimal = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,15})?$/, 'must be decimal text, not a number (money is never a float)');
const id = z.string().min(1).max(256).regex(/^\S+$/, 'must not hold spaces');

const price = z.strictObject({
  provider: id,
  model: id,
  meter: z.enum(OVERLAY_METERS),
  value: decimal,
  unit: z.enum(UNIT_NAMES as [string, ...string[]]).optional(),
  tier: z.enum(TIERS).optional(),
  region: z.string().max(64).optional(),
  band: z
    .string()
    .regex(/^(>\d+|[a-z]+=\S+)$/, 'must look like >200000 or quality=hd;size=1024x1024')
    .optional(),
  window: z.string().max(200).optional(),
  from: date.optional(),
  to: date.optional(),
  source: z.string().max(200).optional(),
  confidence: z.enum(['high', 'medium', 'low']).optional(),
  note: z.string().max(500).optional(),
});

const alias = z.strictObject({ provider: id, alias: id, model: id, from: date.optional(), to: date.optional() });
const deployment = z.strictObject({
  provider: id.default('azure'),
  deployment: id,
  model: id,
  region: z.string().max(64).optional(),
  from: date.optional(),
  to: date.optional(),
});

/** The shape of an overlay file, for the JSON Schema and the docs. */
export const overlaySchema = z.strictObject({
  $schema: z.string().optional(),
  prices: z.array(price).default([]),
  aliases: z.array(alias).default([]),
  deployments: z.array(deployment).default([]),
});

/** Reads one overlay file. Throws `Misconfigured` naming the file, the path inside it and what is valid there. */
export function parseOverlay(name: string, text: string): Overlay {
  const json = parseJsonText(name, text, 'an object with prices, aliases and deployments');
  const checked = overlaySchema.safeParse(json);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    throw new Misconfigured(`${name}: ${pathText(issue?.path ?? [])}: ${issue?.message ?? 'is not valid'}`);
  }
  const { prices, aliases, deployments } = checked.data;
  return {
    name,
    text,
    rows: prices.map((row, i) => rowOf(row, `${name}: prices[${i}]`)),
    aliases: aliases.map((entry, i) => aliasOf(entry.provider, entry.alias, entry, null, `${name}: aliases[${i}]`)),
    deployments: deployments.map((entry, i) =>
      aliasOf(entry.provider, entry.deployment, entry, entry.region ?? null, `${name}: deployments[${i}]`),
    ),
  };
}

function pathText(path: readonly PropertyKey[]): string {
  return (
    path.reduce<string>(
      (text, key) =>
        typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
      '',
    ) || 'top level'
  );
}

const UNIT_OF: Readonly<Record<string, string>> = {
  web_search: 'per_1k_requests',
  rerank: 'per_1k_requests',
  image: 'per_image',
  audio_duration: 'per_minute',
  tts_characters: 'per_1M_characters',
  batch_multiplier: 'ratio',
  speed_multiplier: 'ratio',
  region_multiplier: 'ratio',
};

function rowOf(row: z.infer<typeof price>, where: string): Overlay['rows'][number] {
  if (row.window !== undefined) {
    try {
      compileWindow(row.window);
    } catch (error) {
      throw new Misconfigured(`${where}.window: ${error instanceof Error ? error.message : 'is not valid'}`);
    }
  }
  const draft = {
    ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)),
    provider: bookProvider(row.provider) ?? row.provider,
    model: row.model,
    meter: row.meter,
    value: row.value,
    unit: row.unit ?? UNIT_OF[row.meter] ?? 'per_1M_tokens',
    basis: 'owner',
    source: row.source ?? 'owner',
    confidence: row.confidence ?? 'high',
  };
  return priceRow(draft, where, true);
}

function aliasOf(
  provider: string,
  name: string,
  entry: { readonly model: string; readonly from?: string | undefined; readonly to?: string | undefined },
  region: string | null,
  where: string,
): Alias {
  const fromMs = entry.from === undefined ? -Infinity : (fromIso(entry.from) ?? -Infinity);
  const toMs = entry.to === undefined ? Infinity : (fromIso(entry.to) ?? Infinity);
  if (toMs <= fromMs) throw new Misconfigured(`${where}.to: must be after from`);
  return {
    provider: bookProvider(provider) ?? provider,
    alias: name,
    model: entry.model,
    fromMs,
    toMs,
    source: 'owner',
    region,
  };
}
