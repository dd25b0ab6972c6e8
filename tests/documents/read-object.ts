/** Reads documents in tests: bytes in any pieces, limits as given, counters that are exact or, where only the text matters, count its characters. */
import { zipSync } from 'fflate';
import { vocabularyBytes } from '../../lib/adapters/local/vocabulary-files.ts';
import { createTokenCounter } from '../../lib/count/token-counter.ts';
import { readVocabulary } from '../../lib/count/vocabulary.ts';
import { DEFAULT_TEXT_COLUMNS, readDocument } from '../../lib/documents/document-pass.ts';
import type { DocumentPass } from '../../lib/documents/document-pass.ts';
import type { DocumentLimits, DocumentResult } from '../../lib/documents/document.ts';
import { DEFAULT_DOCUMENT_LIMITS } from '../../lib/documents/limits.ts';
import { createScriptCounter } from '../../lib/count/script-classes.ts';
import type { DocumentCounters } from '../../lib/documents/text-measure.ts';

let exact: DocumentCounters | null = null;

/** The counters of the product. */
export function exactCounters(): DocumentCounters {
  exact ??= {
    o200k: createTokenCounter('o200k_base', readVocabulary(vocabularyBytes('o200k_base'))),
    cl100k: createTokenCounter('cl100k_base', readVocabulary(vocabularyBytes('cl100k_base'))),
    scripts: createScriptCounter(),
    tokenizers: {},
  };
  return exact;
}

/** Counters that keep the texts that they were given, in the order in which they ended. */
export function keepingCounters(): DocumentCounters & { readonly texts: string[] } {
  const texts: string[] = [];
  const begin = (isKept: boolean): ReturnType<DocumentCounters['o200k']['begin']> => {
    let text = '';
    return {
      add: (piece) => void (text += piece),
      end: () => {
        if (isKept) texts.push(text);
        return text.length;
      },
    };
  };
  const scripts = createScriptCounter();
  return { o200k: { begin: () => begin(true) }, cl100k: { begin: () => begin(false) }, scripts, tokenizers: {}, texts };
}

export interface ReadOptions extends Partial<Omit<DocumentPass, 'limits'>> {
  readonly limits?: Partial<DocumentLimits>;
  /** bytes of each piece in which the object arrives */
  readonly pieceBytes?: number;
}

/** All results of an object. */
export async function readObject(
  path: string,
  content: Uint8Array | string,
  options: ReadOptions = {},
): Promise<DocumentResult[]> {
  const { limits, pieceBytes = 1 << 16, ...rest } = options;
  const pass: DocumentPass = {
    counters: keepingCounters(),
    textColumns: DEFAULT_TEXT_COLUMNS,
    ...rest,
    limits: { ...DEFAULT_DOCUMENT_LIMITS, ...limits },
  };
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const results: DocumentResult[] = [];
  for await (const result of readDocument(pass, path, pieces(bytes, pieceBytes))) results.push(result);
  return results;
}

/** Results and the texts that were counted for them. */
export async function readTexts(
  path: string,
  content: Uint8Array | string,
  options: ReadOptions = {},
): Promise<{ readonly results: DocumentResult[]; readonly texts: string[] }> {
  const counters = keepingCounters();
  return { results: await readObject(path, content, { ...options, counters }), texts: counters.texts };
}

/** Bytes in pieces of a size. */
export async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

/** A zip archive of texts and bytes by name. `level` 0 stores them. */
export function zipOf(entries: Readonly<Record<string, string | Uint8Array>>, level: 0 | 6 = 6): Uint8Array {
  return zipSync(
    Object.fromEntries(
      Object.entries(entries).map(([name, content]) => [
        name,
        typeof content === 'string' ? new TextEncoder().encode(content) : content,
      ]),
    ),
    { level },
  );
}
