/** `claims`: the rules of thumb people quote about LLM cost, each with what the arithmetic gives, whether it holds, and why. */
import { claims as recomputedClaims } from '../../lib/simulate/claims.ts';
import { claimsCsv, renderClaims } from '../claims-text.ts';

export async function claims(options: { format: string }): Promise<void> {
  const all = recomputedClaims();
  if (options.format === 'json') process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
  else process.stdout.write(options.format === 'csv' ? claimsCsv(all) : renderClaims(all));
}
