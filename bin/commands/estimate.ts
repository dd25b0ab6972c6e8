/**
 * `estimate`: what it will cost to run a folder of documents, or a preset, through models, before a cent is spent. In: options. Out: a table, JSON or
 * CSV on stdout; what was left out and progress on stderr.
 */
import { basename, resolve } from 'node:path';
import { openDuckDb } from '../../lib/adapters/local/duckdb-engine.ts';
import { createFolderCatalog } from '../../lib/adapters/local/folder-catalog.ts';
import { createFolderStore } from '../../lib/adapters/local/folder-store.ts';
import { exposeLake } from '../../lib/adapters/local/lake-tables.ts';
import { readShippedLimits } from '../../lib/adapters/local/limits-file.ts';
import { loadSqlFolder } from '../../lib/adapters/local/sql-files.ts';
import type { DocumentReader } from '../../lib/documents/document.ts';
import { Misconfigured } from '../../lib/errors.ts';
import { corpusCostRows, estimateJson } from '../../lib/estimate/estimate-json.ts';
import type { Estimate } from '../../lib/estimate/estimate.ts';
import { TASKS } from '../../lib/estimate/output-length.ts';
import type { OutputHistory, Task } from '../../lib/estimate/output-length.ts';
import { isPreset, PRESETS, presetDocuments } from '../../lib/estimate/presets.ts';
import type { Preset } from '../../lib/estimate/presets.ts';
import type { Range } from '../../lib/estimate/estimate-settings.ts';
import { corpusEstimator, outputHistory } from '../../lib/estimation.ts';
import type { EstimateRequest } from '../../lib/estimation.ts';
import { givenLengths } from '../../lib/model-offers.ts';
import { modelLimits } from '../../lib/model-limits.ts';
import { fromIso } from '../../lib/time.ts';
import { loadConfig, loadPrices } from '../config-files.ts';
import { documentsIn } from '../document-folder.ts';
import { estimateText } from '../estimate-text.ts';
import { dayOption, wholeNumber } from '../options.ts';
import { checkPrompts, measureOwnTokenizers } from '../prompts-folder.ts';
import { terminalProgress } from '../progress.ts';
import { formatRows } from '../rows-text.ts';
import { consoleLog } from '../terminal.ts';

export interface EstimateOptions {
  readonly documents?: string;
  readonly preset?: string;
  readonly models?: string;
  readonly outputTokens?: string;
  readonly requestsPerDocument?: string;
  readonly sharedPromptTokens?: string;
  readonly questionTokens?: string;
  readonly chunkTokens?: string;
  readonly overlapTokens?: string;
  readonly task?: string;
  readonly rpm?: string;
  readonly tpm?: string;
  readonly batchCacheHits?: string;
  readonly skipDuplicates?: boolean;
  readonly chatOverhead?: boolean;
  readonly lake?: string;
  /** folder with logs on whose prompts tokenizers are measured */
  readonly prompts?: string;
  readonly at?: string;
  readonly config?: string;
  readonly format: string;
}

type DocumentsConfig = Awaited<ReturnType<typeof loadConfig>>['config']['documents'];

/** How documents are read. */
export type OpenReader = (config: DocumentsConfig, folder: string) => DocumentReader;

export async function estimate(options: EstimateOptions): Promise<void> {
  const { openDocumentReader } = await import('../../lib/adapters/local/document-reader.ts');
  const made = await estimateFolder(options, openDocumentReader);
  const { rejected, documents } = made.estimate;
  process.stdout.write(printed(made.estimate, options.format));
  for (const note of [...notesOf(made.estimate), ...made.notes]) consoleLog().info(note);
  process.exitCode = documents > 0 && rejected * 100 > documents * made.rejectedPercent ? 3 : 0;
}

/** The estimate, the share of rejected documents from which on it is told by the exit code, and what the person may have forgotten. */
export async function estimateFolder(
  options: EstimateOptions,
  openReader: OpenReader,
): Promise<{ estimate: Estimate; rejectedPercent: number; notes: readonly string[] }> {
  const source = sourceOf(options);
  checkPrompts(options);
  const { config, folder } = await loadConfig(options.config);
  const { book, customer } = await loadPrices(config, folder);
  const atMs = options.at === undefined ? Date.now() : (fromIso(dayOption('--at', options.at)) as number);
  const sources = {
    book,
    customer,
    limitsOf: modelLimits(await readShippedLimits()),
    atMs,
    tokenizers: Object.fromEntries(
      Object.entries(config.documents.tokenizers).map(([name, { models }]) => [name, models]),
    ),
    calibration: await measureOwnTokenizers({ config, book, customer }, options),
    ...('preset' in source
      ? { tokensOf: givenLengths(`preset ${source.preset}: whole prompts, in tokens of the model`) }
      : {}),
  };
  const request = requestOf(options, config.documents, source, await historyOf(options.lake));
  const estimator = corpusEstimator(request, sources, 'refuse');
  if ('preset' in source) for (const document of presetDocuments(source.preset)) estimator.add(document);
  else {
    const reader = openReader(config.documents, folder);
    try {
      const progress = terminalProgress('documents', 'documents');
      for await (const result of documentsIn(source.folder, reader, progress)) estimator.add(result);
    } finally {
      await reader.close();
    }
  }
  const isGuess = request.outputTokens === undefined && request.task === undefined && request.history.length === 0;
  const made = estimator.finish();
  return {
    estimate: made,
    rejectedPercent: Number(config.limits.rejected_percent),
    notes:
      isGuess && made.plans.some(({ isEmbedding }) => !isEmbedding)
        ? ['note: answers are taken to be summaries; say what they are with --task, --output-tokens or --lake']
        : [],
  };
}

function sourceOf({ documents, preset, prompts }: EstimateOptions): { folder: string } | { preset: Preset } {
  if (documents !== undefined && preset === undefined) return { folder: documents };
  if (preset === undefined || documents !== undefined)
    throw new Misconfigured('name the documents: either --documents DIR or --preset NAME');
  if (prompts !== undefined)
    throw new Misconfigured('--prompts does not go with --preset, whose lengths are tokens of the model already');
  if (isPreset(preset)) return { preset };
  throw new Misconfigured(`--preset ${preset}: must be one of ${Object.keys(PRESETS).join(', ')}`);
}

/** Options win over the config. A preset's lengths are whole prompts: no chat format is added. */
function requestOf(
  options: EstimateOptions,
  config: DocumentsConfig,
  source: { folder: string } | { preset: Preset },
  history: readonly OutputHistory[],
): EstimateRequest {
  const number = (option: string, text: string | undefined): number | undefined =>
    text === undefined ? undefined : wholeNumber(option, text);
  const settings = {
    requestsPerDocument: number('--requests-per-document', options.requestsPerDocument) ?? config.requestsPerDocument,
    sharedPromptTokens: number('--shared-prompt-tokens', options.sharedPromptTokens) ?? config.sharedPromptTokens,
    questionTokens: number('--question-tokens', options.questionTokens),
    chunkTokens: number('--chunk-tokens', options.chunkTokens) ?? config.chunkTokens,
    overlapTokens: number('--overlap-tokens', options.overlapTokens) ?? config.overlapTokens,
    requestsPerMinute: number('--rpm', options.rpm),
    tokensPerMinute: number('--tpm', options.tpm),
    batchCacheHits: number('--batch-cache-hits', options.batchCacheHits),
    skipDuplicates: options.skipDuplicates,
    chatOverhead: 'preset' in source ? 'within' : options.chatOverhead === true ? 'added' : 'left_out',
  };
  const task = options.task === undefined ? undefined : taskNamed(options.task);
  return {
    corpus: 'preset' in source ? source.preset : basename(resolve(source.folder)),
    models: options.models === undefined ? config.models : listed(options.models),
    // a task that is named is a word about answers, as their length is: the config's does not overrule it
    outputTokens:
      options.outputTokens === undefined
        ? task === undefined
          ? config.outputTokens
          : undefined
        : rangeOf(options.outputTokens),
    task,
    settings: Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
    history,
  };
}

function listed(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new Misconfigured(`--models ${text}: must be names with a comma between them`);
  return names;
}

function taskNamed(name: string): Task {
  const task = TASKS.find((known) => known === name);
  if (task === undefined) throw new Misconfigured(`--task ${name}: must be one of ${TASKS.join(', ')}`);
  return task;
}

function rangeOf(text: string): number | Range<number> {
  const parts = text.split(',').map((part) => wholeNumber('--output-tokens', part));
  const [low, expected, high] = parts;
  if (parts.length === 1) return low as number;
  if (parts.length !== 3)
    throw new Misconfigured(`--output-tokens ${text}: must be a whole number, or three: low,expected,high`);
  return { low: low as number, expected: expected as number, high: high as number };
}

/** What the ledger in a folder saw of answers; nothing where none is named. */
async function historyOf(lake: string | undefined): Promise<readonly OutputHistory[]> {
  if (lake === undefined) return [];
  const state = await createFolderCatalog(createFolderStore(lake)).read();
  if (state.revision === 0)
    throw new Misconfigured(`there is no ledger in ${lake}`, {
      hint: `make one with: inference-ledger run --inbox DIR --lake ${lake}`,
    });
  const engine = await openDuckDb(lake);
  try {
    await exposeLake(engine, state);
    const { 'output-history': sql } = await loadSqlFolder('estimate/queries');
    if (sql === undefined) throw new RangeError('no query estimate/queries/output-history.sql');
    return await outputHistory(engine, sql);
  } finally {
    engine.close();
  }
}

function printed(made: Estimate, format: string): string {
  if (format === 'json') return `${JSON.stringify(estimateJson(made), null, 1)}\n`;
  if (format === 'csv')
    return formatRows(
      corpusCostRows(made).map((row) => ({ ...row })),
      'csv',
    );
  return estimateText(made);
}

/** What is not in the numbers, or is and may not be meant to be. */
function notesOf({ empty, rejected, duplicates, areDuplicatesSkipped }: Estimate): string[] {
  return [
    ...(empty === 0 ? [] : [`note: ${empty} empty, not priced`]),
    ...(rejected === 0 ? [] : [`note: ${rejected} rejected, not priced; --format json names them all`]),
    ...(duplicates === 0
      ? []
      : [
          areDuplicatesSkipped
            ? `note: ${duplicates} duplicates of other documents, left out`
            : `note: ${duplicates} duplicates of other documents, priced each time; leave them out with --skip-duplicates`,
        ]),
  ];
}
