/** `init`: a few questions, then a config in which every part says what it is for. Without a terminal the defaults are taken. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { CONFIG_NAME } from '../../lib/config.ts';
import { Misconfigured } from '../../lib/errors.ts';
import { askAnswers } from '../config-questions.ts';
import { DEFAULT_ANSWERS, firstConfig } from '../first-config.ts';
import type { Answers } from '../first-config.ts';

const SCHEMA = 'inference-ledger.config.schema.json';

export async function init(options: { config: string; yes?: boolean }): Promise<void> {
  const path = options.config;
  if (existsSync(path))
    throw new Misconfigured(`${path} exists already`, { hint: 'edit it, or name another file with --config' });
  const answers = options.yes === true || !process.stdin.isTTY ? DEFAULT_ANSWERS : await asked();
  // somebody may have written it while questions were answered
  await writeFile(path, firstConfig(answers, schemaBeside(path)), { flag: 'wx' });
  const named = path === CONFIG_NAME ? '' : ` --config ${path}`;
  process.stdout.write(
    `wrote ${path}: open it, every part says what it is for\ncheck    inference-ledger doctor${named}\nnext     inference-ledger run --inbox ./logs --lake ./lake${named}\n`,
  );
}

async function asked(): Promise<Answers> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await askAnswers(lines);
  } finally {
    lines.close();
  }
}

/** Where an editor finds the schema from the file: in an installed package or in a checkout. */
function schemaBeside(path: string): string | null {
  const folder = dirname(resolve(path));
  const places = [join('node_modules', 'inference-ledger', SCHEMA), SCHEMA];
  const found = places.find((place) => existsSync(join(folder, place)));
  return found === undefined ? null : `./${found.replaceAll('\\', '/')}`;
}
