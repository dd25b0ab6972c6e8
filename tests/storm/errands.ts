/** What is done to the lake from outside, and when: uploads as planned; seals, scans and changes of mind at times of chance. */
import type { Random } from '../../lib/generate/random.ts';
import type { InboxPlan, Upload } from './inbox-plan.ts';
import { LEASE_MS } from './world.ts';

export type Errand = { readonly atMs: number } & (
  | { readonly kind: 'upload'; readonly upload: Upload }
  /** `isEarly`: the lease of the sealer before has run out before its time */
  | { readonly kind: 'seal'; readonly isEarly: boolean }
  | { readonly kind: 'scan' | 'raise_reader' | 'change_settings' | 'restamp' }
  | { readonly kind: 'retract'; readonly object: string }
);

const HOUR_MS = 3_600_000;

/** Errands in the order of their times. */
export function planErrands(plan: InboxPlan, random: Random): Errand[] {
  // where it hurts: while the objects of an upload are on their way
  const at = (): number => random.pick(plan.uploads).atMs + random.below(60_000);
  const errands: Errand[] = plan.uploads.map((upload) => ({ atMs: upload.atMs, kind: 'upload', upload }));
  if (random.chance(0.5)) errands.push({ atMs: at(), kind: 'seal', isEarly: false });
  const [before, late] = plan.uploads.slice(-2);
  if (before !== undefined && late !== undefined && late.atMs - before.atMs > HOUR_MS)
    errands.push(
      { atMs: late.atMs - HOUR_MS / 2, kind: 'seal', isEarly: false },
      { atMs: late.atMs + random.below(50_000), kind: 'seal', isEarly: false },
    );
  if (random.chance(0.3)) {
    const atMs = at();
    errands.push({ atMs, kind: 'seal', isEarly: false });
    errands.push({ atMs: atMs + random.between(500, LEASE_MS / 20), kind: 'seal', isEarly: true });
  }
  if (random.chance(0.4)) errands.push({ atMs: at(), kind: 'scan' });
  if (random.chance(0.3)) errands.push({ atMs: at(), kind: 'raise_reader' });
  if (random.chance(0.4)) {
    const atMs = at();
    errands.push({ atMs, kind: 'change_settings' });
    if (random.chance(0.6)) errands.push({ atMs: atMs + random.below(HOUR_MS), kind: 'restamp' });
  }
  if (random.chance(0.3)) errands.push({ atMs: at(), kind: 'retract', object: random.pick([...plan.final.keys()]) });
  return errands.toSorted((a, b) => a.atMs - b.atMs);
}
