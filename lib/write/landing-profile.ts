/**
 * Kinds of rows. Most columns of a usage log follow from what kind of call a row is (format, model, tier, status, price rows …): those are
 * compared once per row here, and written once per kind. Rows in, codes of kinds out; rows of equal kinds get the same code.
 */
import type { CostStatus, UsageRecord } from '../record.ts';
import type { LedgerRow } from './landing-row.ts';

type KindFields = Pick<
  UsageRecord,
  | 'sourceFormat'
  | 'sourceKind'
  | 'grain'
  | 'status'
  | 'isReplica'
  | 'isSession'
  | 'usageBasis'
  | 'bucketGrouping'
  | 'provider'
  | 'operation'
  | 'tier'
  | 'priceRegion'
  | 'modelReported'
>;

/** What most columns of a row follow from. */
export interface Profile extends Readonly<KindFields> {
  readonly code: number;
  readonly identity: string;
  readonly timeInferred: boolean;
  readonly model: string;
  readonly publisher: string | null;
  readonly priceRows: string | null;
  readonly costStatus: CostStatus;
  readonly costReason: string | null;
  readonly stamp: string;
}

/** Interns kinds; `kinds[code]` is the kind of a code. */
export interface Profiles {
  readonly kinds: readonly Profile[];
  codeOf(row: LedgerRow): number;
  /** Forgets all kinds if a hostile log has made too many; codes given before are void then. */
  trim(): void;
}

/** A hostile log has a model or a region per line. */
const MAX_PROFILES = 20_000;
/** A model is seen in a few kinds, which are compared one by one; beyond that they are looked up by text. */
const MAX_COMPARED = 16;

interface KindsOfModel {
  readonly list: Profile[];
  readonly byText: Map<string, Profile>;
}

export function createProfiles(): Profiles {
  const kinds: Profile[] = [];
  const byModel = new Map<string, KindsOfModel>();
  let last: Profile | null = null;
  const find = (row: LedgerRow): Profile => {
    const model = row.record.modelReported;
    let own = byModel.get(model);
    if (own === undefined) {
      own = { list: [], byText: new Map() };
      byModel.set(model, own);
    }
    for (const kind of own.list) if (isKind(kind, row)) return kind;
    const isFull = own.list.length >= MAX_COMPARED;
    const known = isFull ? own.byText.get(kindText(row)) : undefined;
    if (known !== undefined) return known;
    const kind = newKind(row, kinds.length);
    kinds.push(kind);
    if (isFull) own.byText.set(kindText(row), kind);
    else own.list.push(kind);
    return kind;
  };
  return {
    kinds,
    codeOf(row) {
      if (last === null || last.modelReported !== row.record.modelReported || !isKind(last, row)) last = find(row);
      return last.code;
    },
    trim() {
      if (kinds.length <= MAX_PROFILES) return;
      kinds.length = 0;
      byModel.clear();
      last = null;
    },
  };
}

function newKind(row: LedgerRow, code: number): Profile {
  const { record, priced } = row;
  return {
    code,
    identity: row.identity,
    timeInferred: row.timeInferred,
    model: priced.model,
    publisher: priced.publisher ?? record.publisher,
    priceRows: priced.priceRows,
    costStatus: row.costStatus,
    costReason: row.costReason,
    stamp: row.stamp,
    sourceFormat: record.sourceFormat,
    sourceKind: record.sourceKind,
    grain: record.grain,
    status: record.status,
    isReplica: record.isReplica,
    isSession: record.isSession,
    usageBasis: record.usageBasis,
    bucketGrouping: record.bucketGrouping,
    provider: record.provider,
    operation: record.operation,
    tier: record.tier,
    priceRegion: record.priceRegion,
    modelReported: record.modelReported,
  };
}

function isKind(kind: Profile, row: LedgerRow): boolean {
  const { record, priced } = row;
  return (
    kind.priceRows === priced.priceRows &&
    kind.costStatus === row.costStatus &&
    kind.costReason === row.costReason &&
    kind.identity === row.identity &&
    kind.timeInferred === row.timeInferred &&
    kind.model === priced.model &&
    kind.publisher === (priced.publisher ?? record.publisher) &&
    kind.stamp === row.stamp &&
    kind.sourceFormat === record.sourceFormat &&
    kind.sourceKind === record.sourceKind &&
    kind.grain === record.grain &&
    kind.status === record.status &&
    kind.isReplica === record.isReplica &&
    kind.isSession === record.isSession &&
    kind.usageBasis === record.usageBasis &&
    kind.bucketGrouping === record.bucketGrouping &&
    kind.provider === record.provider &&
    kind.operation === record.operation &&
    kind.tier === record.tier &&
    kind.priceRegion === record.priceRegion
  );
}

/** All fields of a kind as one text; the model is told apart by the caller. */
function kindText(row: LedgerRow): string {
  return JSON.stringify({ ...newKind(row, 0) });
}
