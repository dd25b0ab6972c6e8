/**
 * The four ways a log line breaks in the wild: cut short, `null`, text where a count must be, a negative count. In: a good line. Out: a line
 * that no careful reader counts. Invariant: the result is never a record with plausible numbers.
 */
import type { Random } from './random.ts';

const COUNT = /("(?:prompt_tokens|input_tokens|inputTokenCount|promptTokenCount)":)\d+/;

/** Breaks a line. Lines without a token count (errors) are cut or nulled. */
export function breakLine(random: Random, line: string): string {
  const kind = random.below(COUNT.test(line) ? 4 : 2);
  switch (kind) {
    case 0:
      return line.slice(0, random.between(5, line.length - 5));
    case 1:
      return 'null';
    case 2:
      return line.replace(COUNT, '$1"many"');
    default:
      return line.replace(COUNT, '$1-5');
  }
}
