/** Options that several commands have, said once, so that the same word means the same everywhere. */
import type { Command } from 'commander';
import { Option } from 'commander';

/** `--format`, the first choice being what a person reads. */
export const format = (...choices: string[]): Option =>
  new Option('--format <format>', 'how to print the result').choices(choices).default(choices[0]);

export const lakeOption = (): Option => new Option('--lake <dir>', 'folder of the ledger');
export const stackOption = (): Option =>
  new Option('--stack <name>', 'or a ledger deployed in AWS, by aws.name of its config');
export const configOption = (): Option => new Option('--config <file>', 'inference-ledger.config.json');
export const nowOption = (): Option => new Option('--now <iso>', 'take this as the current time');

/** Adds an example to the help of a command: every one has some, and each can be typed as it stands. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  const lines = examples.map((example) => `  inference-ledger ${example}`);
  return command.addHelpText('after', `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.join('\n')}`);
}

/** The examples of a command, as its help has them, without the name of the program. */
export function examplesIn(help: string): string[] {
  const [, after = ''] = help.split(/^Examples?:\n/m);
  return [...after.matchAll(/^ {2}inference-ledger (.+)$/gm)].map(([, words = '']) => words);
}
