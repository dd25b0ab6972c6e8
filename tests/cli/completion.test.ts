/** Completion scripts: bash runs them; of the others every command, option and choice is looked for, in their own words. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { completionScript, SHELLS } from '../../bin/completion.ts';
import { program } from '../../bin/program.ts';

const run = promisify(execFile);
const cli = program();
const commands = cli.commands.map((command) => ({
  name: command.name(),
  options: command.options.map((option) => option.long ?? ''),
}));

/** What bash offers for the last word of a line. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `${completionScript(cli, 'bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _inference_ledger; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run('bash', ['--norc', '-c', script, 'bash', 'inference-ledger', ...words], {
    cwd: import.meta.dirname,
  });
  return stdout.split('\n').filter((line) => line !== '');
}

describe('bash', () => {
  test('offers all commands first, and those that begin so', async () => {
    expect(await offered('')).toEqual([...commands.map(({ name }) => name), '--help', '--version']);
    expect(await offered('re')).toEqual(commands.map(({ name }) => name).filter((name) => name.startsWith('re')));
  });

  test.each(commands)('offers the options of $name', async ({ name, options }) => {
    expect((await offered(name, '--')).toSorted()).toEqual([...options, '--help'].toSorted());
  });

  test('offers choices, files and folders, and nothing where anything may stand', async () => {
    expect(await offered('query', '--format', '')).toEqual(['table', 'json', 'csv']);
    expect(await offered('query', '--format', 'c')).toEqual(['csv']);
    expect(await offered('completion', '')).toEqual([...SHELLS, '--help']);
    expect(await offered('run', '--config', 'completion.t')).toEqual(['completion.test.ts']);
    expect(await offered('run', '--lake', 'completion.t')).toEqual([]);
    expect(await offered('run', '--lake', '../cl')).toEqual(['../cli']);
    expect(await offered('run', '--now', '')).toEqual([]);
  });
});

test.each(['zsh', 'fish'] as const)('%s knows every command, option and choice', (shell) => {
  const lines = completionScript(cli, shell).split('\n');
  const optionOf = (long: string): string => (shell === 'zsh' ? `'${long}[` : ` -l ${long.slice(2)} -d `);
  for (const { name, options } of commands) {
    const own =
      shell === 'zsh'
        ? lines.filter((line) => line.trimStart().startsWith(`${name}) _arguments`))
        : lines.filter((line) => line.includes(`'__fish_seen_subcommand_from ${name}'`));
    expect(own.length).toBeGreaterThan(0);
    for (const long of [...options, '--help']) expect(own.join('\n')).toContain(optionOf(long));
  }
  expect(lines.join('\n')).toContain('table json csv');
});

test('quotes of descriptions do not end a word', () => {
  const script = completionScript(cli, 'zsh');
  expect(script).toContain(`take one object'\\''s rows`);
  expect(completionScript(cli, 'fish')).toContain(`take one object\\'s rows`);
});
