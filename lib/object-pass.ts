/**
 * One streaming pass over one object: bytes -> items -> records -> counted, priced, attributed -> landing rows. All work per record
 * happens here, once and in this order; nothing of a prompt or a key survives it.
 */
import { createHash } from 'node:crypto';
import type { Attributor } from './attribute/rules.ts';
import type { PersonPrivacy } from './attribute/privacy.ts';
import { commitIdOf } from './commit.ts';
import type { ObjectCommit } from './commit.ts';
import { countMissing } from './count/usage-from-text.ts';
import { fingerprint } from './count/fingerprint.ts';
import { identify } from './identity.ts';
import { objectContext } from './ingest/object-key.ts';
import { readItems } from './ingest/records.ts';
import type { Item, ReadLimits } from './ingest/records.ts';
import { settleCost } from './ledger-cost.ts';
import { addPico } from './money.ts';
import type { Pico } from './money.ts';
import type { Normalizer } from './normalize/registry.ts';
import type { ObjectInfo, OpenedObject } from './ports.ts';
import type { Pricer } from './price/cost.ts';
import type { JsonValue, LineContext, ObjectContext, Outcome, UsageRecord } from './record.ts';
import { inputSideTokens } from './record.ts';
import { dayOf } from './time.ts';
import type { LandingWriter } from './write/landing.ts';

/** What a pass needs besides the object; one per run. */
export interface PassTools {
  readonly normalizer: () => Normalizer;
  readonly price: Pricer;
  readonly attributor: Attributor;
  readonly privacy: PersonPrivacy;
  readonly limits: ReadLimits;
  readonly hashKey: { readonly id: string; readonly bytes: Uint8Array };
  readonly stamp: string;
}

/** Running counts of an object; becomes its commit. */
interface Tally {
  lines: number;
  usageLines: number;
  records: number;
  rejects: number;
  readonly skips: Record<string, number>;
  readonly formats: Record<string, number>;
  firstMs: number | null;
  lastMs: number | null;
  inputTokens: number;
  outputTokens: number;
  cost: Pico;
  positionRows: number;
  readonly days: Record<string, number>;
}
