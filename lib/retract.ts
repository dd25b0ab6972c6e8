/**
 * Taking one object's rows out again, visibly: they leave `usage` and stay as excluded rows. In: the lake and the object's name. Out: a commit
 * with the outcome `retracted` that carries the rows on. It stands for this version of the object, whoever reads it again; a new version of
 * the object counts as before.
 */
import { carryOver } from './carry-over.ts';
import type { CarryWorld } from './carry-over.ts';
import { decisionIdOf, liveObjects, readCommits, writeCommit } from './commit.ts';
import type { BatchCommit, LiveObject, ObjectCommit } from './commit.ts';
import { Misconfigured } from './errors.ts';
import { noMoves } from './moves.ts';

export interface Retracted {
  readonly commit: ObjectCommit;
  /** false if it had been retracted before: then nothing was written */
  readonly isNew: boolean;
}

/** Retracts the newest readable version of an object. Throws `Misconfigured` with similar names if there is none of this name. */
export async function retractObject(world: CarryWorld, name: string): Promise<Retracted> {
  const live = liveObjects(readable(await readCommits(world.lake)));
  // in other privacy modes than `keep` the ledger knows an object by another name than its owner
  const read = live.get(name) ?? live.get(world.tools.privacy.objectName(name));
  if (read === undefined) throw unknownObject(name, [...live.keys()]);
  const { commit, batch } = read;
  if (commit.outcome === 'retracted') return { commit, isNew: false };
  const retracted = await carryOver(world, batch, [commit], planFor(read), noMoves());
  await writeCommit(world.lake, retracted);
  const [own] = retracted.objects;
  return { commit: own ?? commit, isNew: true };
}

function planFor({ commit, batch }: LiveObject): Parameters<typeof carryOver>[3] {
  return {
    batchId: decisionIdOf(batch, [commit], 'retracted'),
    stamp: batch.stamp,
    outcome: 'retracted',
    isDecidedAgain: () => false,
  };
}

/** A version that could not be read has no rows to take out and does not stand in the way of those of an older one. */
function readable(batches: readonly BatchCommit[]): BatchCommit[] {
  return batches.map((batch) => ({
    ...batch,
    objects: batch.objects.filter(({ outcome }) => outcome === 'landed' || outcome === 'retracted'),
  }));
}

const SHOWN = 5;

function unknownObject(name: string, known: readonly string[]): Misconfigured {
  const near = nearest(name, known);
  return new Misconfigured(`the ledger holds no object named ${name}`, {
    hint:
      near.length > 0
        ? `similar: ${near.join(', ')}`
        : 'list them with: inference-ledger query --lake DIR "select object, outcome from ingested_objects order by object"',
  });
}

/** Names that share most with the one asked for; none that shares nothing. */
function nearest(name: string, known: readonly string[]): string[] {
  const wanted = pairsOf(name);
  return known
    .map((other) => ({ other, score: likeness(wanted, pairsOf(other)) }))
    .filter(({ score }) => score >= 0.4)
    .toSorted((a, b) => b.score - a.score || (a.other < b.other ? -1 : 1))
    .slice(0, SHOWN)
    .map(({ other }) => other);
}

function pairsOf(text: string): Set<string> {
  const lower = ` ${text.toLowerCase()} `;
  const pairs = new Set<string>();
  for (let i = 0; i + 1 < lower.length; i++) pairs.add(lower.slice(i, i + 2));
  return pairs;
}

/** Dice's coefficient of the pairs of letters: 1 for equal sets, 0 for nothing in common. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const pair of a) if (b.has(pair)) common++;
  return (2 * common) / (a.size + b.size);
}
