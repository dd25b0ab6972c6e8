/** `retract`: takes the rows of one object out of `usage` again; they stay in `usage_excluded`, and a new version of the object counts as before. */
import { retractObject } from '../../lib/retract.ts';
import { sealLake } from '../../lib/lake-seal.ts';
import { openAnyWorld } from '../any-world.ts';
import type { HomeOptions } from '../options.ts';
import { formatRows } from '../rows-text.ts';
import { printable } from '../terminal.ts';

export interface RetractOptions extends HomeOptions {
  config?: string;
  now?: string;
  format: string;
}

export async function retract(object: string, options: RetractOptions): Promise<void> {
  const world = await openAnyWorld({ ...options, label: 'retracting' });
  try {
    const { commit, isNew } = await retractObject(world.carry, object);
    // also where it was retracted before: that run may have been killed before it sealed
    const { sealedDays } = await sealLake(world.seal);
    if (options.format !== 'table') {
      const body = {
        object: commit.object,
        version: commit.version,
        records: commit.records,
        already_retracted: !isNew,
        sealed_days: sealedDays,
      };
      process.stdout.write(options.format === 'csv' ? formatRows([body], 'csv') : `${JSON.stringify(body, null, 1)}\n`);
      return;
    }
    const name = printable(commit.object);
    const days = `${sealedDays.length} days sealed`;
    process.stdout.write(
      isNew
        ? `${name}: ${commit.records} rows taken out of usage, kept in usage_excluded as retracted · ${days}\n`
        : `${name} was retracted before · ${days}\n`,
    );
  } finally {
    await world.close();
  }
}
