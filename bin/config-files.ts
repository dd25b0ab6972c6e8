/**
 * Config and price overlays from files, for whatever runs on a person's machine: the command line and the CDK app. In: the path of a config
 * file, or none. Out: checked config, price book and customer rates.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readShippedBook } from '../lib/adapters/local/book-files.ts';
import { CONFIG_NAME, DEFAULT_CONFIG, parseConfig } from '../lib/config.ts';
import type { Config } from '../lib/config.ts';
import { Misconfigured } from '../lib/errors.ts';
import { FORMATS } from '../lib/normalize/registry.ts';
import { compileCustomerRates } from '../lib/price/customer-rates.ts';
import type { CustomerRates } from '../lib/price/customer-rates.ts';
import { parseOverlay } from '../lib/price/overlay.ts';
import { loadBook, overlayBook } from '../lib/price/price-book.ts';
import type { PriceBook } from '../lib/price/price-book.ts';

/** The config named on the command line, the one beside the current folder, or the defaults. */
export async function loadConfig(
  path: string | undefined,
): Promise<{ config: Config; folder: string; path: string | null }> {
  const file = path ?? (existsSync(CONFIG_NAME) ? CONFIG_NAME : null);
  if (file === null) return { config: DEFAULT_CONFIG, folder: process.cwd(), path: null };
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Misconfigured(`${file} cannot be read`, { hint: 'make one with: inference-ledger init' });
  });
  return {
    config: parseConfig(
      text,
      file,
      FORMATS.map((format) => format.id),
    ),
    folder: dirname(resolve(file)),
    path: file,
  };
}

/** The shipped price book under the owner's overlays. */
export async function loadPrices(
  config: Config,
  folder: string,
): Promise<{ book: PriceBook; customer: CustomerRates }> {
  const shipped = loadBook(await readShippedBook());
  const overlays = await Promise.all(
    config.prices.overlays.map(async (path) => {
      const text = await readFile(resolve(folder, path), 'utf8').catch(() => {
        throw new Misconfigured(`prices.overlays: ${path} cannot be read`);
      });
      return parseOverlay(path, text);
    }),
  );
  return {
    book: overlays.length === 0 ? shipped : overlayBook(shipped, overlays),
    customer: compileCustomerRates(config.rates),
  };
}
