/**
 * Replay of a prompt cache over the log's own requests, by the two rules that providers use. In: requests in order of time, each with its
 * prompt as numbers of prefix-chained blocks (`block-index.ts`). Out: per request and in sum, how many input tokens would have been read
 * from the cache, written to it, or billed plainly. Invariant: read + written + plain = input, exactly, for every request.
 *
 * `radix`: any leading run of known blocks is a hit; what one may hope for at best, and what automatic caches do (OpenAI up to GPT-5.5,
 * vLLM, SGLang). `breakpoint`: an entry exists only where an earlier prompt ended (its last full block); writing has a price (Anthropic,
 * OpenAI from GPT-5.6). Rules of the providers as documented in November 2026; formulas in docs/simulation.md, "Prompt cache".
 */
import { createHeldBlocks } from './held-blocks.ts';
import { longerNumbers } from './longer-array.ts';

export interface PrefixRule {
  readonly rule: 'radix' | 'breakpoint';
  /** a block is live for this long after its last use (`sliding`) or after it was written (`fixed`); null: for ever */
  readonly ttlMs: number | null;
  readonly ttlRefresh: 'sliding' | 'fixed';
  /** blocks the cache holds, least recently used first to go; null: all */
  readonly capacityBlocks: number | null;
  /** a shorter read or write does not happen */
  readonly minimumTokens: number;
  /** reads come in steps of this many tokens (`radix`) */
  readonly incrementTokens: number;
}

/** One request as a replay sees it. `blocks` may be reused by the caller after the call. */
export interface PromptRequest {
  readonly timeMs: number;
  /** all input tokens, cached or not */
  readonly inputTokens: number;
  readonly blockTokens: number;
  readonly blocks: Int32Array;
}

/** Where the input tokens of a request would have gone. `hitTokens` is what was found, before minimum and increment. */
export interface PrefixTokens {
  inputTokens: number;
  hitTokens: number;
  readTokens: number;
  writtenTokens: number;
  plainTokens: number;
}

export interface PrefixReplay {
  /** the outcome of the next request; the object is reused by the next call */
  see(request: PromptRequest): Readonly<PrefixTokens>;
  /** sums over all requests seen */
  readonly totals: Readonly<PrefixTokens>;
}

/** An empty cache under `rule`. */
export function createPrefixReplay(rule: PrefixRule): PrefixReplay {
  const decide = rule.rule === 'radix' ? radix(rule) : breakpoint(rule);
  const totals = noTokens();
  const outcome = noTokens();
  return {
    see(request) {
      outcome.inputTokens = request.inputTokens;
      decide(request, outcome);
      outcome.plainTokens = outcome.inputTokens - outcome.readTokens - outcome.writtenTokens;
      totals.inputTokens += outcome.inputTokens;
      totals.hitTokens += outcome.hitTokens;
      totals.readTokens += outcome.readTokens;
      totals.writtenTokens += outcome.writtenTokens;
      totals.plainTokens += outcome.plainTokens;
      return outcome;
    },
    totals,
  };
}

/** What input would cost with this cache, as a share of what it costs without: a ratio, not money. 1 where there was no input. */
export function inputCostRatio(
  tokens: Readonly<PrefixTokens>,
  readMultiplier: number,
  writeMultiplier: number,
): number {
  if (tokens.inputTokens === 0) return 1;
  const billed = tokens.readTokens * readMultiplier + tokens.writtenTokens * writeMultiplier + tokens.plainTokens;
  return billed / tokens.inputTokens;
}

type Decide = (request: PromptRequest, outcome: PrefixTokens) => void;

function radix(rule: PrefixRule): Decide {
  const store = createStore(rule);
  const isSliding = rule.ttlRefresh === 'sliding';
  return ({ timeMs, inputTokens, blockTokens, blocks }, outcome) => {
    let leading = 0;
    while (leading < blocks.length && store.isLive(blocks[leading] as number, timeMs)) leading++;
    outcome.hitTokens = Math.min(leading * blockTokens, inputTokens);
    const read = Math.floor(outcome.hitTokens / rule.incrementTokens) * rule.incrementTokens;
    outcome.readTokens = read < rule.minimumTokens ? 0 : read;
    outcome.writtenTokens = 0;
    // tail first, so that a block never outlives the one it is chained on
    for (let k = blocks.length - 1; k >= 0; k--)
      store.use(blocks[k] as number, isSliding || k >= leading ? timeMs : null);
  };
}

function breakpoint(rule: PrefixRule): Decide {
  const entries = createStore(rule);
  const held = entries.held;
  const isSliding = rule.ttlRefresh === 'sliding';
  return ({ timeMs, inputTokens, blockTokens, blocks }, outcome) => {
    const full = Math.min(blocks.length, Math.floor(inputTokens / blockTokens));
    let end = full;
    while (end > 0 && !entries.isLive(blocks[end - 1] as number, timeMs)) end--;
    outcome.hitTokens = end * blockTokens;
    outcome.readTokens = outcome.hitTokens < rule.minimumTokens ? 0 : outcome.hitTokens;
    const marked = full * blockTokens < rule.minimumTokens ? 0 : full * blockTokens;
    outcome.writtenTokens = Math.max(0, marked - outcome.readTokens);
    if (held) for (let k = blocks.length - 1; k >= 0; k--) held.use(blocks[k] as number);
    if (outcome.readTokens > 0 && isSliding) entries.stamp(blocks[end - 1] as number, timeMs);
    if (outcome.writtenTokens > 0) entries.stamp(blocks[full - 1] as number, timeMs);
  };
}

/** When each block was last stamped, and which are held where capacity is limited. */
function createStore({ ttlMs, capacityBlocks }: PrefixRule) {
  const lifeMs = ttlMs ?? Infinity;
  const held = capacityBlocks === null ? null : createHeldBlocks(capacityBlocks);
  let stampedMs = new Float64Array(64).fill(NaN);
  function stamp(block: number, timeMs: number): void {
    if (block >= stampedMs.length) stampedMs = longerNumbers(stampedMs, block + 1, NaN);
    stampedMs[block] = timeMs;
  }
  return {
    held,
    stamp,
    /** a comparison with NaN is false: a block without a stamp is not live */
    isLive: (block: number, timeMs: number): boolean =>
      timeMs - (stampedMs[block] ?? NaN) <= lifeMs && (held === null || held.holds(block)),
    /** a use; `timeMs` null keeps the stamp the block has, also where it was squeezed out and comes back within one request */
    use(block: number, timeMs: number | null): void {
      held?.use(block);
      if (timeMs !== null) stamp(block, timeMs);
    },
  };
}

function noTokens(): PrefixTokens {
  return { inputTokens: 0, hitTokens: 0, readTokens: 0, writtenTokens: 0, plainTokens: 0 };
}
