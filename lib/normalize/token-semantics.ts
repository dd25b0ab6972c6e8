/**
 * Three families of token counting, and how to tell them apart from the numbers alone. In: counts as a source writes them. Out: disjoint
 * billable meters. Sources: formats.md 0.2 (vendor specifications and the issues that paid for them): inclusive (OpenAI), exclusive
 * (Anthropic), Gemini, and OpenAI's shape with reasoning outside (xAI, some proxies). Invariant: no flag means that the meters sum to
 * the reported total.
 */

/** Counts as written by an OpenAI-shaped source, in tokens. */
export interface RawCounts {
  readonly prompt: number;
  readonly completion: number;
  /** 0 = not given */
  readonly total: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly reasoning: number;
}

/** Disjoint from cache reads and writes: fresh input and all output, in tokens. */
export interface Meters {
  readonly input: number;
  readonly output: number;
  /** the counts contradict each other */
  readonly flag: string | null;
}

export const INCONSISTENT = 'usage_inconsistent';

/**
 * OpenAI's shape (families A and C′): prompt contains cache reads and writes, completion contains reasoning unless the total says
 * otherwise. T = P + C: inside. T = P + C + R: outside (xAI; vercel/ai PR 12425). Else P and C are trusted and the row is flagged.
 * Source: OpenAI API specification of 2026-08-21 (`input_tokens` includes cached and cache-write tokens).
 */
export function inclusiveMeters(c: RawCounts): Meters {
  const isOutside = c.reasoning > 0 && c.total > 0 && c.total === c.prompt + c.completion + c.reasoning;
  const output = isOutside ? c.completion + c.reasoning : c.completion;
  const fits = c.total === 0 || c.total === c.prompt + output;
  const fresh = c.prompt - c.cacheRead - c.cacheWrite;
  const isSound = fits && fresh >= 0 && c.reasoning <= output;
  return { input: Math.max(0, fresh), output, flag: isSound ? null : INCONSISTENT };
}

/**
 * Anthropic's counters (family B) in an OpenAI-shaped envelope (LiteLLM and other gateways). A total that only one reading explains
 * decides; else the prompt is inclusive if it can hold the cache tokens (formats.md 0.2; the flip side of pitfall 1: LiteLLM reported
 * 0.091311 USD where 0.0544 was billed).
 */
export function gatewayMeters(c: RawCounts): Meters {
  const cached = c.cacheRead + c.cacheWrite;
  if (cached === 0) return inclusiveMeters(c);
  const isExclusive = c.prompt < cached || (c.total > 0 && c.total === c.prompt + cached + c.completion);
  if (!isExclusive) return inclusiveMeters(c);
  // gateways write either sum as the total of exclusive counts
  const fits = c.total === 0 || c.total === c.prompt + c.completion || c.total === c.prompt + cached + c.completion;
  return { input: c.prompt, output: c.completion, flag: fits && c.reasoning <= c.completion ? null : INCONSISTENT };
}

/** Counts as Gemini writes them, in tokens. */
export interface GeminiCounts {
  /** contains cached */
  readonly prompt: number;
  readonly candidates: number;
  readonly thoughts: number;
  /** extra input, outside the prompt */
  readonly toolUse: number;
  readonly cached: number;
  /** 0 = not given */
  readonly total: number;
}

/**
 * Gemini's counters (family C). `thoughts` are outside `candidates` unless prompt + candidates is already the total (pitfall 4:
 * simonw/llm-gemini#75, crewAI PR 5699). Neither sum fits: they are added, as the vendor documents, and the row is flagged.
 */
export function geminiMeters(c: GeminiCounts): Meters {
  const given = c.prompt + c.toolUse + c.candidates;
  const isInside = c.thoughts > 0 && c.total > 0 && c.total === given;
  const output = isInside ? c.candidates : c.candidates + c.thoughts;
  const fits = c.total === 0 || c.total === c.prompt + c.toolUse + output || c.total === c.prompt + output;
  const fresh = c.prompt - c.cached;
  return { input: Math.max(0, fresh) + c.toolUse, output, flag: fits && fresh >= 0 ? null : INCONSISTENT };
}
