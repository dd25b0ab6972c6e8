/**
 * What a person is told when something went wrong: what happened, where, and the next step. In: whatever was thrown, the words that were typed. Out: text and
 * exit code. Stacks only of what was not expected.
 */
import { CommanderError } from 'commander';
import { LedgerError, Misconfigured } from '../lib/errors.ts';

/** Next steps for what the operating system says. */
const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: 'check the path; paths are relative to the folder you are in',
  EACCES: 'check who may read and write there: ls -l',
  EPERM: 'check who may read and write there: ls -l',
  EROFS: 'this place cannot be written to: name another folder',
  ENOSPC: 'the disk is full: make room and run again; what was finished is kept',
  EMFILE: 'too many open files: raise the limit (ulimit -n 4096) and run again',
  ENOTDIR: 'a folder is needed here and a file is there',
  EISDIR: 'a file is needed here and a folder is there',
};

/** Next steps for what AWS says. */
const AWS: Readonly<Record<string, string>> = {
  CredentialsProviderError: 'sign in (aws sso login, or set AWS_PROFILE) and run again',
  ExpiredToken: 'sign in again (aws sso login) and run again',
  ExpiredTokenException: 'sign in again (aws sso login) and run again',
  AccessDenied: 'see which permissions are missing: inference-ledger doctor --stack NAME',
  AccessDeniedException: 'see which permissions are missing: inference-ledger doctor --stack NAME',
  UnrecognizedClientException: 'check the credentials: aws sts get-caller-identity',
};

/** Text for stderr (empty where it has been said) and the exit code: 0 done, 1 failed, 2 wrong usage or config. */
export function explainError(
  error: unknown,
  words: readonly string[],
): { readonly text: string; readonly code: number } {
  // commander has told it, and help is no error
  if (error instanceof CommanderError) return { text: '', code: error.exitCode === 0 ? 0 : 2 };
  if (error instanceof LedgerError) {
    const { object, line } = error.place ?? {};
    const place = object === undefined ? '' : ` (${object}${line === undefined ? '' : `:${line}`})`;
    const isUsage = error instanceof Misconfigured;
    const hint =
      error.hint ?? (isUsage ? helpHint(words) : 'inference-ledger doctor says what is wrong and what to do');
    return { text: told(`${error.message}${place}`, hint), code: isUsage ? 2 : 1 };
  }
  const { name, code, message } = parts(error);
  // Ctrl-C or Ctrl-D at a question
  if (name === 'AbortError') return { text: '\nstopped; nothing was changed\n', code: 1 };
  const step = SYSTEM[code] ?? AWS[name] ?? AWS[code];
  if (step !== undefined) return { text: told(message, step), code: 1 };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    text: told(
      text,
      'this was not expected: please report it with the command and the output of inference-ledger doctor',
    ),
    code: 1,
  };
}

function told(message: string, step: string): string {
  return `error: ${message}\n  → ${step}\n`;
}

/** How to find the right words for the command that was typed. */
function helpHint(words: readonly string[]): string {
  const command = words.find((word) => !word.startsWith('-'));
  return `inference-ledger ${command === undefined ? '' : `${command} `}--help has an example`;
}

function parts(error: unknown): { readonly name: string; readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { name: '', code: '', message: String(error) };
  const { code } = error as { code?: unknown };
  return { name: error.name, code: typeof code === 'string' ? code : '', message: error.message };
}
