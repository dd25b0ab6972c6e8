/**
 * Dated snapshots and aliases. A snapshot whose prices agree with its model's wherever both are known is the same model under
 * another name: its rows fill the model's, its id becomes an alias. A snapshot that ever cost something else stays a model.
 * In: cleaned rows and models.csv. Out: rows without such repeats, declared aliases, and per model release date and whether
 * unknown dated ids may follow it. Invariant: a prefix or substring pattern of a catalogue never becomes more than a date suffix.
 */
import type { DraftRow, ModelFact } from './facts.ts';
import { bedrockStem } from './clean.ts';

export interface AliasLine {
  readonly provider: string;
  readonly alias: string;
  readonly model: string;
  readonly source: string;
}

export interface ModelLine {
  readonly provider: string;
  readonly model: string;
  readonly released: string;
  /** 'yes': `model-20260101`, `model@20260101`, `model-2026-01-01`, `model-latest` are this model */
  readonly dated: string;
}

export interface Merged {
  readonly rows: DraftRow[];
  readonly aliases: AliasLine[];
  readonly models: ModelLine[];
}

const DATE_SUFFIX = /(?:[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|latest)|@default)$/;

/** Merges snapshots and collects aliases. */
export function mergeSnapshots(rows: readonly DraftRow[], facts: readonly ModelFact[]): Merged {
  const byModel = groupRows(rows);
  const renamed = new Map<string, string>();
  for (const [key, own] of byModel) {
    const first = own[0];
    if (first === undefined) continue;
    const target = targetOf(first.provider, first.model, byModel);
    const other = target === null ? undefined : byModel.get(target);
    if (target === null || other === undefined || !agree(own, other)) continue;
    fill(other, own);
    byModel.delete(key);
    renamed.set(key, target);
  }
  dropLatest(byModel, renamed);
  const aliases = collectAliases(facts, byModel, renamed);
  return { rows: [...byModel.values()].flat(), aliases, models: modelLines(facts, byModel, renamed) };
}

const keyOf = (provider: string, model: string): string => `${provider}|${model}`;
const modelOf = (key: string): string => key.slice(key.indexOf('|') + 1);

function groupRows(rows: readonly DraftRow[]): Map<string, DraftRow[]> {
  const groups = new Map<string, DraftRow[]>();
  for (const row of rows) {
    const key = keyOf(row.provider, row.model);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/** The model a snapshot id may stand for: the id without its date, or (Bedrock) without or with another version suffix. */
function targetOf(provider: string, model: string, byModel: ReadonlyMap<string, unknown>): string | null {
  const stem = provider === 'bedrock' ? bedrockStem(model) : model.replace(DATE_SUFFIX, '');
  for (const candidate of [stem, `${stem}-0`, `${stem}-latest`]) {
    const key = keyOf(provider, candidate);
    if (candidate !== model && !model.endsWith('-latest') && byModel.has(key)) return key;
  }
  return null;
}

/** Anthropic and xAI call one model `X`, `X-latest` and `X-<date>`: `X` is its name. (Mistral's `-latest` moves on and keeps its own prices.) */
function dropLatest(byModel: Map<string, DraftRow[]>, renamed: Map<string, string>): void {
  for (const [key, own] of byModel) {
    const stem = key.replace(/-latest$/, '');
    if (stem === key || byModel.has(stem) || !/^(anthropic|xai)\|/.test(key)) continue;
    byModel.delete(key);
    byModel.set(
      stem,
      own.map((row) => ({ ...row, model: modelOf(stem) })),
    );
    for (const [from, to] of renamed) if (to === key) renamed.set(from, stem);
    renamed.set(key, stem);
    renamed.delete(stem);
  }
}

/** The book's model for a model of models.csv, if any. */
function homeOf(
  fact: ModelFact,
  byModel: ReadonlyMap<string, unknown>,
  renamed: ReadonlyMap<string, string>,
): string | undefined {
  const key = keyOf(fact.provider, fact.model);
  if (byModel.has(key)) return key;
  const stem = key.replace(/-latest$/, '');
  return renamed.get(key) ?? (byModel.has(stem) ? stem : undefined);
}

const meterKey = (row: DraftRow): string => [row.region, row.meter, row.unit, row.tier, row.band, row.window].join('|');

function overlaps(a: DraftRow, b: DraftRow): boolean {
  return (a.to === '' || b.from < a.to) && (b.to === '' || a.from < b.to);
}

/** True if no price of one contradicts the other's at any time both are known. */
function agree(own: readonly DraftRow[], other: readonly DraftRow[]): boolean {
  let shared = 0;
  for (const a of own) {
    for (const b of other) {
      if (meterKey(a) !== meterKey(b)) continue;
      if (Number(a.value) !== Number(b.value)) {
        if (overlaps(a, b)) return false;
      } else if (a.meter === 'input' || a.meter === 'output' || a.unit !== 'per_1M_tokens') shared++;
    }
  }
  return shared > 0;
}

/** Adds what only the snapshot knows: missing meters, times before the model's first price, an earlier start of the same price. */
function fill(target: DraftRow[], own: readonly DraftRow[]): void {
  const model = target[0]?.model ?? '';
  const known = new Map<string, DraftRow[]>();
  for (const row of target) known.set(meterKey(row), [...(known.get(meterKey(row)) ?? []), row]);
  for (const row of own) {
    const same = known.get(meterKey(row)) ?? [];
    const shared = same.filter((other) => overlaps(row, other));
    const first = shared.toSorted((a, b) => (a.from < b.from ? -1 : 1))[0];
    if (first === undefined) target.push({ ...row, model });
    else if (row.from < first.from && !same.some((other) => other !== first && other.from < first.from)) {
      first.from = row.from;
      first.basis = row.basis;
    }
  }
}

function collectAliases(
  facts: readonly ModelFact[],
  byModel: ReadonlyMap<string, unknown>,
  renamed: ReadonlyMap<string, string>,
): AliasLine[] {
  const lines = new Map<string, AliasLine>();
  const add = (provider: string, alias: string, model: string, source: string): void => {
    const key = keyOf(provider, alias);
    if (!byModel.has(key) && !lines.has(key)) lines.set(key, { provider, alias, model, source });
  };
  for (const [key, target] of renamed)
    add(key.slice(0, key.indexOf('|')), modelOf(key), modelOf(target), 'same prices');
  for (const fact of facts) {
    const target = homeOf(fact, byModel, renamed);
    if (target === undefined || fact.provider === 'bedrock') continue;
    for (const pattern of fact.aliases) {
      const exact = /^[=^$*(]+\^?([A-Za-z0-9][A-Za-z0-9./:_@-]*?)(?: & .*)?\)?$/.exec(pattern);
      if (exact === null || pattern.startsWith('~')) continue;
      const alias = (exact[1] ?? '').replace(/[-@]$/, '');
      const dotted = keyOf(fact.provider, alias.replace(/(\d)-(\d)/, '$1.$2'));
      if (alias.startsWith('ft:') || alias.endsWith(':thinking') || isUnsafe(pattern, alias, fact.model)) continue;
      add(fact.provider, alias, modelOf(byModel.has(dotted) ? dotted : target), 'genai-prices 0.2.3');
    }
  }
  return [...lines.values()];
}

/** A prefix or part of a name is taken over as a whole id only where it spells the model itself (`claude-opus-4.6`, `claude-4-6-opus`). */
function isUnsafe(pattern: string, alias: string, model: string): boolean {
  if (pattern.startsWith('=') || pattern.startsWith('$')) return false;
  const letters = (id: string): string => id.replace(DATE_SUFFIX, '').split(/[-.@]/).toSorted().join('-');
  return letters(alias) !== letters(model);
}

function modelLines(
  facts: readonly ModelFact[],
  byModel: ReadonlyMap<string, unknown>,
  renamed: ReadonlyMap<string, string>,
): ModelLine[] {
  const lines = new Map<string, ModelLine>();
  for (const fact of facts) {
    const target = homeOf(fact, byModel, renamed);
    if (target === undefined) continue;
    const model = modelOf(target);
    const before = lines.get(target);
    const dated = before?.dated === 'yes' || fact.aliases.some((pattern) => allowsDates(pattern, model)) ? 'yes' : '';
    const released = [before?.released ?? '', fact.released].filter((day) => day !== '').toSorted()[0] ?? '';
    if (dated !== '' || released !== '') lines.set(target, { provider: fact.provider, model, released, dated });
  }
  return [...lines.values()];
}

function allowsDates(pattern: string, model: string): boolean {
  const plain = model.replace(DATE_SUFFIX, '');
  if (pattern.startsWith('~'))
    return /\\d\{(8|4)\}/.test(pattern) && pattern.replaceAll('\\', '').startsWith(`~^${plain}`);
  return [`^${plain}`, `*${plain}`, `(^${plain} & ~^(?!.*-[tT][tT][sS](?:$`].includes(pattern);
}
