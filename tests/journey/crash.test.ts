import { expect, test } from 'vitest';
import { usageRows, workspace } from '../fixtures/folder-run.ts';
import { linesOf, modelCall } from '../fixtures/model-calls.ts';

const POINTS = 30;

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

test(`killed at any of ${POINTS} seeded points, before or after the effect of the call, then run again: identical`, async () => {
  const clean = await workspace();
  await clean.write(inbox(0, 60));
  await clean.run();
  await clean.write(inbox(0, 90), '2026-11-21T12:00:00Z');
  const { calls, crashed } = await clean.runUntil({ at: Infinity, afterEffect: false });
  expect(crashed).toBe(false);
  expect(calls).toBeGreaterThan(20);
  const expected = await usageRows(clean);
  const rejects = await clean.ask('select source_object, source_line, reason from rejects order by 1, 2');
  await clean.close();

  for (let point = 0; point < POINTS; point++) {
    const at = 1 + Math.floor((point * calls) / POINTS);
    const space = await workspace();
    try {
      await space.write(inbox(0, 60));
      await space.run();
      await space.write(inbox(0, 90), '2026-11-21T12:00:00Z');
      const before = await usageRows(space);
      const killed = await space.runUntil({ at, afterEffect: point % 2 === 1 });
      expect(killed.crashed, `call ${at}`).toBe(true);
      // a reader in between sees the old state or the new one, never a part
      const between = await usageRows(space);
      expect([before.length, expected.length], `call ${at}`).toContain(between.length);
      await space.run();
      expect(await usageRows(space), `call ${at}`).toEqual(expected);
      expect(await space.ask('select source_object, source_line, reason from rejects order by 1, 2')).toEqual(rejects);
    } finally {
      await space.close();
    }
  }
});
