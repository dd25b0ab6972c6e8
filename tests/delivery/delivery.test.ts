/** At most once, and never silently none: every point where a run can die or lose an answer, and every order of runs side by side. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deliver, deliveryState } from '../../lib/delivery.ts';
import type { Delivered } from '../../lib/delivery.ts';
import type { ObjectStore, SendOutcome } from '../../lib/ports.ts';
import { createMemoryStore } from '../fixtures/memory-store.ts';
import { Died, listed, openLab } from './crash-lab.ts';
import type { Fault, Lab } from './crash-lab.ts';

let names = 0;
const world = (store: ObjectStore) => ({
  store,
  nowMs: () => Date.UTC(2026, 10, 16, 8),
  newName: () => `run-${++names}`,
});
const REPORT = { id: '2026-11-15/mail', about: 'week to 2026-11-15, mail' };

async function once(lab: Lab, fault?: Fault, isAgain = false): Promise<{ result: Delivered | Error; calls: number }> {
  return await lab.run(
    async (store, send) => await deliver(world(store), { ...REPORT, isAgain }, send('report')),
    fault,
  );
}

describe('without a fault', () => {
  test('three calls send one mail; the second and third say that it was sent', async () => {
    const lab = openLab();
    const results = [(await once(lab)).result, (await once(lab)).result, (await once(lab)).result];
    expect(lab.taken).toEqual(['report']);
    expect(results).toEqual([
      { kind: 'sent', attempt: 1, at: '2026-11-16T08:00:00.000Z', notTo: [], isNew: true },
      { kind: 'sent', attempt: 1, at: '2026-11-16T08:00:00.000Z', notTo: [], isNew: false },
      { kind: 'sent', attempt: 1, at: '2026-11-16T08:00:00.000Z', notTo: [], isNew: false },
    ]);
  });

  test.each([true, false])(
    'what was refused (for now: %s) is tried again by the next call, until it is taken',
    async (isRetryable) => {
      const lab = openLab({ refusals: 2, isRetryable });
      expect((await once(lab)).result).toMatchObject({ kind: 'refused', attempt: 1, isRetryable });
      expect((await once(lab)).result).toMatchObject({ kind: 'refused', attempt: 2 });
      expect((await once(lab)).result).toMatchObject({ kind: 'sent', attempt: 3, isNew: true });
      expect((await once(lab)).result).toMatchObject({ kind: 'sent', attempt: 3, isNew: false });
      expect(lab.taken).toEqual(['report']);
    },
  );

  test('a person who asks again gets a second one, once for each time of asking', async () => {
    const lab = openLab();
    await once(lab);
    expect((await once(lab, undefined, true)).result).toMatchObject({ kind: 'sent', attempt: 2, isNew: true });
    await once(lab);
    expect(lab.taken).toEqual(['report', 'report']);
  });

  test('other messages have claims of their own', async () => {
    const lab = openLab();
    for (const id of ['2026-11-15/mail', '2026-11-15/mail-2', '2026-11-22/mail'])
      await lab.run(async (store, send) => await deliver(world(store), { ...REPORT, id }, send(id)));
    expect(lab.taken).toHaveLength(3);
  });

  test('claims and outcomes hold what people need to look for it, and no address or text of it', async () => {
    const lab = openLab();
    await once(lab);
    const texts = [...lab.lake.objects].map(([key, { bytes }]) => [key, Buffer.from(bytes).toString()]);
    expect(texts.map(([key]) => key)).toEqual([
      'delivery/2026-11-15/mail/001-claim.json',
      'delivery/2026-11-15/mail/001-outcome.json',
    ]);
    expect(texts[0]?.[1]).toContain('week to 2026-11-15, mail');
    expect(texts[1]?.[1]).toContain('"kind":"sent"');
  });
});

describe('storm', () => {
  /** Every call of a run without faults, each before and after, each as death and as error. */
  async function faults(refusals: number): Promise<Fault[]> {
    const { calls } = await once(openLab({ refusals }));
    expect(calls).toBeGreaterThanOrEqual(4);
    return Array.from({ length: calls }, (_, atCall) =>
      (['before', 'after'] as const).flatMap((when) =>
        (['dies', 'errs'] as const).map((how) => ({ atCall, when, how })),
      ),
    ).flat();
  }

  test.each([0, 1])(
    'after a fault anywhere, with %i refusals, retries send at most one, and none only with an alarm',
    async (refusals) => {
      const ends = new Set<string>();
      for (const first of await faults(refusals))
        for (const second of [undefined, ...(await faults(0))]) {
          const lab = openLab({ refusals });
          const results: (Delivered | Error)[] = [(await once(lab, first)).result, (await once(lab, second)).result];
          for (let retry = 0; retry < 4; retry++) results.push((await once(lab)).result);
          const last = results.at(-1) as Delivered;
          ends.add(`${last.kind} ${lab.taken.length}`);
        }
      // never two; none with an alarm only; one that is known, or told as in doubt. The storm reaches all three
      expect([...ends].toSorted()).toEqual(['sent 1', 'unknown 0', 'unknown 1']);
    },
  );

  test('a run that was told of an unknown end can be sent by a person, exactly once more', async () => {
    const told: unknown[] = [];
    for (const fault of await faults(0)) {
      const lab = openLab();
      await once(lab, fault);
      const { result: before } = await once(lab);
      if (before instanceof Error || before.kind !== 'unknown') continue;
      const sentBefore = lab.taken.length;
      const { result } = await once(lab, undefined, true);
      const { result: after } = await once(lab);
      told.push([
        [result, after].map((one) => (one instanceof Error ? one : [one.kind, one.isNew])),
        lab.taken.length - sentBefore,
      ]);
    }
    expect(told.length).toBeGreaterThan(3);
    for (const one of told)
      expect(one).toEqual([
        [
          ['sent', true],
          ['sent', false],
        ],
        1,
      ]);
  });

  test('an answer of the lake that was lost on the way of the claim costs nothing: the claim is known as one’s own', async () => {
    const lab = openLab();
    const claimCall = 1;
    const { result } = await once(lab, { atCall: claimCall, when: 'after', how: 'errs' });
    expect(result).toMatchObject({ kind: 'sent', isNew: true });
    expect(lab.taken).toEqual(['report']);
  });

  test('the lab is awake: without claims the same storm sends twice', async () => {
    let most = 0;
    for (const fault of await faults(0)) {
      const lab = openLab();
      const careless = async (f?: Fault): Promise<void> => {
        await lab.run(async (store, send) => {
          if ((await deliveryState(store, REPORT.id)).kind === 'sent') return;
          await send('report')();
          await store.put('delivery/2026-11-15/mail/001-claim.json', Buffer.from('{}'));
          await store.put('delivery/2026-11-15/mail/001-outcome.json', Buffer.from('{"kind":"sent"}'));
        }, f);
      };
      await careless(fault);
      await careless();
      most = Math.max(most, lab.taken.length);
    }
    expect(most).toBe(2);
    expect(
      (await openLab().run(async (store) => await store.read('x'), { atCall: 0, when: 'before', how: 'dies' })).result,
    ).toBeInstanceOf(Died);
  });
});

describe('side by side', () => {
  test('in every order of their calls, several runs send one mail at most, and each says what is true', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 2, max: 4 }),
        fc.array(fc.constantFrom<SendOutcome['kind'] | 'throws'>('sent', 'refused', 'throws'), { maxLength: 4 }),
        async (scheduler, runs, answers) => {
          const lake = createMemoryStore();
          const script = [...answers];
          let taken = 0;
          let unknown = 0;
          const wait = async <T>(effect: () => Promise<T>): Promise<T> => {
            await scheduler.schedule(Promise.resolve());
            return await effect();
          };
          const store: ObjectStore = {
            ...lake,
            async *list(prefix) {
              yield* await wait(async () => await listed(lake, prefix));
            },
            read: async (key) => await wait(async () => await lake.read(key)),
            putIfAbsent: async (key, bytes) => await wait(async () => await lake.putIfAbsent(key, bytes)),
          };
          const send = async (): Promise<SendOutcome> =>
            await wait(async () => {
              const answer = script.shift() ?? 'sent';
              if (answer === 'refused') return { kind: 'refused', reason: 'later', isRetryable: true };
              if (answer === 'sent') taken++;
              else unknown++;
              if (answer === 'throws') throw new Error('no answer');
              return { kind: 'sent', id: 'm' };
            });
          const all = Promise.all(Array.from({ length: runs }, async () => await deliver(world(store), REPORT, send)));
          await scheduler.waitFor(all);
          expect(taken + unknown).toBeLessThanOrEqual(1);
          const results = await all;
          const final = await deliveryState(lake, REPORT.id);
          // what is noted is what happened, and nobody says "sent" of what was not
          const happened = taken === 1 ? 'sent' : unknown === 1 ? 'unknown' : final.kind;
          expect(final.kind).toBe(happened);
          expect(taken === 0 && results.some(({ kind }) => kind === 'sent')).toBe(false);
          expect(results.filter(({ kind, isNew }) => kind === 'sent' && isNew).length).toBe(taken);
        },
      ),
      { numRuns: 400 },
    );
  });
});
