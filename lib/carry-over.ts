/**
 * Carries objects of an earlier batch on into a new one: their landing rows are read, decided again or kept as they are, and landed under
 * new commit ids, with their fingerprints and rejected lines. In: a batch, some of its objects, a plan. Out: the commit of the new batch, not
 * yet written. A batch is always whole: nothing refers back to an earlier one, whose files may go once none of its objects counts.
 * Invariant: rows and tokens of an object stay what they were, or this throws. Memory is that of one landing file.
 */
import { commitIdOf } from './commit.ts';
import type { BatchCommit, LandingFile, ObjectCommit } from './commit.ts';
import { PARTS_PER_LINE, decide, ledgerRows } from './decide.ts';
import type { DecideTools } from './decide.ts';
import { LedgerError } from './errors.ts';
import { objectContext } from './ingest/object-key.ts';
import { addPico } from './money.ts';
import type { Pico } from './money.ts';
import { noteMove } from './moves.ts';
import type { Moves } from './moves.ts';
import type { Clock, Log, ObjectStore, Progress } from './ports.ts';
import { publisherOf } from './price/publisher.ts';
import { inputSideTokens } from './record.ts';
import type { ObjectContext } from './record.ts';
import { joinRecords } from './settle.ts';
import { dayOf } from './time.ts';
import { promptFromLanding, rejectFromLanding, rowFromLanding } from './write/landing-record.ts';
import { readLandingRows } from './write/landing-reader.ts';
import type { RawRow } from './write/landing-reader.ts';
import type { LedgerRow } from './write/landing-row.ts';
import { createLandingWriter } from './write/landing.ts';
import type { LandingWriter } from './write/landing.ts';
import { createSharedParts } from './write/shared-parts.ts';
import type { SharedParts } from './write/shared-parts.ts';

/** What is needed to decide again about rows that have landed; no inbox is. */
export interface CarryWorld {
  readonly lake: ObjectStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly progress: Progress;
  readonly tools: DecideTools;
}

export interface CarryPlan {
  readonly batchId: string;
  /** stamp of the rows that are decided again; days that are not keep theirs */
  readonly stamp: string;
  readonly outcome: 'landed' | 'retracted';
  readonly isDecidedAgain: (day: string) => boolean;
}

/** The stamp of an object's rows of one day. */
export function stampOfDay(commit: ObjectCommit, batch: BatchCommit, day: string): string {
  return commit.keptStamps?.[day] ?? batch.stamp;
}

/** An object on its way, and what its rows came to. */
interface Carried {
  readonly earlier: ObjectCommit;
  readonly commitId: string;
  readonly place: ObjectContext;
  rowsRead: number;
  rows: number;
  cost: Pico;
  inputTokens: number;
  outputTokens: number;
  readonly days: Record<string, number>;
}

interface Carrying {
  readonly tools: DecideTools;
  readonly plan: CarryPlan;
  readonly objects: ReadonlyMap<string, Carried>;
  readonly writer: LandingWriter;
  readonly moves: Moves;
  readonly shared: SharedParts;
}

const ROWS_BETWEEN_DRAINS = 4096;

/** Lands the objects again by the plan and returns their commit; `moves` is added to. */
export async function carryOver(
  world: CarryWorld,
  earlier: BatchCommit,
  commits: readonly ObjectCommit[],
  plan: CarryPlan,
  moves: Moves,
): Promise<BatchCommit> {
  const objects = new Map(commits.map((commit) => [commit.commitId, carried(commit, plan.batchId)]));
  // rejected lines lie under the day on which they were read
  const writer = createLandingWriter(world.lake, plan.batchId, dayOf(earlier.ingestedAtMs));
  const carrying: Carrying = { tools: world.tools, plan, objects, writer, moves, shared: createSharedParts() };
  const days = new Set(commits.flatMap((commit) => Object.keys(commit.days)));
  for (const file of earlier.files) {
    if (file.kind !== 'rejects' && !days.has(file.day)) continue;
    await carryFile(world, carrying, file);
    world.progress.advance({ bytes: file.rows, records: file.rows });
  }
  const files = await writer.finish();
  return {
    batchId: plan.batchId,
    reader: earlier.reader,
    stamp: plan.stamp,
    ingestedAtMs: earlier.ingestedAtMs,
    decidedAtMs: world.clock.nowMs(),
    objects: [...objects.values()].map((object) => commitOf(object, earlier, plan)),
    files,
  };
}

function carried(commit: ObjectCommit, batchId: string): Carried {
  return {
    earlier: commit,
    commitId: commitIdOf(batchId, commit.object),
    place: objectContext(commit.object, commit.lastModifiedMs),
    rowsRead: 0,
    rows: 0,
    cost: 0,
    inputTokens: 0,
    outputTokens: 0,
    days: {},
  };
}

async function carryFile(world: CarryWorld, carrying: Carrying, file: LandingFile): Promise<void> {
  const bytes = await world.lake.read(file.key);
  if (bytes === null) {
    throw new LedgerError(`${file.key} is missing: its rows cannot be priced and attributed again`, {
      hint: 'restore it from a backup, or put the logs it came from into the inbox again; doctor names all missing files',
    });
  }
  const land =
    file.kind === 'prompts' || file.kind === 'rejects' ? sideLander(carrying, file) : rowLander(carrying, file);
  let seen = 0;
  for await (const row of readLandingRows(bytes)) {
    const object = carrying.objects.get(String(row['commit_id']));
    if (object !== undefined) land.row(row, object);
    if (++seen % ROWS_BETWEEN_DRAINS === 0) await carrying.writer.drain();
  }
  land.end();
}

interface Lander {
  row(row: RawRow, object: Carried): void;
  end(): void;
}

function sideLander({ writer }: Carrying, { kind }: LandingFile): Lander {
  return {
    row: (row, { commitId }) => {
      if (kind === 'prompts') writer.appendPrompt({ ...promptFromLanding(row), commitId });
      else writer.appendReject({ ...rejectFromLanding(row), commitId });
    },
    end: () => undefined,
  };
}

/** Rows of one record that was split lie together; they are decided as the one record they are. */
function rowLander(carrying: Carrying, file: LandingFile): Lander {
  const kind = file.kind as 'calls' | 'sessions' | 'buckets';
  const again = carrying.plan.isDecidedAgain(file.day);
  let split: LedgerRow[] = [];
  let owner: Carried | null = null;
  const flush = (): void => {
    if (owner !== null && split.length > 0) decideAgain(carrying, kind, owner, split);
    split = [];
  };
  return {
    row(raw, object) {
      const row = rowFromLanding(raw, kind);
      object.rowsRead++;
      if (!again) {
        land(carrying, kind, object, { ...row, ...carrying.shared.of(row), commitId: object.commitId });
        return;
      }
      if (row.part < PARTS_PER_LINE || object !== owner) flush();
      owner = object;
      split.push(row);
    },
    end: flush,
  };
}

function decideAgain(
  carrying: Carrying,
  kind: 'calls' | 'sessions' | 'buckets',
  object: Carried,
  before: readonly LedgerRow[],
): void {
  const [first] = before;
  if (first === undefined) return;
  const { tools, moves } = carrying;
  const record = before.length === 1 ? first.record : joinRecords(before.map((row) => row.record));
  // what the book said of the publisher it says anew; what the line said stays
  const fromBook = publisherOf(first.priced.model) ?? publisherOf(record.modelReported);
  if (record.publisher === fromBook) record.publisher = null;
  const decision = decide(tools, record, first.occurredAtMs, object.place);
  const facts = { ...first, commitId: object.commitId };
  const after = ledgerRows(tools, record, decision, facts, null);
  for (const row of after) land(carrying, kind, object, row);
  noteMove(moves, before, after);
}

function land({ writer }: Carrying, kind: 'calls' | 'sessions' | 'buckets', object: Carried, row: LedgerRow): void {
  writer.append(kind, row);
  object.rows++;
  object.inputTokens += inputSideTokens(row.record);
  object.outputTokens += row.record.outputTokens;
  if (row.cost !== null) object.cost = addPico(object.cost, row.cost);
  const day = dayOf(row.occurredAtMs);
  object.days[day] = (object.days[day] ?? 0) + 1;
}

function commitOf(object: Carried, batch: BatchCommit, plan: CarryPlan): ObjectCommit {
  const { earlier } = object;
  const isWhole =
    object.rowsRead === earlier.records &&
    object.inputTokens === earlier.inputTokens &&
    object.outputTokens === earlier.outputTokens;
  if (!isWhole) {
    throw new LedgerError(
      `${earlier.object}: ${object.rowsRead} of ${earlier.records} landed rows were found, with ${object.inputTokens} + ${object.outputTokens} of ${earlier.inputTokens} + ${earlier.outputTokens} tokens`,
      { hint: 'nothing was changed; a landing file was damaged: restore it, or put the log into the inbox again' },
    );
  }
  const { keptStamps: _kept, ...rest } = earlier;
  const kept = Object.keys(object.days)
    .filter((day) => !plan.isDecidedAgain(day) && stampOfDay(earlier, batch, day) !== plan.stamp)
    .map((day) => [day, stampOfDay(earlier, batch, day)] as const);
  return {
    ...rest,
    commitId: object.commitId,
    outcome: plan.outcome,
    records: object.rows,
    costPico: String(object.cost),
    days: object.days,
    decision: (earlier.decision ?? 0) + 1,
    ...(kept.length > 0 ? { keptStamps: Object.fromEntries(kept) } : {}),
  };
}
