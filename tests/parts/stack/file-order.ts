/**
 * The order in which the part tests are begun, some files at a time. In: all files. Out: one that waits for the stack, so
 * that its programs are fetched and started from the first second on; beside it those that need no stack; then the
 * others, the long ones first, so that none is left over at the end. Nothing else depends on the order.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { TestSequencer, TestSpecification } from 'vitest/node';

/** Those that take longest, the longest first. */
export const LONG: readonly string[] = [
  'faults-readers',
  'deployed-app',
  'deployed-ops',
  'faults-seal',
  'journey-on-trino',
  'hostile-names',
  'sql-parity',
  'faults-ingest',
  'partition-pruning',
];

/** The files in the order to begin them; `isWaiting` tells of one whether it waits for the stack. */
export function inOrder(paths: readonly string[], isWaiting: (path: string) => boolean): string[] {
  const rankOf = (path: string): number => {
    const rank = LONG.indexOf(basename(path, '.test.ts'));
    return rank < 0 ? LONG.length : rank;
  };
  const ranked = paths.toSorted((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
  const byNeed = Map.groupBy(ranked, isWaiting);
  const waiting = byNeed.get(true) ?? [];
  return [...waiting.slice(0, 1), ...(byNeed.get(false) ?? []), ...waiting.slice(1)];
}

/** Whether a test file asks for the stack. */
export const needsStack = (path: string): boolean =>
  /\bawait (?:stackClients|deployableStack|openFaultLab)\(/.test(readFileSync(path, 'utf8'));

function createSequencer(): TestSequencer {
  return {
    shard: (files) => files,
    sort(files) {
      const byPath = new Map(files.map((file) => [file.moduleId, file]));
      const order = inOrder([...byPath.keys()], needsStack);
      return order.flatMap((path): TestSpecification[] => {
        const file = byPath.get(path);
        return file === undefined ? [] : [file];
      });
    },
  };
}

/** What vitest calls with `new`. */
export const FileOrder = function FileOrder() {
  return createSequencer();
} as unknown as new () => TestSequencer;
