/**
 * From config, price book and limits to what corpora are read and priced with: the same on a laptop and in AWS. In: what was read from wherever
 * it lies. Out: the pricing of a corpus, and the input of its seal. Invariant: the table says what `estimate` says under the same settings.
 */
import type { PersonPrivacy } from './attribute/privacy.ts';
import type { CorporaSeal, CorpusCosts } from './corpora.ts';
import { documentReaderVersion } from './document-reader-version.ts';
import type { TokenizerDigests } from './document-reader-version.ts';
import { corpusCostRows } from './estimate/estimate-json.ts';
import type { OutputHistory } from './estimate/output-length.ts';
import { corpusEstimator, outputHistory } from './estimation.ts';
import type { LakeSealInput } from './lake-seal.ts';
import type { LedgerRules } from './ledger-tools.ts';
import type { LimitsOf } from './model-limits.ts';
import type { CatalogState, ObjectStore, SqlEngine } from './ports.ts';
import { bookVersion } from './price/price-book.ts';
import { USAGE, columnTypes } from './schema.ts';
import { keysOf, signature } from './seal/derived.ts';
import { dayOf } from './time.ts';

export interface CorpusCostsSources extends Pick<LedgerRules, 'config' | 'book' | 'customer'> {
  readonly limitsOf: LimitsOf;
  readonly nowMs: number;
  /** `estimate/queries/output-history.sql` */
  readonly historySql: string;
}

/**
 * The plans of `estimate`, with the settings of the config. Prices are those of today and lengths of answers those that the ledger saw, so the
 * table is made again once a day, and when rules or prices change.
 */
export function corpusCosts(sources: CorpusCostsSources): CorpusCosts {
  const { config, book, customer, limitsOf, nowMs, historySql } = sources;
  const { models, outputTokens, tokenizers, ...given } = config.documents;
  const { requestsPerDocument, sharedPromptTokens, chunkTokens, overlapTokens } = given;
  const asked = { requestsPerDocument, sharedPromptTokens, chunkTokens, overlapTokens };
  const settings = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const tokenizerModels = Object.fromEntries(Object.entries(tokenizers).map(([name, one]) => [name, one.models]));
  let history: Promise<readonly OutputHistory[]> | null = null;
  return {
    version: signature([
      dayOf(nowMs),
      bookVersion(book),
      JSON.stringify([config.rates, models, outputTokens ?? null, asked, tokenizerModels]),
    ]),
    async rows(corpus, results, ledger) {
      history ??= historyOf(ledger, historySql);
      const estimator = corpusEstimator(
        { corpus, models, outputTokens, settings, history: await history },
        { book, customer, limitsOf, atMs: nowMs, tokenizers: tokenizerModels },
        'unpriced',
      );
      for await (const result of results) estimator.add(result);
      return corpusCostRows(estimator.finish());
    },
  };
}

async function historyOf(
  { engine, state }: { engine: SqlEngine; state: CatalogState },
  sql: string,
): Promise<readonly OutputHistory[]> {
  const usage = state.tables[USAGE.name] ?? {};
  const keys = keysOf(usage, Object.keys(usage));
  if (keys.length === 0) return [];
  await engine.files(USAGE.name, columnTypes(USAGE), keys);
  return await outputHistory(engine, sql);
}

/** The input of a seal of corpora, beside that of the ledger's own. */
export function corporaSeal(
  seal: LakeSealInput,
  inbox: Pick<ObjectStore, 'list'>,
  privacy: Pick<PersonPrivacy, 'objectName'>,
  sources: CorpusCostsSources,
  tokenizers: TokenizerDigests = {},
): CorporaSeal {
  const { context, catalog, nowMs, graceMs } = seal;
  return {
    context,
    catalog,
    nowMs,
    graceMs,
    inbox,
    objectName: (key) => privacy.objectName(key),
    readerVersion: documentReaderVersion(sources.config.documents, tokenizers),
    costs: corpusCosts(sources),
  };
}
