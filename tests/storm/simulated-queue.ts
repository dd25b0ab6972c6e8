/**
 * A simulated event queue as S3 events come through SQS: at least once, in any order, with delays; a message that is not deleted before its
 * visibility timeout is delivered again. In: events. Out: messages. Invariant: a message leaves only when a worker deletes it.
 */
import type { ObjectInfo } from '../../lib/ports.ts';
import type { Random } from '../../lib/generate/random.ts';

export interface Message {
  readonly id: number;
  readonly info: ObjectInfo;
  visibleAtMs: number;
  deliveries: number;
}

export interface SimulatedQueue {
  send(info: ObjectInfo, visibleAtMs: number): void;
  /** Takes up to `most` visible messages, in any order, and hides them until the visibility timeout. */
  receive(most: number, nowMs: number): Message[];
  delete(messages: readonly Message[]): void;
  /** When the next message becomes visible; null if the queue is empty. */
  nextVisibleMs(): number | null;
}

export const VISIBILITY_MS = 60_000;

export function createQueue(random: Random): SimulatedQueue {
  const held = new Map<number, Message>();
  let sent = 0;
  return {
    send(info, visibleAtMs) {
      sent++;
      held.set(sent, { id: sent, info, visibleAtMs, deliveries: 0 });
    },
    receive(most, nowMs) {
      const visible = [...held.values()].filter((message) => message.visibleAtMs <= nowMs);
      const taken: Message[] = [];
      while (taken.length < most && visible.length > 0) {
        const [message] = visible.splice(random.below(visible.length), 1);
        if (message === undefined) break;
        message.visibleAtMs = nowMs + VISIBILITY_MS;
        message.deliveries++;
        taken.push(message);
      }
      return taken;
    },
    delete(messages) {
      for (const message of messages) held.delete(message.id);
    },
    nextVisibleMs: () =>
      held.size === 0 ? null : [...held.values()].reduce((first, m) => Math.min(first, m.visibleAtMs), Infinity),
  };
}
