import { expect, test } from 'vitest';
import { usageRows, workspace } from '../fixtures/folder-run.ts';
import { linesOf, modelCall } from '../fixtures/model-calls.ts';

/** Points at least; more where sealing alone makes more calls. */
const POINTS = 100;

function inbox(from: number, to: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (let seed = from; seed < to; seed++) {
    const call = modelCall(seed);
    const key = `${call.format}/${seed % 3}.jsonl`;
    files[key] = `${files[key] ?? ''}${linesOf(call).join('\n')}\n`;
  }
  files['broken.jsonl'] = '{"id":\nnot json\n';
  return files;
}

/** Every call of seal, before its effect or after it by turns, and calls of ingest at even distances until there are enough. */
function pointsOf(names: readonly string[]): { at: number; afterEffect: boolean }[] {
  const all = names.map((name, i) => ({ at: i + 1, isSeal: name.startsWith('seal ') }));
  const seal = all.filter(({ isSeal }) => isSeal);
  const ingest = all.filter(({ isSeal }) => !isSeal);
  const wanted = Math.max(0, POINTS - seal.length);
  const more = Array.from({ length: wanted }, (_, i) => ingest[Math.floor((i * ingest.length) / wanted)]);
  return [...seal, ...more].flatMap((call, i) =>
    call === undefined ? [] : [{ at: call.at, afterEffect: i % 2 === 1 }],
  );
}

test(`killed at any of ${POINTS} points, among them every port call of seal, then run again: identical`, async () => {
  const begun = await workspace();
  await begun.write(inbox(0, 60));
  await begun.run();
  await begun.write(inbox(0, 90), '2026-11-21T12:00:00Z');
  const before = await usageRows(begun);
  const clean = await workspace(begun);
  const { names, crashed } = await clean.runUntil({ at: Infinity, afterEffect: false });
  expect(crashed).toBe(false);
  const points = pointsOf(names);
  expect(points.length).toBeGreaterThanOrEqual(POINTS);
  for (const call of ['seal engine.write', 'seal catalog.switch', 'seal store.putIfAbsent', 'ingest store.putIfAbsent'])
    expect(names).toContain(call);
  const expected = await usageRows(clean);
  const rejects = await clean.ask('select source_object, source_line, reason from rejects order by 1, 2');
  await clean.close();

  for (const { at, afterEffect } of points) {
    const what = `call ${at}, ${names[at - 1]}, ${afterEffect ? 'after' : 'before'} its effect`;
    const space = await workspace(begun);
    try {
      const killed = await space.runUntil({ at, afterEffect });
      expect({ what, crashed: killed.crashed }).toEqual({ what, crashed: true });
      // a reader in between sees the old state or the new one, never a part
      const between = await usageRows(space);
      expect({ what, isWhole: [before.length, expected.length].includes(between.length) }).toEqual({
        what,
        isWhole: true,
      });
      await space.run();
      expect({ what, rows: await usageRows(space) }).toEqual({ what, rows: expected });
      expect(await space.ask('select source_object, source_line, reason from rejects order by 1, 2')).toEqual(rejects);
    } finally {
      await space.close();
    }
  }
  await begun.close();
}, 600_000);
