/** Results of documents from what was measured. */
import type { DocumentResult } from './document.ts';
import type { Measures } from './text-measure.ts';

/** A document with text; `blankReason` tells why it counts as empty where the text is nothing but white space. */
export function countedResult(
  document: string,
  mediaType: string,
  bytes: number,
  measures: Measures,
  blankReason: string,
): DocumentResult {
  const { isBlank, ...counts } = measures;
  return {
    document,
    mediaType,
    bytes,
    ...counts,
    status: isBlank ? 'empty' : 'counted',
    reason: isBlank ? blankReason : null,
  };
}

/** A document whose text could not be had. `contentHash` is that of its bytes. */
export function rejectedResult(
  document: string,
  mediaType: string,
  bytes: number,
  contentHash: string,
  reason: string,
): DocumentResult {
  return {
    document,
    mediaType,
    bytes,
    characters: 0,
    tokensO200k: 0,
    tokensCl100k: 0,
    tokens: {},
    scripts: {},
    contentHash,
    status: 'rejected',
    reason,
  };
}
