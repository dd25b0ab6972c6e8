/**
 * A longer life of entries at providers that cache by themselves: what more would be read. In: calls of a stream, the lives of entries as they are and
 * as they could be. Out: tokens read beyond what was read, and beyond what the shorter life gives. Formula, by call: κ · max(0, R′ − max(R, L)), with R and R′
 * from the replay (radix rule) under both lives, L as billed, κ the share of replayed reads that come true. Invariants: never negative, L included never
 * more than R′, and nothing where no beginning recurs within the longer life (docs/simulation.md, "Longer retention").
 */
import type { CallLog, CallTokens } from './call-log.ts';
import { callStreams } from './call-streams.ts';
import { replayStream } from './tree-replay.ts';
import type { ReplayCalls } from './tree-replay.ts';

/** A life that calls can ask for; writing and reading cost what they did. */
export interface RetentionSetting {
  readonly kind: 'retention';
  readonly name: string;
  readonly ttlMs: number;
  /** life of an entry that nobody asked to keep */
  readonly usualMs: number;
  readonly minimumTokens: number;
  readonly incrementTokens: number;
}

/** No entry lives longer than that in the memory of a provider, however often it is used (OpenAI, prompt caching guide). */
const LONGEST_USUAL_MS = 3_600_000;

/** Tokens of each prompt of the log that would be read under both lives; arrays by call, those of `order` are filled. */
export function readsUnderBoth(
  calls: ReplayCalls,
  order: Int32Array,
  { ttlMs, usualMs, minimumTokens, incrementTokens }: RetentionSetting,
  into: { readonly longer: Float64Array; readonly usual: Float64Array },
): void {
  const rule = { rule: 'radix', minimumTokens, incrementTokens } as const;
  // by the radix rule nothing is written
  const written = into.longer;
  replayStream(calls, order, { ...rule, ttlMs: usualMs }, { read: into.usual, written });
  replayStream(calls, order, { ...rule, ttlMs }, { read: into.longer, written });
}

/** The tokens of a call with what the longer life adds; `longer` and `usual` in tokens of its model. */
export function retainedTokens(tokens: CallTokens, longer: number, usual: number, trueThousandths: number): CallTokens {
  const more = Math.max(0, longer - Math.max(usual, tokens.cacheRead));
  const added = Math.min(tokens.input, Math.floor((more * trueThousandths) / 1000));
  return { ...tokens, input: tokens.input - added, cacheRead: tokens.cacheRead + added };
}

/**
 * Tells streams of the log that have the longer life already: some call was billed cached tokens although nothing of its prompt had been used for an
 * hour, which no usual entry outlives. Asked by kind and workspace.
 */
export function retainingStreams(
  log: CallLog,
  settingOf: (kind: number, timeMs: number) => RetentionSetting | undefined,
): (kind: number, workspace: number) => boolean {
  const reads = { longer: new Float64Array(log.calls), usual: new Float64Array(log.calls) };
  const calls: ReplayCalls = { ...log, inputTokens: Float64Array.from(log.allInput) };
  const nameOf = (kind: number, workspace: number): string => `${kind} ${workspace}`;
  const found = new Set<string>();
  const hasPrompt = (call: number): boolean => log.isOpen[call] === 1 && (log.leaf[call] as number) >= 0;
  for (const { kind, calls: own } of callStreams(log, log.kind, hasPrompt)) {
    const first = own[0] as number;
    const setting = settingOf(kind, log.timeMs[first] as number);
    if (setting === undefined) continue;
    readsUnderBoth(calls, Int32Array.from(own), { ...setting, usualMs: LONGEST_USUAL_MS }, reads);
    const isRetained = own.some(
      (call) => reads.usual[call] === 0 && (reads.longer[call] as number) > 0 && (log.cacheRead[call] as number) > 0,
    );
    if (isRetained) found.add(nameOf(kind, log.workspace.codes[first] as number));
  }
  return (kind, workspace) => found.has(nameOf(kind, workspace));
}
