/**
 * Which model of the book a reported model id is (pitfall 17–19). In: a provider and an id as logs write them. Out: the
 * model's prices and how it was found, or null. Order: owner's deployment, exact id, declared alias, anchored date suffix.
 * Invariant: never by part of a name; `gpt-4o-mini` can not become `gpt-4o`.
 */
import type { UsageRecord } from '../record.ts';
import { providerBook, type PriceBook, type ProviderBook } from './price-book.ts';
import type { Alias } from './book-text.ts';
import type { ModelPrices } from './model-prices.ts';
import { bookProvider, isRelay } from './provider-name.ts';

export interface Match {
  readonly prices: ModelPrices;
  readonly how: string;
  /** region scope told by the id or the deployment, or null */
  readonly region: string | null;
  /** sold through a relay at the vendor's list price, as far as the book knows */
  readonly isRelayed: boolean;
}

/** Distinct ids remembered per book: a log has few, a hostile one many. */
const MAX_REMEMBERED = 10_000;

/** The model that prices a record, or null. Results that do not depend on the instant are remembered. */
export function matchModel(book: PriceBook, record: UsageRecord, atMs: number): Match | null {
  const provider = record.provider;
  const id = record.modelReported;
  if (book.hasDeployments) {
    const deployed = matchDeployment(book, record, atMs);
    if (deployed !== null) return deployed;
  }
  let byId = book.matches.get(provider);
  if (byId === undefined) {
    byId = new Map();
    if (book.matches.size >= 256) book.matches.clear();
    book.matches.set(provider, byId);
  }
  const known = byId.get(id);
  if (known !== undefined) return known;
  const { match, isTimed } = findMatch(book, provider, id, atMs);
  if (!isTimed) {
    if (byId.size >= MAX_REMEMBERED) byId.clear();
    byId.set(id, match);
  }
  return match;
}

interface Search {
  readonly match: Match | null;
  /** the answer hangs on an alias with a validity */
  readonly isTimed: boolean;
}

const NOTHING: Search = { match: null, isTimed: false };

function findMatch(book: PriceBook, provider: string, id: string, atMs: number): Search {
  const named = bookProvider(provider) ?? (providerBook(book, provider) ? provider : null);
  if (named !== null) return searchProvider(book, named, id.trim(), atMs, false);
  if (!isRelay(provider)) return NOTHING;
  const { vendor, rest } = splitVendor(id.trim());
  return vendor === null ? NOTHING : searchProvider(book, vendor, rest, atMs, true);
}

/** `anthropic/claude-…` where the first segment is a known provider's name. */
function splitVendor(id: string): { vendor: string | null; rest: string } {
  const cut = id.indexOf('/');
  const vendor = cut > 0 ? bookProvider(id.slice(0, cut)) : null;
  return { vendor, rest: vendor === null ? id : id.slice(cut + 1) };
}

function searchProvider(book: PriceBook, provider: string, id: string, atMs: number, isRelayed: boolean): Search {
  const own = providerBook(book, provider);
  if (own === null) return NOTHING;
  let isTimed = false;
  for (const { id: candidate, region } of spellings(provider, id)) {
    const found = lookUp(own, candidate, atMs);
    isTimed ||= found.isTimed;
    if (found.prices === null) continue;
    return { match: { prices: found.prices, how: found.how, region: region ?? found.region, isRelayed }, isTimed };
  }
  return { match: null, isTimed };
}

/** Ways one id is written: as it is, without path, vendor prefix, context marker or geo profile. In this order; the first that is known wins. */
function spellings(provider: string, id: string): { id: string; region: string | null }[] {
  const list: { id: string; region: string | null }[] = [{ id, region: null }];
  const tail = id.slice(id.lastIndexOf('/') + 1);
  const isPath = /^(arn:|models\/|tunedModels\/|publishers\/|projects\/|accounts\/)/.test(id);
  if (isPath) list.push({ id: tail, region: null });
  const { vendor, rest } = splitVendor(id);
  if (vendor === provider) list.push({ id: rest, region: null });
  if (provider === 'anthropic' || provider === 'vertex') list.push({ id: id.replace(/\[1m\]$/, ''), region: null });
  if (provider === 'openai') {
    const tuned = /^(ft:[^:]+):/.exec(id)?.[1];
    if (tuned !== undefined) list.push({ id: tuned, region: null });
  }
  if (provider === 'bedrock') {
    const plain = (isPath ? tail : rest.replace(/^(converse|invoke)\//, '')).replace(/:\d+k$/, '');
    const geo = /^(global|us-gov|us|eu|apac|au|jp|in)\.(.+)$/.exec(plain);
    if (geo) list.push({ id: geo[2] ?? '', region: geo[1] ?? null });
    list.push({ id: plain, region: null });
  }
  return list;
}

interface Looked {
  readonly prices: ModelPrices | null;
  readonly how: string;
  readonly region: string | null;
  readonly isTimed: boolean;
}

const DATE_SUFFIX = /[-@](\d{8}|\d{4}-\d{2}-\d{2}|latest)$|@default$/;

function lookUp(own: ProviderBook, id: string, atMs: number): Looked {
  const exact = own.model(id);
  if (exact !== null) return { prices: exact, how: 'exact id', region: null, isTimed: false };
  const aliases = own.aliases.get(id) ?? own.aliases.get(id.toLowerCase());
  if (aliases !== undefined) return byAlias(own, aliases, atMs);
  const stem = own.stem(id);
  if (stem !== null) return { prices: stem, how: `version suffix of ${stem.model}`, region: null, isTimed: false };
  const undated = id.replace(DATE_SUFFIX, '');
  if (undated !== id) {
    const target = own.aliases.get(undated)?.[0]?.model ?? undated;
    if (own.isDated(target)) {
      const prices = own.model(target);
      if (prices !== null) return { prices, how: `date suffix of ${target}`, region: null, isTimed: false };
    }
  }
  return { prices: null, how: '', region: null, isTimed: false };
}

function byAlias(own: ProviderBook, aliases: readonly Alias[], atMs: number): Looked {
  const isTimed = aliases.some((alias) => alias.fromMs !== -Infinity || alias.toMs !== Infinity);
  const valid = aliases.find((alias) => atMs >= alias.fromMs && atMs < alias.toMs);
  const prices = valid === undefined ? null : own.model(valid.model);
  const how = valid === undefined ? '' : `alias of ${valid.model} (${valid.source})`;
  return { prices, how, region: valid?.region ?? null, isTimed };
}

/** Azure and others answer with a deployment's or a stale model's name: the owner's map says what really ran (pitfall 19). */
function matchDeployment(book: PriceBook, record: UsageRecord, atMs: number): Match | null {
  const provider = bookProvider(record.provider) ?? record.provider;
  for (const name of [record.evidence.workspace, record.modelReported]) {
    const list = name === null ? undefined : book.deployments.get(`${provider}/${name}`);
    const valid = list?.find((alias) => atMs >= alias.fromMs && atMs < alias.toMs);
    if (valid === undefined) continue;
    const { match } = searchProvider(book, provider, valid.model, atMs, false);
    if (match !== null) return { ...match, how: `deployment map: ${valid.model}`, region: valid.region };
  }
  return null;
}
