/** The tables of corpora, as `schema.ts` has the others: names, types, meaning. */
import { columns } from './schema-columns.ts';
import type { Table } from './schema-columns.ts';

const BY_CORPUS = { name: 'corpus', type: 'string' } as const;

export const DOCUMENTS: Table = {
  name: 'documents',
  partition: BY_CORPUS,
  columns: columns([
    [
      'document',
      'string',
      'path inside the corpus; of a part of a container `its path/path inside it`, of a row of a file of texts `its path/000012`',
    ],
    ['media_type', 'string', 'type by name and content'],
    ['bytes', 'bigint', 'as it lies there; unpacked where it is in a container'],
    ['characters', 'bigint', 'UTF-16 units of its text; 0 where it was rejected'],
    [
      'tokens_o200k tokens_cl100k',
      'bigint',
      "exact, in OpenAI's encodings o200k_base and cl100k_base; 0 where rejected",
    ],
    ['tokens', 'map<string,bigint>', 'exact, by name of further tokenizers (config `documents.tokenizers`)'],
    ['content_hash', 'string', 'SHA-256 of its text; of its bytes where the text could not be had'],
    ['duplicate_of', 'string?', 'the first document of the corpus, in byte order of paths, with the same text'],
    ['status', 'string', '`counted`, `empty`, `duplicate`, `rejected`'],
    ['reason', 'string?', 'why it was rejected or is empty; never a word of its text'],
  ]),
  doc: 'What lies in a corpus now: each document with its exact tokens. No text.',
};

export const CORPUS_COSTS: Table = {
  name: 'corpus_costs',
  partition: BY_CORPUS,
  columns: columns([
    ['model provider', 'string', 'canonical model; who bills'],
    ['mode', 'string', 'how the requests are sent (docs/estimate.md)'],
    ['requests input_tokens', 'bigint', 'of the whole corpus'],
    ['output_tokens_low output_tokens_expected output_tokens_high', 'bigint', 'range of what the answers come to'],
    ['input_cost cost_low cost_expected cost_high', 'decimal(38,12)?', 'USD; null = no price known'],
    ['basis', 'string', 'what the token counts rest on'],
    ['notes', 'string', 'what else to know: documents that do not fit, documents left out'],
    ['is_cheapest', 'boolean', 'the cheapest plan of the corpus'],
  ]),
  doc: 'What a corpus would cost, by model and mode; the figures of `inference-ledger estimate`.',
};
