/**
 * The folder of logs with prompts that `--prompts` names: lossless rewrites and the tokenizers of vendors are measured on it, and nothing but shares and
 * ratios is kept.
 */
import { statSync } from 'node:fs';
import { createFolderStore } from '../lib/adapters/local/folder-store.ts';
import { loadHashKey } from '../lib/adapters/local/hash-key.ts';
import { vocabularyBytes } from '../lib/adapters/local/vocabulary-files.ts';
import type { CalibrationRow } from '../lib/count/tokenizer-calibration.ts';
import { Misconfigured } from '../lib/errors.ts';
import type { PromptInput } from '../lib/inbox-prompts.ts';
import { decideTools, passTools } from '../lib/ledger-tools.ts';
import type { LedgerRules } from '../lib/ledger-tools.ts';
import { measureTokenizers } from '../lib/prompt-calibration.ts';
import { measureRewrites } from '../lib/prompt-rewrites.ts';
import type { RewriteRow } from '../lib/simulate/measured-rewrites.ts';

/** Throws `Misconfigured` where it is no folder, or the ledger lies elsewhere. */
export function checkPrompts({ prompts, stack }: { readonly prompts?: string; readonly stack?: string }): void {
  if (prompts === undefined) return;
  if (stack !== undefined)
    throw new Misconfigured('--prompts takes a folder: it goes with --lake, not with --stack', {
      hint: 'texts of a deployed ledger stay in its inbox bucket; leave --prompts out',
    });
  if (statSync(prompts, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new Misconfigured(`--prompts ${prompts} is no folder`, {
      hint: 'name the folder with your usage logs, the one that run takes as --inbox',
    });
}

/** Measures under the rules of the ledger; null where no folder is named. */
export async function measurePrompts(
  rules: Pick<LedgerRules, 'config' | 'book' | 'customer'>,
  { prompts }: { readonly prompts?: string },
): Promise<readonly RewriteRow[] | null> {
  return prompts === undefined ? null : await measureRewrites(await promptInput(rules, prompts));
}

/** Tokens that vendors report for texts, by model; null where no folder is named. */
export async function measureOwnTokenizers(
  rules: Pick<LedgerRules, 'config' | 'book' | 'customer'>,
  { prompts }: { readonly prompts?: string },
): Promise<readonly CalibrationRow[] | null> {
  return prompts === undefined ? null : await measureTokenizers(await promptInput(rules, prompts));
}

async function promptInput(
  rules: Pick<LedgerRules, 'config' | 'book' | 'customer'>,
  prompts: string,
): Promise<PromptInput> {
  const all: LedgerRules = { ...rules, hashKey: await loadHashKey(process.env) };
  return {
    inbox: createFolderStore(prompts),
    tools: passTools(all, decideTools(all), vocabularyBytes),
    maxObjectBytes: all.config.limits.max_object_bytes,
  };
}
