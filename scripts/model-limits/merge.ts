/**
 * Limits of the price book's models from LiteLLM's map of models. In: the parsed map, the book. Out: one line per model of the book that the map
 * knows, in order of provider and id. An entry under the book's own id wins; else, of all that are other names of the model (snapshots, regions),
 * the smallest limits and what all of them can do. Invariant: what the map does not say stays empty.
 */
import { matchModel } from '../../lib/price/match.ts';
import { bookRows } from '../../lib/price/price-book.ts';
import type { PriceBook } from '../../lib/price/price-book.ts';
import { bookProvider } from '../../lib/price/provider-name.ts';
import { MODALITIES } from '../../lib/model-limits.ts';
import { newRecord } from '../../lib/record.ts';

export type MapEntry = Readonly<Record<string, unknown>>;

export interface LimitsLine {
  readonly provider: string;
  readonly model: string;
  readonly context_tokens: string;
  readonly maximum_output_tokens: string;
  readonly input: string;
  readonly output: string;
  readonly tools: string;
}

interface Told {
  readonly id: string;
  /** nothing but the provider stood before the id: no region, no commitment */
  readonly isPlain: boolean;
  readonly context: number | null;
  readonly output: number | null;
  readonly takes: readonly string[] | null;
  readonly gives: readonly string[] | null;
  readonly tools: boolean | null;
}

/** What answers are, by the map's `mode`, where the map does not list it. */
const GIVES: Readonly<Record<string, readonly string[]>> = {
  chat: ['text'],
  responses: ['text'],
  completion: ['text'],
  image_generation: ['image'],
  image_edit: ['image'],
  embedding: ['embedding'],
  rerank: ['rerank'],
  audio_transcription: ['text'],
  audio_speech: ['audio'],
  realtime: ['text', 'audio'],
};

/** Lines of the models of the book. */
export function limitLines(entries: Readonly<Record<string, MapEntry>>, book: PriceBook): LimitsLine[] {
  const known = new Map<string, { provider: string; model: string; told: Told[] }>();
  for (const { provider, model } of bookRows(book))
    if (model !== '*') known.set(`${provider}/${model}`, { provider, model, told: [] });
  for (const [key, entry] of Object.entries(entries)) {
    const provider = providerOf(String(entry['litellm_provider']));
    if (provider === null) continue;
    for (const id of idsOf(key)) {
      const record = newRecord({ id: 'limits', sourceKind: 'provider', class: 'calls' }, provider, id);
      const model = matchModel(book, record, 0)?.prices.model;
      const own = model === undefined ? undefined : known.get(`${provider}/${model}`);
      if (own === undefined) continue;
      own.told.push(toldBy(id, key, entry));
      break;
    }
  }
  return [...known.values()]
    .flatMap(({ provider, model, told }) => (told.length === 0 ? [] : [lineOf(provider, model, told)]))
    .filter((line) => line.context_tokens + line.maximum_output_tokens + line.input + line.output + line.tools !== '')
    .toSorted((a, b) => (`${a.provider} ${a.model}` < `${b.provider} ${b.model}` ? -1 : 1));
}

/** The map splits Vertex AI by publisher, and names models of embeddings apart. */
function providerOf(name: string): string | null {
  return bookProvider(name) ?? bookProvider(/^(vertex_ai|fireworks_ai|bedrock)[-_]/.exec(name)?.[1] ?? name);
}

/** Ways the book may spell a key: as it is, without the provider before it, without a region or commitment before the id. */
function idsOf(key: string): string[] {
  const parts = key.split('/');
  return [0, 1, 2, 3].flatMap((at) => (at < parts.length ? [parts.slice(at).join('/')] : []));
}

function toldBy(id: string, key: string, entry: MapEntry): Told {
  const tokens = (name: string): number | null => {
    const count = entry[name];
    return typeof count === 'number' && Number.isInteger(count) && count > 0 ? count : null;
  };
  const mode = String(entry['mode']);
  const gives = listOf(entry['supported_output_modalities']) ?? GIVES[mode] ?? null;
  const isAudio = mode === 'audio_transcription';
  const says = (name: string): boolean => entry[name] === true;
  const takes = listOf(entry['supported_modalities']) ?? [
    isAudio ? 'audio' : 'text',
    ...(says('supports_vision') || says('supports_image_input') || says('supports_embedding_image_input')
      ? ['image']
      : []),
    ...(says('supports_audio_input') && !isAudio ? ['audio'] : []),
    ...(says('supports_video_input') ? ['video'] : []),
  ];
  const tools = entry['supports_function_calling'];
  return {
    id,
    isPlain: key === id || bookProvider(key.slice(0, -id.length - 1)) !== null,
    context: tokens('max_input_tokens'),
    output: tokens('max_output_tokens'),
    takes: mode in GIVES ? takes : null,
    gives: gives === null || !says('supports_audio_output') ? gives : [...new Set([...gives, 'audio'])],
    tools: typeof tools === 'boolean' ? tools : null,
  };
}

function listOf(names: unknown): string[] | null {
  return Array.isArray(names) && names.length > 0 ? names.map(String) : null;
}

function lineOf(provider: string, model: string, told: readonly Told[]): LimitsLine {
  const exact = told.filter(({ id, isPlain }) => isPlain && id === model);
  const said = exact.length > 0 ? exact : told;
  const least = (of: (one: Told) => number | null): string => {
    const counts = said.flatMap((one) => of(one) ?? []);
    return counts.length === 0 ? '' : String(Math.min(...counts));
  };
  const all = (of: (one: Told) => readonly string[] | null): string => {
    const lists = said.flatMap((one) => (of(one) === null ? [] : [of(one) as readonly string[]]));
    return lists.length === 0 ? '' : MODALITIES.filter((name) => lists.every((list) => list.includes(name))).join(' ');
  };
  const tools = said.flatMap((one) => one.tools ?? []);
  return {
    provider,
    model,
    context_tokens: least(({ context }) => context),
    maximum_output_tokens: least(({ output }) => output),
    input: all(({ takes }) => takes),
    output: all(({ gives }) => gives),
    tools: tools.length === 0 ? '' : tools.every(Boolean) ? 'yes' : 'no',
  };
}
