/**
 * Opens the ledger a command was pointed at, in a folder or deployed, for what needs no inbox. In: options. Out: what deciding again and sealing
 * need. The AWS parts are loaded only where a deployment is named.
 */
import type { CarryWorld } from '../lib/carry-over.ts';
import type { LakeSealInput } from '../lib/lake-seal.ts';
import { openLakeWorld } from './local-world.ts';
import { homeOf } from './options.ts';
import type { HomeOptions } from './options.ts';

export interface AnyWorld {
  readonly carry: CarryWorld;
  readonly seal: LakeSealInput;
  close(): void | Promise<void>;
}

/** How it is opened. */
export interface AnyWorldOptions extends HomeOptions {
  readonly config?: string;
  readonly now?: string;
  readonly label?: string;
}

/** Opens it; `close` must be awaited. */
export async function openAnyWorld(options: AnyWorldOptions): Promise<AnyWorld> {
  const home = homeOf(options);
  const { lake: _lake, stack: _stack, ...rest } = options;
  if ('lake' in home) return await openLakeWorld({ ...rest, ...home });
  const { openStackWorld } = await import('./stack-world.ts');
  return await openStackWorld({ ...rest, ...home });
}
