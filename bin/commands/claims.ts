/** `claims`: the rules of thumb people quote about LLM cost, each with what the arithmetic gives, whether it holds, and why. */
import { claims as recomputedClaims } from '../../lib/simulate/claims.ts';
import { renderClaims } from '../claims-text.ts';

export async function claims(options: { format: string }): Promise<void> {
  const all = recomputedClaims();
  process.stdout.write(options.format === 'json' ? `${JSON.stringify(all, null, 2)}\n` : renderClaims(all));
}
