/**
 * Measures the tokenizers of vendors on the calls of an inbox whose whole input was logged as text: what they report, beside the ledger's own o200k_base
 * count of the same texts. In: an object store, the tools of a pass. Out: a row by model. Invariant: no text outlives its line.
 */
import { createScriptCounter } from './count/script-classes.ts';
import { createCalibration } from './count/tokenizer-calibration.ts';
import type { CalibrationRow } from './count/tokenizer-calibration.ts';
import { isWholeText } from './count/whole-text.ts';
import { forEachPrompt } from './inbox-prompts.ts';
import type { InboxPrompt, PromptInput } from './inbox-prompts.ts';
import { inputSideTokens } from './record.ts';

/** Reads the whole inbox once. */
export async function measureTokenizers(input: PromptInput): Promise<CalibrationRow[]> {
  const calibration = createCalibration();
  const scripts = createScriptCounter();
  const counter = input.tools.counters.for('openai', 'gpt-4o');
  await forEachPrompt(input, (prompt) => {
    const { record, texts, cluster, model } = prompt;
    if (!isMeasurable(prompt)) return;
    const running = scripts.begin();
    for (const text of texts) running.add(text);
    calibration.add({
      publisher: record.publisher ?? record.provider,
      model,
      cluster,
      o200kTokens: texts.reduce((sum, text) => sum + counter.count(text), 0),
      reportedTokens: inputSideTokens(record),
      scripts: running.end(),
    });
  });
  return calibration.rows();
}

/** Reported by the vendor, for text alone. */
function isMeasurable({ record, line }: InboxPrompt): boolean {
  return (
    record.usageBasis === 'reported' &&
    record.usageFlag === null &&
    !record.servedFromCache &&
    record.audioInputTokens + record.cachedAudioTokens + record.imageInputTokens + record.webSearches === 0 &&
    line !== null &&
    isWholeText(line)
  );
}
