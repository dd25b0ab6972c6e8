/**
 * Corpora that people ask about without having them: the ten-page document of about 4,000 tokens, and ten thousand of it. In: a name. Out: documents.
 * Lengths are those of the whole prompt, in tokens of whatever model is priced, so nothing is added to them and nothing estimated.
 * Where the numbers are from and what becomes of them: claim `ten-page-document` (`inference-ledger claims`).
 */
import type { PlannedDocument } from './estimate-settings.ts';

export const PRESETS = { 'ten-page-document': 1, 'ten-thousand-documents': 10_000 } as const;
export type Preset = keyof typeof PRESETS;

const TOKENS = 4000;

export function isPreset(name: string): name is Preset {
  return Object.hasOwn(PRESETS, name);
}

/** Its documents; they differ, as those of a corpus do. */
export function* presetDocuments(preset: Preset): Generator<PlannedDocument> {
  for (let at = 1; at <= PRESETS[preset]; at++) {
    yield {
      document: `${preset}/${String(at).padStart(6, '0')}`,
      tokensO200k: TOKENS,
      tokensCl100k: TOKENS,
      tokens: {},
      contentHash: at.toString(16).padStart(32, '0').padEnd(64, '0'),
      status: 'counted',
      reason: null,
    };
  }
}
