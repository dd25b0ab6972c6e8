/**
 * Parts of a log that no lever joins: calls of one workspace whose models are the same or are moved to one another share caches; others share
 * nothing but own accelerators. A plan decides part by part, and a set of levers need be priced in a part only as far as it acts there. In: a
 * scenario, numbers of groups and clusters by call. Out: the parts, in order of their first call. Invariant: each call is in exactly one.
 */
import type { CallKind } from './call-log.ts';
import type { AcceleratorPool } from './accelerator-pools.ts';
import type { CallLever, Scenario } from './scenario-costs.ts';

/** Numbers of something by call, as far as they occur in a part. */
export interface Numbered {
  readonly numbers: readonly number[];
  /** by position in the part: index into `numbers` */
  readonly at: Int32Array;
}

export interface PlanPart {
  /** in order of time */
  readonly calls: Int32Array;
  /** levers that touch any of them */
  readonly levers: readonly CallLever[];
  readonly groups: Numbered;
  readonly clusters: readonly Numbered[];
}

/** Cuts a log into parts. Of `levers` only those are in a part that could touch a call of it. */
export function planParts(
  scenario: Scenario,
  levers: readonly CallLever[],
  groupOf: Int32Array,
  clusterings: readonly Int32Array[],
): PlanPart[] {
  const { log, effects } = scenario;
  const family = kindFamilies(scenario);
  const workspaces = log.workspace.names.length;
  const parts = new Map<number, number[]>();
  for (let call = 0; call < log.calls; call++) {
    const name = (family[log.kind[call] as number] as number) * workspaces + (log.workspace.codes[call] as number);
    const own = parts.get(name);
    if (own === undefined) parts.set(name, [call]);
    else own.push(call);
  }
  return Array.from(parts.values(), (positions) => {
    const calls = Int32Array.from(positions);
    return {
      calls,
      levers: levers.filter((lever) => calls.some((call) => effects.isOpen[call] === 1 && ACTS[lever](scenario, call))),
      groups: numbered(calls, groupOf),
      clusters: clusterings.map((of) => numbered(calls, of)),
    };
  });
}

/** Levers that could touch any call: sets of others need not be priced. */
export function activeLevers(scenario: Scenario, levers: readonly CallLever[]): CallLever[] {
  const { isOpen } = scenario.effects;
  return levers.filter((lever) => isOpen.some((open, call) => open === 1 && ACTS[lever](scenario, call)));
}

const ACTS: Readonly<Record<CallLever, (scenario: Scenario, call: number) => boolean>> = {
  prompt_optimization: ({ effects }, call) => effects.cuts.applies[call] === 1,
  exact_cache: ({ effects }, call) => effects.exactCache.isHit[call] === 1,
  semantic_cache: ({ effects }, call) => effects.semanticCache?.alone.isHit[call] === 1,
  model_choice: ({ effects }, call) => (effects.moveTo[call] as number) >= 0,
  image_generation: (scenario, call) =>
    (scenario.effects.imageMoveTo[call] as number) >= 0 || isPooled(scenario, call, 'image_generation'),
  self_hosting: (scenario, call) => isPooled(scenario, call, 'self_hosting'),
  batch: ({ effects }, call) => effects.mayWait[call] === 1,
  prefix_cache: (scenario, call) =>
    (scenario.log.leaf[call] as number) >= 0 &&
    kindsOf(scenario, call).some((kind) =>
      scenario.effects.promptCache.hasSettings(
        scenario.kinds.kinds[kind] as CallKind,
        scenario.log.timeMs[call] as number,
      ),
    ),
};

function isPooled(scenario: Scenario, call: number, lever: AcceleratorPool['lever']): boolean {
  return scenario.effects.pools.some(
    (pool) => pool.lever === lever && kindsOf(scenario, call).some((kind) => pool.takes(call, kind)),
  );
}

/** Kinds that a call has or may be moved to. */
function kindsOf({ log, effects }: Scenario, call: number): number[] {
  return [log.kind[call] as number, effects.moveTo[call] as number, effects.imageMoveTo[call] as number].filter(
    (kind) => kind >= 0,
  );
}

/** Kinds whose models calls are moved between, by one number; kinds of one model are one family. */
function kindFamilies({ log, kinds, effects }: Scenario): number[] {
  const families = new Map<string, string>();
  const rootOf = (name: string): string => {
    let root = name;
    for (let next = families.get(root); next !== undefined && next !== root; next = families.get(root)) root = next;
    return root;
  };
  const nameOf = (kind: number): string => {
    const { provider, model } = kinds.kinds[kind] as CallKind;
    return JSON.stringify([provider, model]);
  };
  const seen = new Set<number>();
  for (let call = 0; call < log.calls; call++) {
    const kind = log.kind[call] as number;
    for (const to of [effects.moveTo[call] as number, effects.imageMoveTo[call] as number]) {
      const move = kind * kinds.kinds.length + to;
      if (to < 0 || seen.has(move)) continue;
      seen.add(move);
      const [from, into] = [rootOf(nameOf(kind)), rootOf(nameOf(to))];
      if (from !== into) families.set(from, into);
    }
  }
  const numbers = new Map<string, number>();
  return kinds.kinds.map((_, kind) => {
    const root = rootOf(nameOf(kind));
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    return number;
  });
}

function numbered(calls: Int32Array, of: Int32Array): Numbered {
  const index = new Map<number, number>();
  const at = calls.map((call) => {
    const number = of[call] as number;
    const known = index.get(number) ?? index.size;
    index.set(number, known);
    return known;
  });
  return { numbers: [...index.keys()], at };
}
