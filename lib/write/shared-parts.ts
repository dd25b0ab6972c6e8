/**
 * Owners and rates of rows that were read back. The landing writer tells them apart by identity, as they come from a run's decisions; read
 * back, each row has its own. In: a row. Out: its owner and pricing with one object for all that are equal.
 */
import type { Attribution, BucketRates } from '../record.ts';
import type { LedgerRow } from './landing-row.ts';

export interface SharedParts {
  of(row: LedgerRow): Pick<LedgerRow, 'attribution' | 'priced'>;
}

const MAX_SHARED = 50_000;

/** Starts without any; what is shared is forgotten when a hostile log has made too many. */
export function createSharedParts(): SharedParts {
  const owners = new Map<string, Attribution>();
  const rates = new Map<string, BucketRates>();
  const shared = <T>(known: Map<string, T>, key: string, value: T): T => {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= MAX_SHARED) known.clear();
    known.set(key, value);
    return value;
  };
  return {
    of({ attribution, priced }) {
      const { bucketRates } = priced;
      return {
        attribution: shared(owners, JSON.stringify(attribution), attribution),
        priced:
          bucketRates === null
            ? priced
            : { ...priced, bucketRates: shared(rates, Object.values(bucketRates).join(' '), bucketRates) },
      };
    },
  };
}
