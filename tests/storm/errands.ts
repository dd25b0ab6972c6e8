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
  const first = plan.uploads[0]?.atMs ?? 0;
  const span = (plan.uploads.at(-1)?.atMs ?? 0) - first + HOUR_MS;
  const at = (): number => first + random.below(span);
  const errands: Errand[] = plan.uploads.map((upload) => ({ atMs: upload.atMs, kind: 'upload', upload }));
  for (let seals = random.chance(0.4) ? 2 : 1; seals > 0; seals--)
    errands.push({ atMs: at(), kind: 'seal', isEarly: false });
  if (random.chance(0.3)) {
    const atMs = at();
    errands.push({ atMs, kind: 'seal', isEarly: false });
    errands.push({ atMs: atMs + random.between(1000, LEASE_MS / 6), kind: 'seal', isEarly: true });
  }
  if (random.chance(0.4)) errands.push({ atMs: at(), kind: 'scan' });
  if (random.chance(0.4)) errands.push({ atMs: at(), kind: 'raise_reader' });
  if (random.chance(0.5)) {
    const atMs = at();
    errands.push({ atMs, kind: 'change_settings' });
    if (random.chance(0.6)) errands.push({ atMs: atMs + random.below(HOUR_MS), kind: 'restamp' });
  }
  if (random.chance(0.3)) errands.push({ atMs: at(), kind: 'retract', object: random.pick([...plan.final.keys()]) });
  return errands.toSorted((a, b) => a.atMs - b.atMs);
}
