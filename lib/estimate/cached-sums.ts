/**
 * What requests cost with a prompt cache. In: requests of documents in any order, the provider's rule. Out: exact sums. A request is shared prompt,
 * document, rest; what can be cached is a beginning: the shared prompt, or it and the document where that is sent several times. Each document is
 * cached or not as is cheaper, and the whole is planned twice: with the shared prompt written once for all, and with no document looking at
 * another. The cheaper one counts, so that a cache never costs more than none.
 *
 * Taken for granted: what reads an entry comes within its lifetime and after the request that wrote it is answered. In a batch only `hits` of a hundred
 * reads find it; the others write it anew. Prices are those of single requests; hundredths of them are summed and rounded once.
 */
import { divideHalfEven } from '../money.ts';
import { NO_TOKENS } from './direct-sums.ts';
import type { ChunkRequests, PlanSums, SideCosts } from './direct-sums.ts';
import { mapLevels } from './estimate-settings.ts';
import type { Level } from './estimate-settings.ts';
import type { CacheOffer, ModelOffer, PlanTier, RequestTokens } from './model-offer.ts';

/** Tokens at one level of the plan that counts. */
export interface CacheUse {
  readonly readTokens: number;
  readonly writtenTokens: number;
}

export interface CachedSums extends PlanSums {
  /** What is looked for in the cache, and what is put there by first requests. */
  use(level: Level): CacheUse;
  /** Whether a beginning was long enough and sent again, though it may not have paid. */
  couldRead(): boolean;
}

/** Costs of a way to send a document, in hundredths of a picodollar. */
interface Way {
  readonly hundredths: bigint;
  readonly readTokens: number;
  readonly writtenTokens: number;
  /** what the first request of the corpus costs more than its like, because the shared prompt is not written yet; null: it is not looked for */
  readonly firstHundredths: bigint | null;
}

interface Ways {
  readonly plain: Way;
  readonly shared: Way | null;
  readonly whole: Way | null;
  readonly alone: Way | null;
}

interface Scheme {
  hundredths: bigint;
  firstHundredths: bigint | null;
  readTokens: number;
  writtenTokens: number;
}

/** A request with a beginning that is looked for, then one that is written. */
interface CachedPrompt {
  readonly read: number;
  readonly written: number;
  readonly total: number;
}

/** Tokens of a beginning that the provider caches: none below the minimum, then whole increments. */
export function cacheableTokens(cache: Pick<CacheOffer, 'minimumTokens' | 'incrementTokens'>, tokens: number): number {
  return tokens < cache.minimumTokens ? 0 : tokens - (tokens % cache.incrementTokens);
}

export function createCachedSums(
  offer: Pick<ModelOffer, 'priceOf'>,
  tier: PlanTier,
  cache: CacheOffer,
  hits: number,
): CachedSums {
  const newScheme = (): Scheme => ({ hundredths: 0n, firstHundredths: null, readTokens: 0, writtenTokens: 0 });
  const sums = mapLevels(() => ({ shared: newScheme(), alone: newScheme(), outputPico: 0n, isPriced: true }));

  const tokensOf = ({ read, written, total }: CachedPrompt): RequestTokens => ({
    ...NO_TOKENS,
    input: total - read - (cache.write === 'input' ? 0 : written),
    cacheRead: read,
    cacheWrite5m: cache.write === '5m' ? written : 0,
    cacheWrite1h: cache.write === '1h' ? written : 0,
  });

  /** The ways to send a document, on the input side; null where one of them has no price. */
  function waysOf({ sharedTokens, documentTokens, otherTokens, requests }: ChunkRequests): Ways | null {
    const total = sharedTokens + documentTokens + otherTokens;
    let isPriced = true;
    const costOf = (read: number, written: number): bigint => {
      const cost = offer.priceOf(tier, tokensOf({ read, written, total }));
      isPriced &&= cost !== null;
      return (cost?.inputPico ?? 0n) * 100n;
    };
    const lookedFor = (read: number, written: number): bigint =>
      (costOf(read, written) * BigInt(hits) + (hits === 100 ? 0n : costOf(0, read + written) * BigInt(100 - hits))) /
      100n;
    const times = BigInt(requests);
    const ofShared = cacheableTokens(cache, sharedTokens);
    const ofWhole = requests > 1 ? cacheableTokens(cache, sharedTokens + documentTokens) : 0;
    const plain: Way = { ...NOT_CACHED, hundredths: costOf(0, 0) * times };
    let shared: Way | null = null;
    let whole: Way | null = null;
    let alone: Way | null = null;
    if (ofShared > 0) {
      const reading = lookedFor(ofShared, 0);
      shared = {
        hundredths: reading * times,
        readTokens: ofShared * requests,
        writtenTokens: 0,
        firstHundredths: costOf(0, ofShared) - reading,
      };
    }
    if (ofWhole > ofShared) {
      const again = lookedFor(ofWhole, 0) * (times - 1n);
      const writing = costOf(0, ofWhole);
      const readTokens = ofWhole * (requests - 1);
      alone = { hundredths: writing + again, readTokens, writtenTokens: ofWhole, firstHundredths: null };
      if (ofShared > 0) {
        const joining = lookedFor(ofShared, ofWhole - ofShared);
        whole = {
          hundredths: joining + again,
          readTokens: readTokens + ofShared,
          writtenTokens: ofWhole - ofShared,
          firstHundredths: writing - joining,
        };
      }
    }
    return isPriced ? { plain, shared, whole, alone } : null;
  }

  /** What was asked last: levels that differ in answers alone, and documents of one length, have the same ways. */
  let last: { readonly request: ChunkRequests; readonly ways: Ways | null } | null = null;
  function rememberedWays(request: ChunkRequests): Ways | null {
    if (last === null || !hasSamePrompt(last.request, request)) last = { request, ways: waysOf(request) };
    return last.ways;
  }

  let couldRead = false;
  const totalOf = ({ hundredths, firstHundredths }: Scheme): bigint => hundredths + (firstHundredths ?? 0n);
  const chosen = (level: Level): Scheme => {
    const { shared, alone } = sums[level];
    return totalOf(shared) < totalOf(alone) ? shared : alone;
  };

  return {
    add(levels, request) {
      const { sharedTokens, documentTokens, otherTokens, outputTokens, chunks, requests } = request;
      const input = sharedTokens + documentTokens + otherTokens;
      const answer = offer.priceOf(tier, { ...NO_TOKENS, input, output: outputTokens });
      const ways = rememberedWays(request);
      couldRead ||= ways !== null && (ways.shared !== null || ways.alone !== null);
      for (const level of levels) {
        const sum = sums[level];
        if (answer === null || ways === null) sum.isPriced = false;
        else {
          addWay(sum.shared, cheapestOf([ways.plain, ways.shared, ways.whole]), chunks);
          addWay(sum.alone, cheapestOf([ways.plain, ways.alone]), chunks);
          sum.outputPico += answer.outputPico * BigInt(chunks * requests);
        }
      }
    },
    total(level): SideCosts | null {
      const { isPriced, outputPico } = sums[level];
      return isPriced ? { inputPico: divideHalfEven(totalOf(chosen(level)), 100n), outputPico } : null;
    },
    use: (level) => chosen(level),
    couldRead: () => couldRead,
  };
}

const NOT_CACHED = { readTokens: 0, writtenTokens: 0, firstHundredths: null } as const;

function hasSamePrompt(a: ChunkRequests, b: ChunkRequests): boolean {
  return (
    a.documentTokens === b.documentTokens &&
    a.sharedTokens === b.sharedTokens &&
    a.otherTokens === b.otherTokens &&
    a.requests === b.requests
  );
}

function cheapestOf(ways: readonly (Way | null)[]): Way {
  let best: Way | null = null;
  for (const way of ways) if (way !== null && (best === null || way.hundredths < best.hundredths)) best = way;
  return best as Way;
}

/** The corpus may begin with any document, so the one counts where writing the shared prompt costs least more. */
function addWay(scheme: Scheme, way: Way, chunks: number): void {
  scheme.hundredths += way.hundredths * BigInt(chunks);
  scheme.readTokens += way.readTokens * chunks;
  scheme.writtenTokens += way.writtenTokens * chunks;
  const first = way.firstHundredths;
  if (first !== null && (scheme.firstHundredths === null || first < scheme.firstHundredths))
    scheme.firstHundredths = first;
}
