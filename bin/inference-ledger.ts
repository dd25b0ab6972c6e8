#!/usr/bin/env node
/** The command line: parses words, calls a command, maps errors to exit codes. 0 done · 1 failed · 2 wrong usage or config · 3 limits passed. */
import { program } from './program.ts';
import { explainError } from './error-text.ts';

// who reads a pipe may stop reading: inference-ledger query … | head
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await program().parseAsync();
} catch (error) {
  const { text, code } = explainError(error, process.argv.slice(2));
  process.stderr.write(text);
  process.exitCode = code;
}
