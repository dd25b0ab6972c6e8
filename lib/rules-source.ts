/**
 * The rules a deployed ledger works by: config, price overlays and shipped price book. In: the lake, whose folder `config/` the owner changes
 * at any time, and the files that were deployed, which hold where there is nothing in the lake. Out: rules. Invariant: they are read anew for
 * every call and compared as text, so a change counts from the next call on, and what did not change is not parsed again.
 */
import { CONFIG_NAME, DEFAULT_CONFIG, parseConfig } from './config.ts';
import type { Config } from './config.ts';
import { Misconfigured } from './errors.ts';
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

export interface RulesSource {
  readonly lake: Pick<ObjectStore, 'read'>;
  /** config and overlays that were deployed: path in the config folder → text */
  readonly deployed: () => Promise<Readonly<Record<string, string>>>;
  readonly shippedBook: () => Promise<Parameters<typeof loadBook>[0]>;
  readonly hashKey: () => Promise<LedgerRules['hashKey']>;
}

/** Reads rules; keeps those of the last call while nothing changes. */
export function createRulesReader(source: RulesSource): () => Promise<LedgerRules> {
  let last: { readonly texts: string; readonly rules: LedgerRules } | null = null;
  let shipped: ReturnType<typeof loadBook> | null = null;
  return async () => {
    const config = await readConfig(source);
    const overlays = await Promise.all(config.prices.overlays.map(async (path) => await readOverlay(source, path)));
    const texts = JSON.stringify([config, overlays]);
    if (last?.texts === texts) return last.rules;
    shipped ??= loadBook(await source.shippedBook());
    const parsed = overlays.map(({ path, text }) => parseOverlay(path, text));
    const rules: LedgerRules = {
      config,
      book: parsed.length === 0 ? shipped : overlayBook(shipped, parsed),
      customer: compileCustomerRates(config.rates),
      hashKey: await source.hashKey(),
    };
    last = { texts, rules };
    return rules;
  };
}

async function readConfig(source: RulesSource): Promise<Config> {
  const text = await readText(source, CONFIG_NAME);
  if (text === null) return DEFAULT_CONFIG;
  return parseConfig(
    text,
    `${CONFIG_FOLDER}${CONFIG_NAME}`,
    FORMATS.map((format) => format.id),
  );
}

async function readOverlay(source: RulesSource, path: string): Promise<{ path: string; text: string }> {
  const text = await readText(source, path.replace(/^\.\//, ''));
  if (text === null)
    throw new Misconfigured(`prices.overlays: ${path} is neither in ${CONFIG_FOLDER} of the lake bucket nor deployed`, {
      hint: `copy it there: aws s3 cp ${path} s3://LAKE_BUCKET/${CONFIG_FOLDER}${path}`,
    });
  return { path, text };
}

/** The owner's file in the lake, else the deployed one. */
async function readText(source: RulesSource, path: string): Promise<string | null> {
  const bytes = await source.lake.read(`${CONFIG_FOLDER}${path}`);
  return bytes === null ? ((await source.deployed())[path] ?? null) : new TextDecoder().decode(bytes);
}

/** Notes in the lake what was deployed, unless it says so already. */
export async function noteDeployedConfig(
  lake: Pick<ObjectStore, 'read' | 'put'>,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const text = JSON.stringify(files);
  const noted = await lake.read(DEPLOYED_CONFIG_KEY);
  if (noted !== null && new TextDecoder().decode(noted) === text) return;
  await lake.put(DEPLOYED_CONFIG_KEY, new TextEncoder().encode(text));
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
