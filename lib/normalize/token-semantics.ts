/**
 * Three families of token counting, and how to tell them apart from the numbers alone. In: counts as a source writes them. Out: disjoint
 * billable meters. Sources: formats.md 0.2 (vendor specifications and the issues that paid for them): inclusive (OpenAI), exclusive
 * (Anthropic), Gemini, and OpenAI's shape with reasoning outside (xAI, some proxies).
 */

/** Counts as written by an OpenAI-shaped source. */
export interface RawCounts {
  readonly prompt: number;
  readonly completion: number;
  /** 0 = not given */
  readonly total: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
}

export interface Meters {
  readonly input: number;
  readonly output: number;
  readonly flag: string | null;
}

export const INCONSISTENT = 'usage_inconsistent';

/**
 * OpenAI's shape: prompt contains cache reads and writes, completion contains reasoning unless the total says otherwise.
 * T = P + C: inside. T = P + C + R: outside (xAI; vercel/ai PR 12425). Else P and C are trusted and the row is flagged.
 */
export function inclusiveMeters(c: RawCounts): Meters {
  const outside = c.reasoning > 0 && c.total > 0 && c.total === c.prompt + c.completion + c.reasoning && c.total !== c.prompt + c.completion;
  const output = outside ? c.completion + c.reasoning : c.completion;
  const fits = c.total === 0 || c.total === c.prompt + output;
  const fresh = c.prompt - c.cacheRead - c.cacheWrite;
  const sound = fits && fresh >= 0 && c.reasoning <= output;
  return { input: Math.max(0, fresh), output, flag: sound ? null : INCONSISTENT };
}

/**
 * An OpenAI-shaped envelope around Anthropic's counters (LiteLLM and other gateways): inclusive if the prompt can hold the cache tokens,
 * else exclusive. The total, where given, has the second vote.
 */
export function gatewayMeters(c: RawCounts): Meters {
  const cached = c.cacheRead + c.cacheWrite;
  if (cached === 0 || c.prompt >= cached) {
    const exclusiveTotal = cached > 0 && c.total > 0 && c.total === c.prompt + cached + c.completion;
    return exclusiveTotal ? { input: c.prompt, output: c.completion, flag: null } : inclusiveMeters(c);
  }
  return { input: c.prompt, output: c.completion, flag: null };
}

/** Gemini's counters. `thoughts` are outside `candidates` unless prompt + candidates is already the total (pitfall 4). */
export function geminiMeters(c: {
  readonly prompt: number;
  readonly candidates: number;
  readonly thoughts: number;
  readonly toolUse: number;
  readonly cached: number;
  readonly total: number;
}): Meters {
  const given = c.prompt + c.toolUse + c.candidates;
  const inside = c.thoughts > 0 && c.total > 0 && c.total === given;
  const output = inside ? c.candidates : c.candidates + c.thoughts;
  const fits = c.total === 0 || c.total === c.prompt + c.toolUse + output || c.total === c.prompt + output;
  const fresh = c.prompt - c.cached;
  return { input: Math.max(0, fresh) + c.toolUse, output, flag: fits && fresh >= 0 ? null : INCONSISTENT };
}
