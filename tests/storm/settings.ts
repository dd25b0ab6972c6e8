/**
 * Two price books and two sets of rules, and the two readers: what a storm changes midway. In: which of them is in force. Out: the tools of a
 * pass, made of the real parts, and prices for the independent model. Invariant: equal settings give equal stamps.
 */
import { vocabularyBytes } from '../../lib/adapters/local/vocabulary-files.ts';
import { createTextCounters } from '../../lib/count/text-counter.ts';
import { createPrivacy } from '../../lib/attribute/privacy.ts';
import { createAttributor } from '../../lib/attribute/rules.ts';
import { parseConfig } from '../../lib/config.ts';
import { keyedNames } from '../../lib/identity.ts';
import { peelEnvelope } from '../../lib/ingest/envelope.ts';
import { createNormalizer } from '../../lib/normalize/registry.ts';
import type { Normalized, Normalizer } from '../../lib/normalize/registry.ts';
import type { PassTools } from '../../lib/object-pass.ts';
import { priceRecord } from '../../lib/price/cost.ts';
import { bookVersion, loadBook } from '../../lib/price/price-book.ts';
import { signature } from '../../lib/seal/derived.ts';

export type Variant = 'first' | 'second';

/** What the independent model must know of the settings in force. */
export interface Settings {
  readonly variant: Variant;
  readonly hasRule: boolean;
  readonly stamp: string;
}

/** The rule of the second variant: this user's calls belong to this team. */
export const RULE_USER = 'u1';
export const RULE_TEAM = 'platform';

type Meter = 'input' | 'read' | 'write' | 'output';
type Rates = Readonly<Record<Meter, string>>;

/** How a call was served, as the ledger names it. */
export type Tier = 'standard' | 'batch' | 'priority';

/**
 * USD per million tokens, as text, so that nothing is rounded. No model has more than two tiers: a call whose log does not know its tier is
 * set against the day's other tier, and with two of them that is no choice of the ledger.
 */
const PRICES: Readonly<Record<string, Readonly<Partial<Record<Tier, Rates>>>>> = {
  'gpt-4o-mini': {
    standard: { input: '0.15', read: '0.075', write: '0', output: '0.6' },
    priority: { input: '0.25', read: '0.125', write: '0', output: '1' },
  },
  'gpt-4o': {
    standard: { input: '2.5', read: '1.25', write: '0', output: '10' },
    batch: { input: '1.25', read: '0.625', write: '0', output: '5' },
  },
  'claude-sonnet-4-5': { standard: { input: '3', read: '0.3', write: '3.75', output: '15' } },
};
/** The second variant has one other price. */
const CHANGED = { model: 'gpt-4o-mini', meter: 'input', tier: 'standard', usd: '0.18' } as const;

/** The tiers that a model is served at, the standard one first. */
export const tiersOf = (model: string): readonly Tier[] => Object.keys(PRICES[model] ?? {}) as Tier[];
const METER_NAMES: Readonly<Record<Meter, string>> = {
  input: 'input',
  read: 'cached_input',
  write: 'cache_write_5m',
  output: 'output',
};

function usdPerMillion(model: string, meter: Meter, tier: Tier, variant: Variant): string {
  const isChanged = model === CHANGED.model && meter === CHANGED.meter && tier === CHANGED.tier;
  if (variant === 'second' && isChanged) return CHANGED.usd;
  return PRICES[model]?.[tier]?.[meter] ?? '0';
}

/** Picodollars per token: a millionth of a dollar per token is 10⁶ of them. */
export function pricePico(model: string, meter: Meter, tier: Tier, settings: Settings): bigint {
  const [whole = '0', fraction = ''] = usdPerMillion(model, meter, tier, settings.variant).split('.');
  return BigInt(whole + fraction.padEnd(6, '0'));
}

function bookTexts(variant: Variant): { name: string; text: string }[] {
  const header = 'model,region,meter,tier,band,window,unit,value,from,to,basis,source,confidence,note';
  const rows = (models: readonly string[]): string =>
    models
      .flatMap((model) =>
        (Object.keys(METER_NAMES) as Meter[])
          .filter((meter) => meter !== 'write' || model.startsWith('claude'))
          .flatMap((meter) => tiersOf(model).map((tier) => priceLine(model, meter, tier, variant))),
      )
      .join('\n');
  return [
    { name: 'openai.csv', text: `${header}\n${rows(['gpt-4o-mini', 'gpt-4o'])}\n` },
    { name: 'anthropic.csv', text: `${header}\n${rows(['claude-sonnet-4-5'])}\n` },
    { name: 'aliases.csv', text: 'provider,alias,model,source\n' },
    { name: 'models.csv', text: 'provider,model,released,dated\n' },
  ];
}

/** A row of the book; the standard tier is not named in it. */
function priceLine(model: string, meter: Meter, tier: Tier, variant: Variant): string {
  const usd = usdPerMillion(model, meter, tier, variant);
  return `${model},,${METER_NAMES[meter]},${tier === 'standard' ? '' : tier},,,,${usd},,,unknown,storm,high,`;
}

/** Everything of one variant; compiled once per process. */
export interface Compiled extends Settings {
  /** the tools of a pass; `reader` 1 is an older program that miscounts output */
  readonly tools: (reader: number) => PassTools;
}

export function compileSettings(variant: Variant): Compiled {
  const rules = variant === 'first' ? [] : [{ id: 'moved', match: { user: RULE_USER }, set: { team: RULE_TEAM } }];
  const config = parseConfig(JSON.stringify({ attribution: { rules } }), 'storm.json');
  const book = loadBook(bookTexts(variant));
  const attributor = createAttributor(config);
  const bytes = new Uint8Array(32).fill(7);
  const stamp = signature([bookVersion(book), attributor.version]).slice(0, 16);
  return {
    variant,
    hasRule: rules.length > 0,
    stamp,
    tools: (reader) => ({
      counters: createTextCounters(vocabularyBytes),
      normalizer: () => (reader === 1 ? miscounting(createNormalizer(peelEnvelope)) : createNormalizer(peelEnvelope)),
      price: (record, occurredAtMs) => priceRecord(book, record, occurredAtMs),
      attributor,
      privacy: createPrivacy('keep', keyedNames(bytes)),
      limits: { maxLineBytes: 1 << 20, maxInflatedBytes: 1 << 26, maxInflateRatio: 400 },
      hashKey: { id: 'storm', bytes },
      stamp,
    }),
  };
}

/** A reader with a defect that the next version mends: it loses a tenth of the output. */
function miscounting(normalizer: Normalizer): Normalizer {
  return {
    finish: (object) => normalizer.finish(object),
    normalizeLine(line, context, header): Normalized {
      const normalized = normalizer.normalizeLine(line, context, header);
      if (normalized.outcome.kind !== 'usage') return normalized;
      const records = normalized.outcome.records.map((record) => ({
        ...record,
        outputTokens: record.grain === 'call' ? Math.floor(record.outputTokens * 0.9) : record.outputTokens,
      }));
      return { ...normalized, outcome: { ...normalized.outcome, records } };
    },
  };
}
