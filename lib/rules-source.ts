/**
 * The rules a deployed ledger works by: config, price overlays and shipped price book. In: the lake, whose folder `config/` the owner changes
 * at any time, and the files that were deployed, which hold where there is nothing in the lake. Out: rules. Invariant: they are read anew for
 * every call, so a change counts from the next call on; a file with an error changes nothing, the rules of the last good round stay in force.
 */
import { CONFIG_NAME, DEFAULT_CONFIG, parseConfig } from './config.ts';
import type { Config } from './config.ts';
import { LedgerError, Misconfigured } from './errors.ts';
import type { LedgerRules } from './ledger-tools.ts';
import { FORMATS } from './normalize/registry.ts';
import type { ObjectStore } from './ports.ts';
import { compileCustomerRates } from './price/customer-rates.ts';
import { parseOverlay } from './price/overlay.ts';
import { loadBook, overlayBook } from './price/price-book.ts';

/** Folder of the lake that holds config and overlays. */
export const CONFIG_FOLDER = 'config/';
/** What was deployed, as the seal notes it in the lake: whoever works on the lake from elsewhere must go by the same rules. */
export const DEPLOYED_CONFIG_KEY = 'deployed-config.json';
/** Config and overlays of the last round that could read them, as the seal notes them: they hold while a newer file has an error. */
export const RULES_IN_FORCE_KEY = 'rules-in-force.json';

/** Config and overlays: path in the config folder → text, null where there is no such file. */
export type RuleFiles = Readonly<Record<string, string | null>>;

export interface RulesSource {
  readonly lake: Pick<ObjectStore, 'read'>;
  /** config and overlays that were deployed: path in the config folder → text */
  readonly deployed: () => Promise<Readonly<Record<string, string>>>;
  readonly shippedBook: () => Promise<Parameters<typeof loadBook>[0]>;
  readonly hashKey: () => Promise<LedgerRules['hashKey']>;
}

/** What one reading came to. */
export interface RulesReading {
  readonly rules: LedgerRules;
  /** the files they were made from */
  readonly files: RuleFiles;
  /** why today's files do not hold; null if they do */
  readonly problem: Misconfigured | null;
}

type Compile = (files: RuleFiles) => Promise<LedgerRules>;

/** Reads rules; keeps those of the last call while nothing changes. */
export function createRulesReader(source: RulesSource): () => Promise<RulesReading> {
  const compile = createCompiler(source);
  return async () => {
    const files = await todaysFiles(source);
    try {
      return { rules: await compile(files), files, problem: null };
    } catch (problem) {
      if (!(problem instanceof RefusedFiles)) throw problem;
      const before = await filesInForce(source);
      return { rules: await compile(before), files: before, problem: named(problem) };
    }
  };
}

/** The content of a file is wrong, in contrast to a file that could not be fetched. */
class RefusedFiles extends Misconfigured {}

function named(problem: RefusedFiles): Misconfigured {
  return new Misconfigured(`${problem.message}; the rules of before stay in force`, {
    cause: problem,
    hint: `put a right file below ${CONFIG_FOLDER} of the lake bucket; the next call reads it${problem.hint === undefined ? '' : ` (${problem.hint})`}`,
  });
}

/** From texts to rules; what was compiled last is kept. */
function createCompiler(source: RulesSource): Compile {
  let last: { readonly texts: string; readonly rules: LedgerRules } | null = null;
  let shipped: ReturnType<typeof loadBook> | null = null;
  return async (files) => {
    const texts = JSON.stringify(files);
    if (last?.texts === texts) return last.rules;
    shipped ??= loadBook(await source.shippedBook());
    const book = shipped;
    const checked = refusing(() => {
      const config = configIn(files);
      const overlays = config.prices.overlays.map((path) => parseOverlay(path, overlayIn(files, path)));
      return {
        config,
        book: overlays.length === 0 ? book : overlayBook(book, overlays),
        customer: compileCustomerRates(config.rates),
      };
    });
    const rules: LedgerRules = { ...checked, hashKey: await source.hashKey() };
    last = { texts, rules };
    return rules;
  };
}

function refusing<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new RefusedFiles(error.message, { cause: error, ...hint });
  }
}

function configIn(files: RuleFiles): Config {
  const text = files[CONFIG_NAME] ?? null;
  if (text === null) return DEFAULT_CONFIG;
  return parseConfig(
    text,
    `${CONFIG_FOLDER}${CONFIG_NAME}`,
    FORMATS.map((format) => format.id),
  );
}

function overlayIn(files: RuleFiles, path: string): string {
  const text = files[pathOf(path)] ?? null;
  if (text === null)
    throw new Misconfigured(`prices.overlays: ${path} is neither in ${CONFIG_FOLDER} of the lake bucket nor deployed`, {
      hint: `copy it there: aws s3 cp ${path} s3://LAKE_BUCKET/${CONFIG_FOLDER}${pathOf(path)}`,
    });
  return text;
}

const pathOf = (overlay: string): string => overlay.replace(/^\.\//, '');

/** Today's config and the overlays it names: the owner's file in the lake, else the deployed one. */
async function todaysFiles(source: RulesSource): Promise<RuleFiles> {
  const config = await readText(source, CONFIG_NAME);
  const files: Record<string, string | null> = { [CONFIG_NAME]: config };
  for (const path of overlaysNamedIn(files)) files[path] = await readText(source, path);
  return files;
}

/** None where the config cannot be read: the compiler says why. */
function overlaysNamedIn(files: RuleFiles): string[] {
  try {
    return configIn(files).prices.overlays.map(pathOf);
  } catch (error) {
    if (error instanceof LedgerError) return [];
    throw error;
  }
}

async function readText(source: RulesSource, path: string): Promise<string | null> {
  const bytes = await source.lake.read(`${CONFIG_FOLDER}${path}`);
  return bytes === null ? ((await source.deployed())[path] ?? null) : new TextDecoder().decode(bytes);
}

/** What the seal noted last; before its first round, what was deployed. */
async function filesInForce(source: RulesSource): Promise<RuleFiles> {
  const noted = await source.lake.read(RULES_IN_FORCE_KEY);
  return noted === null ? await source.deployed() : (JSON.parse(new TextDecoder().decode(noted)) as RuleFiles);
}

/** Notes in the lake which files hold, unless it says so already. */
export async function noteRulesInForce(lake: Pick<ObjectStore, 'read' | 'put'>, files: RuleFiles): Promise<void> {
  await note(lake, RULES_IN_FORCE_KEY, files);
}

/** Notes in the lake what was deployed, unless it says so already. */
export async function noteDeployedConfig(
  lake: Pick<ObjectStore, 'read' | 'put'>,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await note(lake, DEPLOYED_CONFIG_KEY, files);
}

async function note(lake: Pick<ObjectStore, 'read' | 'put'>, key: string, files: RuleFiles): Promise<void> {
  const text = JSON.stringify(files);
  const noted = await lake.read(key);
  if (noted !== null && new TextDecoder().decode(noted) === text) return;
  await lake.put(key, new TextEncoder().encode(text));
}

/** What the seal noted. Throws if it has not run yet. */
export async function readDeployedConfig(lake: Pick<ObjectStore, 'read'>): Promise<Readonly<Record<string, string>>> {
  const noted = await lake.read(DEPLOYED_CONFIG_KEY);
  if (noted === null)
    throw new Misconfigured('the seal function has not run yet, so the deployed config is not known here', {
      hint: 'wait for it (every 15 minutes by default), or invoke it once',
    });
  return JSON.parse(new TextDecoder().decode(noted)) as Readonly<Record<string, string>>;
}

/** A file that the config of a deployment names, from its place beside the config in the lake bucket. Throws `Misconfigured` where it is not there. */
export async function* configObject(store: Pick<ObjectStore, 'read'>, path: string): AsyncGenerator<Uint8Array> {
  const key = `${CONFIG_FOLDER}${path.replace(/^\.\//, '')}`;
  const bytes = await store.read(key);
  if (bytes === null)
    throw new Misconfigured(`the config names ${path}, and there is no ${key} in the lake bucket`, {
      hint: `put the file there: aws s3 cp FILE s3://LAKE_BUCKET/${key}`,
    });
  yield bytes;
}
