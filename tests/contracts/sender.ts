/**
 * What everything that sends must do, a mail or a chat message: one try, and never "refused" of what may have been sent. Each adapter's test
 * gives a server whose answers it can choose; the server is a real one of the protocol.
 */
import { expect, test } from 'vitest';
import type { SendOutcome } from '../../lib/ports.ts';

/**
 * `takes` · `refuses` for good · `refuses_for_now` · `hangs_up`: takes the message and closes the connection without an answer · `is_silent`: takes
 * it and never answers
 */
export type Behavior = 'takes' | 'refuses' | 'refuses_for_now' | 'hangs_up' | 'is_silent';

export interface SenderLab {
  /** sends `content` through the adapter, with a timeout of its own that a test can wait for */
  send(content: string): Promise<SendOutcome>;
  /** what reached the server as a whole message, in order */
  readonly received: readonly string[];
  behave(how: Behavior): void;
  /** from now on nobody listens */
  stop(): Promise<void>;
}

const CONTENT = 'Subject: a week\r\n\r\nbytes as they are: ü\r\n';

export function senderContract(open: () => Promise<SenderLab>): void {
  test('what is taken is sent once, byte for byte', async () => {
    const lab = await open();
    const outcome = await lab.send(CONTENT);
    expect(outcome.kind).toBe('sent');
    expect(outcome.kind === 'sent' && outcome.id).not.toBe('');
    expect(lab.received).toEqual([CONTENT]);
    await lab.stop();
  });

  test('what is refused for good says so, and is tried once', async () => {
    const lab = await open();
    lab.behave('refuses');
    expect(await lab.send(CONTENT)).toMatchObject({ kind: 'refused', isRetryable: false });
    expect(lab.received).toEqual([]);
    lab.behave('takes');
    expect((await lab.send(CONTENT)).kind).toBe('sent');
    await lab.stop();
  });

  test('what is refused for now may be tried again, and the adapter does not do it itself', async () => {
    const lab = await open();
    lab.behave('refuses_for_now');
    const outcome = await lab.send(CONTENT);
    expect(outcome).toMatchObject({ kind: 'refused', isRetryable: true });
    expect(outcome.kind === 'refused' && outcome.reason.length).toBeGreaterThan(10);
    expect(lab.received).toEqual([]);
    await lab.stop();
  });

  test.each(['hangs_up', 'is_silent'] as const)(
    'of a server that takes it and %s nobody knows: it throws, after one try',
    async (how) => {
      const lab = await open();
      lab.behave(how);
      await expect(lab.send(CONTENT)).rejects.toBeInstanceOf(Error);
      expect(lab.received).toEqual([CONTENT]);
      await lab.stop();
    },
  );

  test('where nobody listens nothing was sent', async () => {
    const lab = await open();
    await lab.stop();
    expect(await lab.send(CONTENT)).toMatchObject({ kind: 'refused', isRetryable: true });
  });
}
