/**
 * The price book: shipped files plus the owner's overlays, read provider by provider when first asked. In: texts of the CSV
 * files, checked overlays. Out: models with their prices, the rows for the `prices` table, a version for the stamp.
 * Invariant: the same texts and overlays give the same version and the same prices, in whatever order they are asked.
 */
import { createHash } from 'node:crypto';
import { Misconfigured } from '../errors.ts';
import {
  parseAliases,
  parseModelFacts,
  parsePriceRows,
  type Alias,
  type BookText,
  type ModelFacts,
} from './book-text.ts';
import type { Match } from './match.ts';
import { indexModel, type ModelPrices } from './model-prices.ts';
import type { PriceRow } from './price-row.ts';
import { publisherOf } from './publisher.ts';

export interface PriceBook {
  readonly texts: readonly BookText[];
  readonly overlays: readonly Overlay[];
  /** owner's deployments by `provider/name` */
  readonly deployments: ReadonlyMap<string, readonly Alias[]>;
  readonly hasDeployments: boolean;
  /** providers read so far; null = the book has none of this name */
  readonly providers: Map<string, ProviderBook | null>;
  /** remembered matches by provider and reported id */
  readonly matches: Map<string, Map<string, Match | null>>;
  readonly shared: () => { aliases: ReadonlyMap<string, readonly Alias[]>; facts: ReadonlyMap<string, ModelFacts> };
  readonly version: () => string;
}

/** The owner's additions, checked (overlay.ts). */
export interface Overlay {
  readonly name: string;
  readonly text: string;
  readonly rows: readonly PriceRow[];
  readonly aliases: readonly Alias[];
  readonly deployments: readonly Alias[];
}

export interface ProviderBook {
  /** model by exact id; letter case may differ only if no other id is spelled so */
  readonly model: (id: string) => ModelPrices | null;
  /** Bedrock: model by id without or with another version suffix, where only one model has it */
  readonly stem: (id: string) => ModelPrices | null;
  readonly isDated: (id: string) => boolean;
  readonly aliases: ReadonlyMap<string, readonly Alias[]>;
  readonly rows: readonly PriceRow[];
}

/** Makes a book from the texts of the shipped files. Throws `Misconfigured` if a needed file is missing. */
export function loadBook(texts: readonly BookText[]): PriceBook {
  return newBook(texts, []);
}

/** The book with the owner's overlays on top: their rows win in their validity, their models, aliases and deployments are added. */
export function overlayBook(book: PriceBook, overlays: readonly Overlay[]): PriceBook {
  return newBook(book.texts, [...book.overlays, ...overlays]);
}

function newBook(texts: readonly BookText[], overlays: readonly Overlay[]): PriceBook {
  const deployments = new Map<string, Alias[]>();
  for (const alias of overlays.flatMap((overlay) => overlay.deployments)) {
    const key = `${alias.provider}/${alias.alias}`;
    deployments.set(key, [...(deployments.get(key) ?? []), alias]);
  }
  return {
    texts,
    overlays,
    deployments,
    hasDeployments: deployments.size > 0,
    providers: new Map(),
    matches: new Map(),
    shared: once(() => ({
      aliases: parseAliases(textNamed(texts, 'aliases.csv')),
      facts: parseModelFacts(textNamed(texts, 'models.csv')),
    })),
    version: once(() => versionOf(texts, overlays)),
  };
}

function textNamed(texts: readonly BookText[], name: string): string {
  const file = texts.find((text) => text.name === name);
  if (file === undefined)
    throw new Misconfigured(`price book: file ${name} is missing`, { hint: 'reinstall the package' });
  return file.text;
}

function once<T>(make: () => T): () => T {
  let value: { readonly made: T } | null = null;
  return () => (value ??= { made: make() }).made;
}

/** Short stable hash of everything that decides a price: shipped texts and overlays. Part of every row's stamp. */
export function bookVersion(book: PriceBook): string {
  return book.version();
}

function versionOf(texts: readonly BookText[], overlays: readonly Overlay[]): string {
  const hash = createHash('sha256');
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  for (const { name, text } of [...texts].sort(byName)) hash.update(`${name}\0${text}\0`);
  for (const { name, text } of overlays) hash.update(`own:${name}\0${text}\0`);
  return hash.digest('hex').slice(0, 12);
}

/** A provider's part of the book, or null if there is none of this name. */
export function providerBook(book: PriceBook, provider: string): ProviderBook | null {
  let own = book.providers.get(provider);
  if (own === undefined) {
    own = readProvider(book, provider);
    if (book.providers.size < 1000) book.providers.set(provider, own);
  }
  return own;
}

function readProvider(book: PriceBook, provider: string): ProviderBook | null {
  const file = book.texts.find((text) => text.name === `${provider}.csv` && !SHARED_FILES.has(text.name));
  const owners = book.overlays.flatMap((overlay) => overlay.rows).filter((row) => row.provider === provider);
  if (file === undefined && owners.length === 0) return null;
  const rows = [...(file === undefined ? [] : parsePriceRows(file)), ...owners];
  const { aliases, facts } = book.shared();
  const byModel = new Map<string, PriceRow[]>();
  for (const row of rows) {
    const list = byModel.get(row.model);
    if (list) list.push(row);
    else byModel.set(row.model, [row]);
  }
  const model = lazyModels(provider, byModel, facts);
  const named = new Map<string, Alias[]>();
  const ownAliases = book.overlays.flatMap((overlay) => overlay.aliases).filter((alias) => alias.provider === provider);
  for (const alias of [...ownAliases, ...(aliases.get(provider) ?? [])]) {
    named.set(alias.alias, [...(named.get(alias.alias) ?? []), alias]);
  }
  const stems = provider === 'bedrock' ? uniqueStems(byModel.keys()) : new Map<string, string | null>();
  const spelledAs = (id: string): string | null => stems.get(bedrockStem(id)) ?? null;
  return {
    model,
    stem: (id) => {
      const spelled = stems.size === 0 ? null : spelledAs(id);
      return spelled === null ? null : model(spelled);
    },
    isDated: (id) => facts.get(`${provider}/${id}`)?.isDated === true,
    aliases: named,
    rows,
  };
}

const SHARED_FILES = new Set(['aliases.csv', 'models.csv']);

function lazyModels(
  provider: string,
  byModel: ReadonlyMap<string, readonly PriceRow[]>,
  facts: ReadonlyMap<string, ModelFacts>,
): (id: string) => ModelPrices | null {
  const lowered = new Map<string, string | null>();
  for (const id of byModel.keys()) lowered.set(id.toLowerCase(), lowered.has(id.toLowerCase()) ? null : id);
  const made = new Map<string, ModelPrices>();
  const make = (id: string): ModelPrices | null => {
    const spelled = byModel.has(id) ? id : (lowered.get(id.toLowerCase()) ?? null);
    if (spelled === null) return null;
    let model = made.get(spelled);
    if (model === undefined) {
      const wide = spelled === '*' ? null : make('*');
      const releasedMs = facts.get(`${provider}/${spelled}`)?.releasedMs ?? null;
      model = indexModel(provider, spelled, byModel.get(spelled) ?? [], { releasedMs }, wide);
      made.set(spelled, model);
    }
    return model;
  };
  return (id) => (id === '*' ? null : make(id));
}

/** A Bedrock id without its version (`anthropic.claude-opus-4-6-v1:0` → `anthropic.claude-opus-4-6`). */
function bedrockStem(id: string): string {
  return id.replace(/(-v\d+)?(:\d+)?$/, '');
}

function uniqueStems(ids: Iterable<string>): Map<string, string | null> {
  const stems = new Map<string, string | null>();
  for (const id of ids) {
    const stem = bedrockStem(id);
    stems.set(stem, stems.has(stem) ? null : id);
  }
  return stems;
}

/** One row of the `prices` table. */
export interface PriceTableRow {
  readonly price_id: string;
  readonly provider: string;
  readonly publisher: string | null;
  readonly model: string;
  readonly region_scope: string | null;
  readonly meter: string;
  readonly service_tier: string;
  readonly context_band: string | null;
  readonly time_window: string | null;
  readonly currency: 'USD';
  readonly unit: string;
  readonly value: string;
  readonly valid_from: number | null;
  readonly valid_to: number | null;
  readonly source: string;
  readonly confidence: string;
  readonly note: string | null;
}

/** Every row of the book, overlays included, by provider name; instants in UTC ms, null = open. */
export function* bookRows(book: PriceBook): Generator<PriceTableRow> {
  const names = new Set(
    book.texts.filter((text) => !SHARED_FILES.has(text.name)).map((text) => text.name.replace(/\.csv$/, '')),
  );
  for (const row of book.overlays.flatMap((overlay) => overlay.rows)) names.add(row.provider);
  for (const provider of [...names].sort()) {
    for (const row of providerBook(book, provider)?.rows ?? []) {
      yield {
        price_id: row.id,
        provider: row.provider,
        publisher: publisherOf(row.model),
        model: row.model,
        region_scope: row.region || null,
        meter: row.meter,
        service_tier: row.tier,
        context_band: row.band || null,
        time_window: row.window || null,
        currency: 'USD',
        unit: row.unit,
        value: row.value,
        valid_from: Number.isFinite(row.fromMs) ? row.fromMs : null,
        valid_to: Number.isFinite(row.toMs) ? row.toMs : null,
        source: row.source,
        confidence: row.confidence,
        note: row.note || null,
      };
    }
  }
}
