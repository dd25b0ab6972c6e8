/** Gemini API and Vertex responses as an application logs them; stream chunks carry cumulative counts under one response id. */
import type { Format, Outcome } from '../record.ts';
import { geminiRecord, usageMetadata } from './gemini-usage.ts';

export const geminiResponse: Format = {
  id: 'gemini.response',
  sourceKind: 'provider',
  class: 'calls',
  detect: (line) => usageMetadata(line) !== null,
  normalize: (line, context): Outcome => ({ kind: 'usage', records: [geminiRecord(geminiResponse, line, context)] }),
};
