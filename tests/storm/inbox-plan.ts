/**
 * How the logs of the inbox come to be: objects that grow, are rewritten, go back to what they were, lose a day or all their usage. In: the
 * final lines of each object. Out: uploads in time. Invariant: the newest version of every object is what the truth says.
 */
import { createHash } from 'node:crypto';
import type { Random } from '../../lib/generate/random.ts';
import type { Page } from './buckets.ts';
import { drawCall } from './truth.ts';
import type { Truth } from './truth.ts';
import { NO_USAGE, anthropicLine, openaiLine } from './witnesses.ts';
import type { Call, Told } from './witnesses.ts';

export interface Upload {
  readonly atMs: number;
  readonly key: string;
  readonly lines: readonly Told[];
}

export interface InboxPlan {
  readonly uploads: readonly Upload[];
  /** object key → lines of its newest version */
  readonly final: ReadonlyMap<string, readonly Told[]>;
  /** object key → calls that, once read from it, are in all its later versions */
  readonly lasting: ReadonlyMap<string, ReadonlySet<number>>;
  /** hash of an identity → number of its call */
  readonly callOf: ReadonlyMap<string, number>;
  readonly counts: Readonly<Record<string, number>>;
}

const HISTORIES = ['still', 'grows', 'rewritten', 'reverted', 'loses_a_day'] as const;
type History = (typeof HISTORIES)[number];

/** Calls that no final version tells of have numbers from here on, each its own. */
const GHOSTS = 100_000;
/** Two uploads of one key lie further apart than the second to which stores keep time. */
const MIN_GAP_MS = 2000;
/** Uploads come in bursts, so that several workers are busy at once. */
const BURST_MS = 30_000;
/** How long after all others a late object comes. */
const LATE_MS = 7_200_000;

export function planInbox(
  random: Random,
  truth: Truth,
  pages: ReadonlyMap<string, Page>,
  startMs: number,
  spanMs: number,
): InboxPlan {
  const versions = new Map<string, (readonly Told[])[]>();
  const counts: Record<string, number> = {};
  const count = (name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  const ghosts = new Set<number>();
  const forced: History[] = ['grows', 'rewritten', 'reverted', 'loses_a_day'];
  const keys = shuffled(random, [...truth.logs.keys()].toSorted());
  for (const [i, key] of keys.entries()) {
    const history = forced[i] ?? HISTORIES[random.weighted([8, 4, 2, 2, 1])] ?? 'still';
    count(history);
    const lines = [...(truth.logs.get(key) ?? [])];
    if (random.chance(0.3)) lines.splice(random.below(lines.length + 1), 0, random.pick(NO_USAGE));
    versions.set(key, historyOf(random, history, lines, truth.calls, ghosts));
  }
  for (const [key, page] of pages) versions.set(key, random.chance(0.5) ? [page.final] : [page.early, page.final]);
  counts['reports'] = pages.size;
  counts['reports telling tiers'] = [...pages.values()].filter((page) => page.tellsTiers).length;
  count('emptied');
  versions.set('openai/emptied.jsonl', [lies(random, truth.calls, 8, ghosts), [...NO_USAGE]]);
  return {
    uploads: uploadsOf(random, versions, startMs, spanMs),
    final: new Map([...versions].map(([key, own]) => [key, own.at(-1) ?? []])),
    lasting: new Map([...versions].map(([key, own]) => [key, lastingCalls(own)])),
    callOf: callsByIdentity([...versions.values()].flat(2)),
    counts: { ...counts, objects: versions.size, uploads: [...versions.values()].flat().length },
  };
}

/** The versions of an object, the last one holding `final`. */
function historyOf(
  random: Random,
  history: History,
  final: readonly Told[],
  calls: readonly Call[],
  ghosts: Set<number>,
): (readonly Told[])[] {
  const other = (): readonly Told[] =>
    shuffled(random, [...final.filter(() => random.chance(0.6)), ...lies(random, calls, 5, ghosts)]);
  switch (history) {
    case 'still':
      return [final];
    case 'grows': {
      const steps = random.between(2, 3);
      return Array.from({ length: steps }, (_, i) => final.slice(0, Math.ceil((final.length * (i + 1)) / steps)));
    }
    case 'rewritten':
      return [other(), final];
    case 'reverted':
      return [final, other(), final];
    case 'loses_a_day':
      return [[...final, ...lies(random, calls, 4, ghosts)], final];
  }
}

/** Lines that later turn out wrong: calls that never were, and calls with other tokens than they had. */
function lies(random: Random, calls: readonly Call[], most: number, ghosts: Set<number>): Told[] {
  return Array.from({ length: random.between(1, most) }, () => {
    const isGhost = random.chance(0.5);
    const base = isGhost ? drawCall(random, ghostNumber(random, ghosts)) : random.pick(calls);
    const call = { ...base, tokens: { ...base.tokens, output: base.tokens.output + 1000 } };
    const told = { atMs: call.atMs, tokens: call.tokens, hasTeam: true, hasUsage: true, latencyMs: null };
    return call.family === 'openai' ? openaiLine(call, told) : anthropicLine(call, told);
  });
}

/** A number that no other ghost has: two different calls of one number would look like one call that is there twice. */
function ghostNumber(random: Random, ghosts: Set<number>): number {
  let number = GHOSTS + random.below(100_000);
  while (ghosts.has(number)) number++;
  ghosts.add(number);
  return number;
}

function uploadsOf(
  random: Random,
  versions: ReadonlyMap<string, readonly (readonly Told[])[]>,
  startMs: number,
  spanMs: number,
): Upload[] {
  const uploads: Upload[] = [];
  const bursts = Array.from({ length: random.between(3, 9) }, () => startMs + random.below(spanMs));
  for (const [key, own] of versions) {
    const times = own.map(() => random.pick(bursts) + random.below(BURST_MS)).toSorted((a, b) => a - b);
    own.forEach((lines, i) => uploads.push({ atMs: (times[i] ?? startMs) + i * MIN_GAP_MS, key, lines }));
  }
  return lastOneLate(random, uploads, startMs + spanMs + LATE_MS).toSorted(
    (a, b) => a.atMs - b.atMs || (a.key < b.key ? -1 : 1),
  );
}

/** Often one object comes when all else has long been sealed: only what it reaches may change. */
function lastOneLate(random: Random, uploads: readonly Upload[], lateMs: number): Upload[] {
  if (random.chance(0.4)) return [...uploads];
  const calls = uploads.filter(({ key }) => /^(openai|gateway)\/.*-0\./.test(key));
  const { key } = random.pick(random.chance(0.5) && calls.length > 0 ? calls : uploads);
  const last = uploads.findLast((upload) => upload.key === key);
  return uploads.map((upload) => (upload === last ? { ...upload, atMs: lateMs } : upload));
}

/** Calls that once in the object stay in it; those without an identity cannot be recognized by a reader. */
function lastingCalls(versions: readonly (readonly Told[])[]): Set<number> {
  const lasting = new Set<number>();
  const gone = new Set<number>();
  for (const lines of versions) {
    const own = new Set(
      lines.flatMap((told) => told.rows.flatMap((row) => (row.keys.length > 0 ? (row.call ?? []) : []))),
    );
    for (const call of lasting) if (!own.has(call)) gone.add(call);
    for (const call of own) lasting.add(call);
  }
  return new Set([...lasting].filter((call) => !gone.has(call)));
}

function callsByIdentity(told: readonly Told[]): Map<string, number> {
  const calls = new Map<string, number>();
  for (const row of told.flatMap(({ rows }) => rows)) {
    for (const key of row.keys) if (row.call !== null) calls.set(hashOf(key), row.call);
  }
  return calls;
}

/** An identity as the ledger writes it: sha256 of kind and value. */
export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const left = [...items];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(random.below(left.length), 1));
  return out;
}
