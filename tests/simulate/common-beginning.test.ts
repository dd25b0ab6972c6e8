import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commonBeginning, hasBeginning } from '../../lib/simulate/common-beginning.ts';
import { createPromptTree } from '../../lib/simulate/prompt-tree.ts';

const beginningsOf = (text: string): string[] => Array.from({ length: text.length }, (_, at) => text.slice(0, at + 1));

/** Prompts as texts: two share a block where they begin alike up to it. */
function treeOf(prompts: readonly string[]) {
  const numbers = new Map<string, number>();
  const tree = createPromptTree();
  const leaves = prompts.map((prompt) => {
    const blocks = beginningsOf(prompt);
    for (const block of blocks) if (!numbers.has(block)) numbers.set(block, numbers.size);
    return tree.add(Int32Array.from(blocks, (block) => numbers.get(block) as number));
  });
  return { tree, leaves: Int32Array.from(leaves) };
}

test('three of four prompts begin with the same three blocks', () => {
  const { tree, leaves } = treeOf(['abcd', 'abce', 'fgh', 'abc']);
  const found = commonBeginning(tree, leaves);
  expect(found).toMatchObject({ calls: 3, depth: 3 });
  expect([...leaves].map((leaf) => found !== null && hasBeginning(tree, leaf, found))).toEqual([
    true,
    true,
    false,
    true,
  ]);
});

test.each<[string, readonly string[]]>([
  ['no prompt', []],
  ['an empty one', ['', '']],
  ['nothing in common', ['a', 'b', 'cd']],
])('%s: there is none', (_what, prompts) => {
  const { tree, leaves } = treeOf(prompts);
  expect(commonBeginning(tree, leaves)).toBeNull();
});

test('is the one of the most blocks in all, as counted beginning by beginning, and of which calls', () => {
  const drawn = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 }), { minLength: 1, maxLength: 25 });
  fc.assert(
    fc.property(drawn, fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }), (prompts, isOwn) => {
      const { tree, leaves } = treeOf(prompts);
      // of a stream that is a part of the log
      const own = prompts.filter((_, at) => isOwn[at]);
      const found = commonBeginning(
        tree,
        leaves.filter((_, at) => isOwn[at] === true),
      );
      const beginnings = [...new Set(own.flatMap(beginningsOf))];
      const weights = beginnings.map((beginning) => {
        const calls = own.filter((text) => text.startsWith(beginning)).length;
        return calls > 1 ? calls * beginning.length : 0;
      });
      expect(found === null ? 0 : found.calls * found.depth).toBe(Math.max(0, ...weights));
      if (found === null) return;
      const text = own.find((_, at) =>
        hasBeginning(tree, leaves.filter((_leaf, i) => isOwn[i] === true)[at] as number, found),
      );
      const beginning = (text ?? '').slice(0, found.depth);
      expect([...leaves].map((leaf) => hasBeginning(tree, leaf, found))).toEqual(
        prompts.map((prompt) => prompt.startsWith(beginning) && prompt.length > 0),
      );
    }),
  );
});
