/**
 * Shell completion, made from the program's own words. In: the program. Out: a script for bash (3.2 or newer), zsh or fish that knows all commands, options
 * and choices by itself: no key press starts a process. A value is completed as what its placeholder says: `<dir>` folders, `<file>` files, else nothing.
 */
import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What may follow an option or a command. */
type Value = 'none' | 'dir' | 'file' | 'any' | readonly string[];

interface CompletedOption {
  readonly long: string;
  readonly description: string;
  readonly value: Value;
}

interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** of its first word */
  readonly words: readonly string[];
}

/** The script of a shell; ends with a newline. */
export function completionScript(program: Command, shell: Shell): string {
  const commands = program.commands.map(completedCommand);
  const name = program.name();
  const made = { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](name, commands);
  return `${made.join('\n')}\n`;
}

function completedCommand(command: Command): CompletedCommand {
  return {
    name: command.name(),
    description: command.description(),
    options: [
      ...command.options.map((option) => ({
        long: option.long ?? option.flags,
        description: option.description,
        value: valueOf(option),
      })),
      { long: '--help', description: 'what it does, with an example', value: 'none' },
    ],
    words: command.registeredArguments[0]?.argChoices ?? [],
  };
}

function valueOf(option: Option): Value {
  if (option.argChoices !== undefined) return option.argChoices;
  if (!option.required && !option.optional) return 'none';
  if (option.flags.endsWith('<dir>')) return 'dir';
  return option.flags.endsWith('<file>') ? 'file' : 'any';
}

function bashScript(name: string, commands: readonly CompletedCommand[]): string[] {
  const inQuotes = (words: readonly string[]): string => `$'${words.join('\\n')}'`;
  const after = (value: Value): string => {
    if (value === 'dir') return 'compopt -o filenames 2>/dev/null; COMPREPLY=( $(compgen -d -- "$cur") ); return';
    if (value === 'file') return 'compopt -o filenames 2>/dev/null; COMPREPLY=( $(compgen -f -- "$cur") ); return';
    if (value === 'any') return 'return';
    return `COMPREPLY=( $(compgen -W ${inQuotes(value as readonly string[])} -- "$cur") ); return`;
  };
  const values = commands.flatMap((command) =>
    command.options
      .filter(({ value }) => value !== 'none')
      .map(({ long, value }) => `    '${command.name} ${long}') ${after(value)} ;;`),
  );
  return [
    `# bash completion of ${name}, made by: ${name} completion bash`,
    '_inference_ledger() {',
    "  local IFS=$'\\n' cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}\" command='' words='' i",
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    case "${COMP_WORDS[i]}" in',
    `      ${commands.map((command) => command.name).join('|')}) command="\${COMP_WORDS[i]}"; break ;;`,
    '    esac',
    '  done',
    '  COMPREPLY=()',
    '  case "$command $prev" in',
    ...values,
    '  esac',
    '  case "$command" in',
    `    '') words=${inQuotes([...commands.map((command) => command.name), '--help', '--version'])} ;;`,
    ...commands.map(
      ({ name, options, words }) => `    ${name}) words=${inQuotes([...words, ...options.map(({ long }) => long)])} ;;`,
    ),
    '  esac',
    '  COMPREPLY=( $(compgen -W "$words" -- "$cur") )',
    '}',
    `complete -F _inference_ledger ${name}`,
  ];
}

function zshScript(name: string, commands: readonly CompletedCommand[]): string[] {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const escaped = (text: string): string => text.replaceAll(/[\\[\]:]/g, (sign) => `\\${sign}`);
  const after = (value: Value): string => {
    if (value === 'none') return '';
    if (value === 'dir') return ':folder:_files -/';
    if (value === 'file') return ':file:_files';
    return value === 'any' ? ':value: ' : `:value:(${value.join(' ')})`;
  };
  const optionOf = ({ long, description, value }: CompletedOption): string =>
    quoted(`${long}[${escaped(description)}]${after(value)}`);
  return [
    `#compdef ${name}`,
    `# zsh completion of ${name}, made by: ${name} completion zsh`,
    '_inference_ledger() {',
    '  local curcontext="$curcontext" state line',
    '  typeset -A opt_args',
    "  _arguments -C '--help[what there is]' '--version[which version this is]' '1: :->command' '*:: :->words'",
    '  case $state in',
    '    command)',
    '      local -a commands',
    '      commands=(',
    ...commands.map((command) => `        ${quoted(`${command.name}:${escaped(command.description)}`)}`),
    '      )',
    "      _describe -t commands 'command' commands ;;",
    '    words)',
    '      case $line[1] in',
    ...commands.map(({ name, options, words }) => {
      const first = words.length === 0 ? [] : [quoted(`1:word:(${words.join(' ')})`)];
      return `        ${name}) _arguments ${[...options.map(optionOf), ...first].join(' ')} ;;`;
    }),
    '      esac ;;',
    '  esac',
    '}',
    '# found by compinit it is called, sourced it is registered',
    `if [[ "\${funcstack[1]}" == "_${name}" ]]; then _inference_ledger "$@"; else compdef _inference_ledger ${name}; fi`,
  ];
}

function fishScript(name: string, commands: readonly CompletedCommand[]): string[] {
  const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, (sign) => `\\${sign}`)}'`;
  const after = (value: Value): string => {
    if (value === 'none') return '';
    if (value === 'dir') return " -x -a '(__fish_complete_directories)'";
    if (value === 'file') return ' -r -F';
    return value === 'any' ? ' -x' : ` -x -a ${quoted(value.join(' '))}`;
  };
  return [
    `# fish completion of ${name}, made by: ${name} completion fish`,
    `complete -c ${name} -f`,
    `complete -c ${name} -n __fish_use_subcommand -l help -d 'what there is'`,
    `complete -c ${name} -n __fish_use_subcommand -l version -d 'which version this is'`,
    ...commands.map(
      (command) => `complete -c ${name} -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.description)}`,
    ),
    ...commands.flatMap((command) => {
      const when = `complete -c ${name} -n ${quoted(`__fish_seen_subcommand_from ${command.name}`)}`;
      return [
        ...(command.words.length === 0 ? [] : [`${when} -a ${quoted(command.words.join(' '))}`]),
        ...command.options.map(
          ({ long, description, value }) => `${when} -l ${long.slice(2)} -d ${quoted(description)}${after(value)}`,
        ),
      ];
    }),
  ];
}
