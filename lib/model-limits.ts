/**
 * What a model can take and give: context window, longest answer, modalities, tools. In: the shipped list as text (`lib/price/limits/model-limits.csv`,
 * made by `scripts/make-model-limits.ts`). Out: limits by provider and canonical model id. Invariant: what the list does not say is null, neither
 * a limit nor a permission.
 */
import { parse } from 'csv-parse/sync';

export const MODALITIES = ['text', 'image', 'audio', 'video', 'embedding', 'rerank'] as const;
export type Modality = (typeof MODALITIES)[number];

/** Null: not known. */
export interface ModelLimits {
  /** prompt and answer together; of models whose vendor states both apart, the prompt alone, which is less */
  readonly contextTokens: number | null;
  /** longest answer */
  readonly maximumOutputTokens: number | null;
  /** what prompts may hold, and what answers may be, as far as the source names it */
  readonly input: readonly Modality[] | null;
  readonly output: readonly Modality[] | null;
  readonly tools: boolean | null;
  /** regions that it is served in; the list says nothing of them */
  readonly regions: readonly string[] | null;
  /** who said so, and on which day */
  readonly source: string;
  readonly date: string;
}

/** Limits of a model by the book's provider and canonical id; null where nothing is known. */
export type LimitsOf = (provider: string, model: string) => ModelLimits | null;

/** The list, parsed. Throws the parser's error where the text is no CSV, `RangeError` where a line makes no sense. */
export function modelLimits(text: string): LimitsOf {
  const rows = parse<Readonly<Record<string, string>>>(text, { columns: true, comment: '#', comment_no_infix: true });
  const byModel = new Map(rows.map((row) => [`${row['provider']}/${row['model']}`, limitsIn(row)]));
  return (provider, model) => byModel.get(`${provider}/${model}`) ?? null;
}

/** The same, parsed when it is asked for the first time: most runs price no corpus. */
export function modelLimitsWhenAsked(text: string): LimitsOf {
  let limits: LimitsOf | null = null;
  return (provider, model) => (limits ??= modelLimits(text))(provider, model);
}

function limitsIn(row: Readonly<Record<string, string>>): ModelLimits {
  const text = (column: string): string | null => row[column] || null;
  const tokens = (column: string): number | null => {
    const told = text(column);
    if (told === null) return null;
    if (!/^[1-9]\d{0,8}$/.test(told)) throw new RangeError(`model limits: ${row['model']} has ${column} ${told}`);
    return Number(told);
  };
  const modalities = (column: string): Modality[] | null => text(column)?.split(' ').map(modalityNamed) ?? null;
  const tools = text('tools');
  return {
    contextTokens: tokens('context_tokens'),
    maximumOutputTokens: tokens('maximum_output_tokens'),
    input: modalities('input'),
    output: modalities('output'),
    tools: tools === null ? null : tools === 'yes',
    regions: null,
    source: row['source'] ?? '',
    date: row['date'] ?? '',
  };
}

function modalityNamed(name: string): Modality {
  const found = MODALITIES.find((modality) => modality === name);
  if (found === undefined) throw new RangeError(`model limits: no modality ${name}`);
  return found;
}
