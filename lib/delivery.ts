/**
 * At most once, and never silently none: how one message gets out. In: a store, the message's name, and how it is sent. Out: what became of it.
 * Before each try a claim is put down that only one can put down; after it, what is known. A claim without an outcome, or with one that nobody
 * knows, is never sent again unasked: the caller raises an alarm. What was refused for certain is claimed anew by the next try.
 *
 *     delivery/ID/001-claim.json     who tries, since when
 *     delivery/ID/001-outcome.json   sent, refused or unknown; absent: a try under way, or one that died
 */
import { Transient } from './errors.ts';
import { parseJsonText } from './json-text.ts';
import type { ObjectStore, SendOutcome } from './ports.ts';

/** Folder of all claims and outcomes in the lake. */
export const DELIVERY_FOLDER = 'delivery/';

/** What is known of a message. `attempt` counts from 1. */
export type DeliveryState =
  | { readonly kind: 'none' }
  | { readonly kind: 'sent'; readonly attempt: number; readonly at: string; readonly notTo: readonly string[] }
  | {
      readonly kind: 'refused';
      readonly attempt: number;
      readonly at: string;
      readonly reason: string;
      readonly isRetryable: boolean;
    }
  | { readonly kind: 'unknown'; readonly attempt: number; readonly at: string; readonly reason: string };

/** What a call of `deliver` came to: `isNew` if this call made it so. */
export type Delivered = Exclude<DeliveryState, { kind: 'none' }> & { readonly isNew: boolean };

export interface Delivery {
  /** name of the message, of `[a-z0-9-/]`; the same message has the same one for ever */
  readonly id: string;
  /** for people who read the claim: no address, no content */
  readonly about: string;
  /** a person asks for it: send even what was sent, or may have been */
  readonly isAgain?: boolean;
}

export interface DeliveryWorld {
  readonly store: ObjectStore;
  readonly nowMs: () => number;
  /** text that no other call ever gets */
  readonly newName: () => string;
}

/** Tries of others that this one gives way to before it says that it does not know. */
const ROUNDS = 4;
/** Writing a claim or an outcome whose answer was lost is safe to repeat. */
const WRITES = 3;

/** Sends a message unless it was sent or may have been. Throws only where the store failed before anything was sent. */
export async function deliver(
  world: DeliveryWorld,
  delivery: Delivery,
  send: () => Promise<SendOutcome>,
): Promise<Delivered> {
  for (let round = 0; round < ROUNDS; round++) {
    const state = await deliveryState(world.store, delivery.id);
    if (state.kind !== 'none' && state.kind !== 'refused' && delivery.isAgain !== true)
      return { ...state, isNew: false };
    const attempt = state.kind === 'none' ? 1 : state.attempt + 1;
    if (await claim(world, delivery, attempt)) return await attemptOnce(world, delivery.id, attempt, send);
    // somebody else was quicker: a person who asks again gets no second one for it
    if (delivery.isAgain === true) return { ...underWay(attempt, ''), isNew: false };
  }
  const last = await deliveryState(world.store, delivery.id);
  return { ...(last.kind === 'none' ? underWay(1, '') : last), isNew: false };
}

/** What is known of a message, from its last try. */
export async function deliveryState(store: Pick<ObjectStore, 'list' | 'read'>, id: string): Promise<DeliveryState> {
  let attempt = 0;
  for await (const { key } of store.list(`${DELIVERY_FOLDER}${id}/`)) {
    const number = /(\d{3,})-claim\.json$/.exec(key)?.[1];
    if (number !== undefined) attempt = Math.max(attempt, Number(number));
  }
  if (attempt === 0) return { kind: 'none' };
  const bytes = await store.read(keyOf(id, attempt, 'outcome'));
  if (bytes === null) {
    const { at } = await readJson(store, keyOf(id, attempt, 'claim'));
    return underWay(attempt, textOf(at));
  }
  const { kind, at, reason, isRetryable, notTo } = parsed(keyOf(id, attempt, 'outcome'), bytes);
  const common = { attempt, at: textOf(at) };
  if (kind === 'sent') return { kind, ...common, notTo: Array.isArray(notTo) ? notTo.map(String) : [] };
  if (kind === 'refused') return { kind, ...common, reason: textOf(reason), isRetryable: isRetryable === true };
  return { kind: 'unknown', ...common, reason: textOf(reason) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function underWay(attempt: number, at: string): Extract<DeliveryState, { kind: 'unknown' }> {
  const reason = 'a run began to send it and did not say how that ended: it is still at it, or it died';
  return { kind: 'unknown', attempt, at, reason };
}

async function attemptOnce(
  world: DeliveryWorld,
  id: string,
  attempt: number,
  send: () => Promise<SendOutcome>,
): Promise<Delivered> {
  const outcome = await send().catch((error: unknown) => ({ kind: 'unknown', reason: reasonOf(error) }) as const);
  const at = new Date(world.nowMs()).toISOString();
  const isNoted = await noted(world, keyOf(id, attempt, 'outcome'), { ...outcome, at });
  const common = { attempt, at, isNew: true };
  if (outcome.kind === 'sent') return { kind: 'sent', ...common, notTo: outcome.notTo ?? [] };
  if (outcome.kind === 'unknown') return { ...outcome, ...common };
  if (isNoted) return { ...outcome, ...common };
  // nobody will dare to try again, so somebody must be told
  return { kind: 'unknown', ...common, reason: `${outcome.reason}; and that could not be noted in the lake` };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : 'unknown error';
}

/** True if this call may send. A claim whose answer was lost on the way is recognized as one's own. */
async function claim({ store, nowMs, newName }: DeliveryWorld, delivery: Delivery, attempt: number): Promise<boolean> {
  const key = keyOf(delivery.id, attempt, 'claim');
  const run = newName();
  const at = new Date(nowMs()).toISOString();
  const content = { run, at, about: delivery.about, isAgain: delivery.isAgain === true };
  if ((await repeated(async () => await store.putIfAbsent(key, json(content)))) === 'created') return true;
  return (await readJson(store, key))['run'] === run;
}

async function noted({ store }: DeliveryWorld, key: string, content: object): Promise<boolean> {
  try {
    await repeated(async () => await store.putIfAbsent(key, json(content)));
    return true;
  } catch {
    return false;
  }
}

async function repeated<T>(write: () => Promise<T>): Promise<T> {
  for (let left = WRITES - 1; ; left--) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof Transient) || left === 0) throw error;
    }
  }
}

function keyOf(id: string, attempt: number, part: 'claim' | 'outcome'): string {
  return `${DELIVERY_FOLDER}${id}/${String(attempt).padStart(3, '0')}-${part}.json`;
}

async function readJson(store: Pick<ObjectStore, 'read'>, key: string): Promise<Record<string, unknown>> {
  const bytes = await store.read(key);
  return bytes === null ? {} : parsed(key, bytes);
}

function parsed(key: string, bytes: Uint8Array): Record<string, unknown> {
  return parseJsonText(key, new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

function json(content: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(content)}\n`);
}
