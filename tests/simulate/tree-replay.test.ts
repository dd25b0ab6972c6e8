import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPrefixReplay } from '../../lib/simulate/prefix-replay.ts';
import type { PromptRequest } from '../../lib/simulate/prefix-replay.ts';
import { createPromptTree } from '../../lib/simulate/prompt-tree.ts';
import type { PromptTree } from '../../lib/simulate/prompt-tree.ts';
import { replayStream } from '../../lib/simulate/tree-replay.ts';
import type { LifetimeRule, ReplayCalls } from '../../lib/simulate/tree-replay.ts';
import { drawnPrompts } from '../fixtures/drawn-prompts.ts';
import { tracePrompts } from '../fixtures/prompt-paths.ts';

function asCalls(requests: readonly PromptRequest[]): ReplayCalls {
  const tree = createPromptTree();
  return {
    tree,
    leaf: Int32Array.from(requests, ({ blocks }) => tree.add(blocks)),
    timeMs: Float64Array.from(requests, ({ timeMs }) => timeMs),
    inputTokens: Float64Array.from(requests, ({ inputTokens }) => inputTokens),
    blockTokens: Float64Array.from(requests, ({ blockTokens }) => blockTokens),
  };
}

function onTree(calls: ReplayCalls, order: Int32Array, rule: LifetimeRule): [number, number][] {
  const into = { read: new Float64Array(calls.leaf.length), written: new Float64Array(calls.leaf.length) };
  replayStream(calls, order, rule, into);
  return Array.from(order, (call) => [into.read[call] ?? NaN, into.written[call] ?? NaN]);
}

function onBlocks(requests: readonly PromptRequest[], rule: LifetimeRule): [number, number][] {
  const replay = createPrefixReplay({ ...rule, ttlRefresh: 'sliding', capacityBlocks: null });
  return requests.map((request) => {
    const { readTokens, writtenTokens } = replay.see(request);
    return [readTokens, writtenTokens];
  });
}

const everything = (calls: ReplayCalls): Int32Array => Int32Array.from(calls.leaf, (_, call) => call);
const rule: fc.Arbitrary<LifetimeRule> = fc.record({
  rule: fc.constantFrom('radix' as const, 'breakpoint' as const),
  ttlMs: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 900_000 })),
  minimumTokens: fc.constantFrom(0, 16, 40, 64),
  incrementTokens: fc.constantFrom(1, 16, 24),
});

describe('a replay on the tree gives what a replay of blocks gives', () => {
  test('for any chained prompts and rule', () => {
    fc.assert(
      fc.property(drawnPrompts, rule, (requests, lifetime) => {
        const calls = asCalls(requests);
        const limited = { ...lifetime, ttlMs: lifetime.ttlMs === Infinity ? 1e15 : lifetime.ttlMs };
        expect(onTree(calls, everything(calls), limited)).toEqual(onBlocks(requests, limited));
      }),
      { numRuns: 2_000 },
    );
  });

  test('for any part of the calls, on one tree of all', () => {
    fc.assert(
      fc.property(drawnPrompts, rule, fc.integer({ min: 1, max: 4 }), (requests, lifetime, step) => {
        const calls = asCalls(requests);
        const part = everything(calls).filter((call) => call % step === 0);
        expect(onTree(calls, part, lifetime)).toEqual(
          onBlocks(
            requests.filter((_, call) => call % step === 0),
            lifetime,
          ),
        );
      }),
    );
  });

  test.each(['radix' as const, 'breakpoint' as const])('for the sessions of coding agents, %s', (name) => {
    const requests = tracePrompts('agentic_sessions_paths.csv.gz', 64);
    const calls = asCalls(requests);
    const lifetime = { rule: name, ttlMs: 300_000, minimumTokens: 1024, incrementTokens: name === 'radix' ? 128 : 1 };
    expect(onTree(calls, everything(calls), lifetime)).toEqual(onBlocks(requests, lifetime));
    expect(calls.tree.unchained()).toBe(0);
    // 8.6 million blocks of prompts are a few thousand runs
    expect(calls.tree.runs()).toBeLessThan(requests.length + 1);
  });
});

describe('prompts that break the promise of chained ids', () => {
  const leaves = (tree: PromptTree, ...prompts: number[][]): number[] =>
    prompts.map((blocks) => tree.add(Int32Array.from(blocks)));

  test('are taken up to the place, and counted', () => {
    const tree = createPromptTree();
    // 1 follows 0 at first, and 2 later; then 2 begins a prompt that it did not begin before
    expect(leaves(tree, [0, 1], [0, 2, 1], [2, 3], [0, 1])).toEqual([1, 2, -1, 1]);
    expect(tree.unchained()).toBe(2);
  });

  test('do not confuse those that keep it', () => {
    const tree = createPromptTree();
    expect(leaves(tree, [0, 1, 0, 2], [0, 1, 3], [0, 1, 3, 4])).toEqual([1, 3, 4]);
    expect(tree.unchained()).toBe(1);
  });

  test('never stop a replay', () => {
    const unchained = fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }), { maxLength: 30 });
    fc.assert(
      fc.property(unchained, (prompts) => {
        const seen = new Map<number, number>();
        const requests = prompts.map((ids, at) => {
          for (const id of ids) if (!seen.has(id)) seen.set(id, seen.size);
          const blocks = Int32Array.from(ids, (id) => seen.get(id) ?? 0);
          return { timeMs: at, inputTokens: ids.length * 16, blockTokens: 16, blocks };
        });
        const calls = asCalls(requests);
        for (const name of ['radix', 'breakpoint'] as const) {
          const found = onTree(calls, everything(calls), {
            rule: name,
            ttlMs: 5,
            minimumTokens: 0,
            incrementTokens: 1,
          });
          for (const [call, [read, written]] of found.entries())
            expect(read + written).toBeLessThanOrEqual(requests[call]?.inputTokens ?? 0);
        }
      }),
    );
  });
});
