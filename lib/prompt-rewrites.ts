/**
 * Measures lossless rewrites on the prompts of an inbox: each prompt is rewritten and counted by the ledger's own counter, and forgotten. In: an object
 * store, the tools of a pass. Out: sums by application, team and model. Invariant: no text outlives its line.
 */
import type { TextCounters } from './count/text-counter.ts';
import { forEachPrompt } from './inbox-prompts.ts';
import type { PromptInput } from './inbox-prompts.ts';
import { inputSideTokens } from './record.ts';
import type { UsageRecord } from './record.ts';
import { rewritePrompt } from './simulate/lossless-rewrites.ts';
import { createRewriteSums } from './simulate/measured-rewrites.ts';
import type { RewriteRow, SavedTokens } from './simulate/measured-rewrites.ts';

/** Team of calls that nobody owns, as table `usage` has it. */
const UNALLOCATED = 'unallocated';

/** Reads the whole inbox once. */
export async function measureRewrites(input: PromptInput): Promise<RewriteRow[]> {
  const sums = createRewriteSums();
  await forEachPrompt(input, ({ record, texts, cluster, application, team, model }) => {
    sums.add({
      application,
      team: team ?? UNALLOCATED,
      model,
      cluster,
      reportedTokens: inputSideTokens(record),
      ...countRewrites(input.tools.counters, record, texts),
    });
  });
  return sums.rows();
}

/** Tokens of a prompt, and what of them each rewrite takes. A text that gets shorter by no token is left as it is. */
function countRewrites(
  counters: TextCounters,
  record: UsageRecord,
  texts: readonly string[],
): { textTokens: number; saved: SavedTokens } {
  const counter = counters.for(record.publisher ?? record.provider, record.modelReported);
  const saved = { json: 0, whitespace: 0, repeated: 0 };
  let textTokens = 0;
  for (const [at, { text, afterJson, afterWhitespace }] of rewritePrompt(texts).entries()) {
    const original = texts[at] as string;
    const before = counter.count(original);
    textTokens += before;
    if (text === original) continue;
    const tokensOf = (next: string, previous: string, known: number): number =>
      next === previous ? known : counter.count(next);
    const json = tokensOf(afterJson, original, before);
    const whitespace = tokensOf(afterWhitespace, afterJson, json);
    const after = tokensOf(text, afterWhitespace, whitespace);
    if (after >= before) continue;
    saved.json += before - json;
    saved.whitespace += json - whitespace;
    saved.repeated += whitespace - after;
  }
  return { textTokens, saved };
}
