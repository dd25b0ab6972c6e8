/**
 * The exact truth of a generation: what a correct ledger of it must hold. In: every line as it is written. Out: counts and token sums by
 * format and by model, with the ledger's own column names. Invariant: counted from the calls, never read back from the lines.
 */
import type { GeneratedCall } from './generated-call.ts';

/** Columns of `usage` that hold tokens of the generated calls. */
export const TOKEN_METERS = [
  'input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'reasoning_tokens',
] as const;

/** Sums over calls; the names are those of the table `usage`. */
type MeterTruth = Record<'calls' | (typeof TOKEN_METERS)[number] | 'web_searches', number>;

export interface FormatTruth extends MeterTruth {
  /** calls with status error: they are rows of `usage` without tokens */
  errors: number;
  lines: number;
  /** lines that tell of a call; more than `calls` where agents write one call several times */
  usage_lines: number;
  /** lines that are whole and carry no usage */
  skipped_lines: number;
  /** broken lines; their calls are counted nowhere else */
  bad_lines: number;
}

/** Serialized as `truth.json` beside a generated inbox. */
export interface GenerationTruth {
  readonly seed: number;
  readonly objects: number;
  readonly lines: number;
  readonly bad_lines: number;
  readonly total: Readonly<FormatTruth>;
  /** by the format's id in the ledger (`source_format`) */
  readonly formats: Readonly<Record<string, Readonly<FormatTruth>>>;
  /** by the model as the line writes it; calls with status error are left out, since some formats do not name a model there */
  readonly models: Readonly<Record<string, Readonly<MeterTruth>>>;
}

/** What was written: a line of a format, complete (`call`), witnessing (`hasUsage` alone), silent, or bad. */
export interface WrittenLine {
  readonly format: string;
  readonly call: GeneratedCall | null;
  readonly hasUsage: boolean;
  readonly isBad: boolean;
}

export interface TruthTally {
  object(): void;
  add(line: WrittenLine): void;
  result(): GenerationTruth;
}

const noMeters = (): MeterTruth => ({
  calls: 0,
  input_tokens: 0,
  cache_read_tokens: 0,
  cache_write_5m_tokens: 0,
  cache_write_1h_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  web_searches: 0,
});

const noLines = (): FormatTruth => ({
  ...noMeters(),
  errors: 0,
  lines: 0,
  usage_lines: 0,
  skipped_lines: 0,
  bad_lines: 0,
});

/** Counts as lines are written; `result` may be asked at any time and tells of the lines so far. */
export function createTruth(seed: number): TruthTally {
  const formats = new Map<string, FormatTruth>();
  const models = new Map<string, MeterTruth>();
  const total = noLines();
  let objects = 0;
  return {
    object: () => void objects++,
    add(line) {
      const format = entry(formats, line.format, noLines);
      for (const sums of [format, total]) addLine(sums, line);
      if (line.call === null || line.isBad || line.call.status === 'error') return;
      addMeters(entry(models, line.call.model, noMeters), line.call);
    },
    result: () => ({
      seed,
      objects,
      lines: total.lines,
      bad_lines: total.bad_lines,
      total: { ...total },
      formats: sorted(formats),
      models: sorted(models),
    }),
  };
}

function addLine(sums: FormatTruth, { call, hasUsage, isBad }: WrittenLine): void {
  sums.lines++;
  if (isBad) sums.bad_lines++;
  else if (!hasUsage) sums.skipped_lines++;
  else {
    sums.usage_lines++;
    if (call !== null) addMeters(sums, call);
    if (call?.status === 'error') sums.errors++;
  }
}

function addMeters(sums: MeterTruth, call: GeneratedCall): void {
  sums.calls++;
  sums.input_tokens += call.inputTokens;
  sums.cache_read_tokens += call.cacheReadTokens;
  sums.cache_write_5m_tokens += call.cacheWrite5mTokens;
  sums.cache_write_1h_tokens += call.cacheWrite1hTokens;
  sums.output_tokens += call.outputTokens;
  sums.reasoning_tokens += call.reasoningTokens;
  sums.web_searches += call.webSearches;
}

function entry<T>(map: Map<string, T>, key: string, make: () => T): T {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

function sorted<T>(map: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
