/** `completion`: prints the script by which a shell completes the words of this program. */
import type { Command } from 'commander';
import { completionScript } from '../completion.ts';
import type { Shell } from '../completion.ts';

export function completion(shell: Shell, program: Command): void {
  process.stdout.write(completionScript(program, shell));
}
