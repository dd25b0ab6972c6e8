/** `reprice`: today's prices and rules for a range of days, closed months too, from landing; the difference is shown before anything is switched. */
import { createInterface } from 'node:readline/promises';
import { Misconfigured } from '../../lib/errors.ts';
import { prepareRepricing } from '../../lib/reprice.ts';
import { openAnyWorld } from '../any-world.ts';
import { dayOption } from '../options.ts';
import type { HomeOptions } from '../options.ts';
import { differenceCsv, differenceJson, renderDifference } from '../restamp-text.ts';

export interface RepriceOptions extends HomeOptions {
  from: string;
  to?: string;
  config?: string;
  now?: string;
  yes?: boolean;
  format: string;
}

export async function reprice(options: RepriceOptions): Promise<void> {
  const range = {
    from: dayOption('--from', options.from),
    to: options.to === undefined ? null : dayOption('--to', options.to),
  };
  if (range.to !== null && range.to < range.from)
    throw new Misconfigured(`--to ${range.to} is before --from ${range.from}`);
  const world = await openAnyWorld({ ...options, label: 'pricing again' });
  try {
    const repricing = await prepareRepricing(world.carry, world.seal, range);
    const { format } = options;
    const isText = format === 'table';
    const printed = format === 'csv' ? differenceCsv : differenceJson;
    if (repricing.restamp.batches.length === 0) {
      process.stdout.write(
        isText
          ? 'nothing to do: all rows of these days stand under these prices and rules\n'
          : printed(repricing, false),
      );
      return;
    }
    if (isText) process.stdout.write(renderDifference(repricing));
    const isWanted = options.yes === true || (await confirmed());
    await (isWanted ? repricing.apply() : repricing.discard());
    process.stdout.write(isText ? `${outcome(isWanted)}\n` : printed(repricing, isWanted));
  } finally {
    await world.close();
  }
}

function outcome(isSwitched: boolean): string {
  return isSwitched ? 'the ledger was switched' : 'nothing was changed; add --yes to switch the ledger to this';
}

/** Asks on a terminal; without one the answer is no. */
async function confirmed(): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question('switch the ledger to this? [y/N] ')).trim());
  } finally {
    terminal.close();
  }
}
