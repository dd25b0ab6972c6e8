/**
 * The calls of a period by column, in order of time: all that the levers look at. In: calls as they are read, in order of time, ties in
 * order of arrival. Out: typed arrays and names: some 180 bytes a call, 575 while calls are read, whatever the length of its prompt.
 */
import { createBlockIndex } from './block-index.ts';
import { createNameColumn } from './name-column.ts';
import type { Names } from './name-column.ts';
import { createNumberColumn } from './number-column.ts';
import type { PromptTree } from './prompt-tree.ts';
import { createPromptTree } from './prompt-tree.ts';

/** A call as `queries/calls.sql` gives it. Tokens are disjoint meters as in table `usage`; null is unknown. */
export interface LoggedCall extends CallKind {
  readonly recordId: string;
  readonly timeMs: number;
  readonly isCall: boolean;
  readonly calls: number;
  readonly status: string;
  readonly team: string;
  readonly project: string | null;
  readonly application: string | null;
  readonly keyId: string | null;
  readonly sessionId: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly tokens: CallTokens;
  /** null where the call has no price */
  readonly costPico: bigint | null;
  readonly latencyMs: number | null;
  readonly firstTokenMs: number | null;
  readonly deadlineSeconds: number | null;
  readonly prompt: LoggedPrompt | null;
}

export interface LoggedPrompt {
  readonly hashKeyId: string;
  /** 128 bits in hex */
  readonly promptHash: string;
  readonly blocks: readonly bigint[];
  readonly blockTokens: number;
}

/** What a call is billed by. */
export interface CallTokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly output: number;
  readonly images: number;
  readonly webSearches: number;
}

/** Facts that decide the price of a call beside its tokens and its time; equal ones share a number. */
export interface CallKind {
  readonly provider: string;
  readonly publisher: string | null;
  readonly model: string;
  readonly modelReported: string;
  readonly operation: string;
  readonly tier: string;
  readonly priceRegion: string | null;
  readonly billingAccountId: string | null;
  readonly usageBasis: string;
}

export interface CallLog {
  readonly calls: number;
  readonly timeMs: Float64Array;
  readonly kind: Int32Array;
  readonly kinds: readonly CallKind[];
  readonly team: Names;
  readonly model: Names;
  readonly session: Names;
  readonly application: Names;
  /** where cached prompts are shared: provider, account and project, else key, else one for all */
  readonly workspace: Names;
  readonly input: Float64Array;
  readonly cacheRead: Float64Array;
  readonly cacheWrite5m: Float64Array;
  readonly cacheWrite1h: Float64Array;
  readonly output: Float64Array;
  readonly images: Float64Array;
  readonly webSearches: Float64Array;
  /** all input tokens, cached or not */
  readonly allInput: Float64Array;
  /** NaN where unknown */
  readonly latencyMs: Float64Array;
  readonly deadlineSeconds: Float64Array;
  /** what was billed; 0 where unknown, which `isPriced` tells */
  readonly costPico: BigInt64Array;
  /** single calls with a price that succeeded: levers act on nothing else */
  readonly isOpen: Uint8Array;
  readonly isPriced: Uint8Array;
  /** number of the whole prompt within model and workspace; -1 where unknown, and where a repeat asks for a new answer */
  readonly prompt: Int32Array;
  readonly leaf: Int32Array;
  readonly blockTokens: Float64Array;
  readonly tree: PromptTree;
  /** the answer came in pieces: somebody was reading along */
  readonly isStreamed: Uint8Array;
  /** says `batch` or the like: a tag with which the caller marks work that may wait */
  readonly isDeferrable: Uint8Array;
}

/** What a caller's tag must say so that its call counts as work that may wait. */
const DEFERRABLE_TAG = /^(batch|batchable|deferrable|offline|async|background)$/i;
const TRUE = /^(true|yes|1|batch)$/i;

/** A prompt by numbers instead of hashes. */
export interface NumberedPrompt {
  /** number of the cache it would lie in: model, workspace and hash key */
  readonly scope: number;
  /** number of the whole prompt; equal only within its scope */
  readonly prompt: number;
  /** numbers of its blocks, valid until the next call is added */
  readonly blocks: Int32Array;
}

export interface CallLogBuilder {
  /** Adds the next call; returns its prompt by numbers, null where it has none. */
  add(call: LoggedCall): NumberedPrompt | null;
  finish(): CallLog;
}

/** An empty log. Throws `RangeError` where calls do not come in order of time. */
export function createCallLog(): CallLogBuilder {
  const numbers = {
    timeMs: createNumberColumn(),
    kind: createNumberColumn(),
    input: createNumberColumn(),
    cacheRead: createNumberColumn(),
    cacheWrite5m: createNumberColumn(),
    cacheWrite1h: createNumberColumn(),
    output: createNumberColumn(),
    images: createNumberColumn(),
    webSearches: createNumberColumn(),
    latencyMs: createNumberColumn(),
    deadlineSeconds: createNumberColumn(),
    isOpen: createNumberColumn(),
    isPriced: createNumberColumn(),
    isDeferrable: createNumberColumn(),
    isStreamed: createNumberColumn(),
    prompt: createNumberColumn(),
    leaf: createNumberColumn(),
    blockTokens: createNumberColumn(),
  };
  const names = {
    team: createNameColumn(),
    model: createNameColumn(),
    session: createNameColumn(),
    application: createNameColumn(),
    workspace: createNameColumn(),
  };
  const kinds = createNameColumn();
  const costs: bigint[] = [];
  const promptNumbers = createPromptNumbers();
  const tree = createPromptTree();
  let lastMs = -Infinity;

  return {
    add(call) {
      if (call.timeMs < lastMs) throw new RangeError('calls of a log must come in order of time');
      lastMs = call.timeMs;
      const { tokens } = call;
      const isPriced = call.costPico !== null;
      numbers.timeMs.push(call.timeMs);
      kinds.push(JSON.stringify(kindOf(call)));
      for (const meter of [
        'input',
        'cacheRead',
        'cacheWrite5m',
        'cacheWrite1h',
        'output',
        'images',
        'webSearches',
      ] as const)
        numbers[meter].push(tokens[meter]);
      numbers.latencyMs.push(call.latencyMs ?? NaN);
      numbers.deadlineSeconds.push(call.deadlineSeconds ?? NaN);
      numbers.isOpen.push(Number(isPriced && call.isCall && call.calls === 1 && call.status === 'ok'));
      numbers.isPriced.push(Number(isPriced));
      numbers.isStreamed.push(Number(call.firstTokenMs !== null));
      numbers.isDeferrable.push(Number(isDeferrable(call)));
      names.team.push(call.team);
      names.model.push(call.model);
      names.session.push(call.sessionId === null ? null : `${call.provider} ${call.sessionId}`);
      names.application.push(call.application);
      names.workspace.push(workspaceOf(call));
      const numbered = call.prompt === null ? null : promptNumbers(call, call.prompt);
      numbers.prompt.push(numbered === null || wantsNewAnswer(call) ? -1 : numbered.prompt);
      numbers.leaf.push(numbered === null ? -1 : tree.add(numbered.blocks));
      numbers.blockTokens.push(call.prompt?.blockTokens ?? 1);
      costs.push(call.costPico ?? 0n);
      return numbered;
    },
    finish() {
      const { codes, names: kindNames } = kinds.finish();
      const columns = Object.fromEntries(Object.entries(numbers).map(([name, column]) => [name, column.values()])) as {
        [name in keyof typeof numbers]: Float64Array;
      };
      const allInput = columns.input.map(
        (tokens, call) =>
          tokens +
          (columns.cacheRead[call] as number) +
          (columns.cacheWrite5m[call] as number) +
          (columns.cacheWrite1h[call] as number),
      );
      return {
        ...columns,
        calls: costs.length,
        allInput,
        kind: codes,
        kinds: kindNames.map((name) => JSON.parse(name) as CallKind),
        team: names.team.finish(),
        model: names.model.finish(),
        session: names.session.finish(),
        application: names.application.finish(),
        workspace: names.workspace.finish(),
        costPico: BigInt64Array.from(costs),
        isOpen: Uint8Array.from(columns.isOpen),
        isPriced: Uint8Array.from(columns.isPriced),
        isDeferrable: Uint8Array.from(columns.isDeferrable),
        isStreamed: Uint8Array.from(columns.isStreamed),
        prompt: Int32Array.from(columns.prompt),
        leaf: Int32Array.from(columns.leaf),
        tree,
      };
    },
  };
}

/** Whether a repeat of the call is no repeat: seeds of images are not logged, and the same prompt again asks for another picture. */
export function wantsNewAnswer({ operation, tokens }: Pick<LoggedCall, 'operation' | 'tokens'>): boolean {
  return operation === 'image' || tokens.images > 0;
}

/** The same of a call of a log. */
export function isImageCall({ images, kinds, kind }: CallLog, call: number): boolean {
  return (images[call] as number) > 0 || kinds[kind[call] as number]?.operation === 'image';
}

function kindOf(call: LoggedCall): CallKind {
  const { provider, publisher, model, modelReported, operation, tier, priceRegion, billingAccountId, usageBasis } =
    call;
  return { provider, publisher, model, modelReported, operation, tier, priceRegion, billingAccountId, usageBasis };
}

function workspaceOf({ provider, billingAccountId, project, keyId }: LoggedCall): string {
  return JSON.stringify([provider, billingAccountId, project === null ? (keyId ?? '') : `project ${project}`]);
}

function isDeferrable({ tags }: LoggedCall): boolean {
  return Object.entries(tags).some(
    ([name, value]) => DEFERRABLE_TAG.test(value) || (DEFERRABLE_TAG.test(name) && TRUE.test(value)),
  );
}

/** Numbers of blocks and prompts: equal only within one model and workspace, and under one hash key. */
function createPromptNumbers(): (call: LoggedCall, prompt: LoggedPrompt) => NumberedPrompt {
  const blockIndex = createBlockIndex();
  const promptIndex = createBlockIndex();
  const scopes = new Map<string, number>();
  let room = new Int32Array(64);
  return (call, { hashKeyId, promptHash, blocks }) => {
    const name = `${call.model} ${hashKeyId} ${workspaceOf(call)}`;
    const scope = scopes.get(name) ?? scopes.size;
    scopes.set(name, scope);
    if (blocks.length > room.length) room = new Int32Array(blocks.length * 2);
    for (let k = 0; k < blocks.length; k++) room[k] = blockIndex.numberOf(scope, blocks[k] as bigint);
    return {
      scope,
      // a 64-bit beginning of the hash is enough: among a billion prompts two share one with probability 1 in 37
      prompt: promptIndex.numberOf(scope, BigInt(`0x${promptHash.slice(0, 16)}`)),
      blocks: room.subarray(0, blocks.length),
    };
  };
}
