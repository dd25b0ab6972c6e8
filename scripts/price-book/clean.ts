/**
 * Cleans draft rows: curated corrections, groups expanded to models, flattened catalogue ids taken apart (region or image
 * size in the model id), ends that only a change of unit caused, bands that end together, published multipliers written
 * out where the catalogue's own row is known to be wrong. In and out: `DraftRow`s. Every rule is explained in docs/prices.md.
 */
import { parse } from 'csv-parse/sync';
import { decimalText, parseDecimal } from '../../lib/money.ts';
import type { DraftRow } from './facts.ts';

const REGIONAL_UPLIFT_FROM = '2025-09-29';
const GEO_SCOPES = ['us', 'eu', 'apac', 'au', 'jp'];
/** Long-context premium of Claude 4.6 ended at general availability of the 1M window (docs/prices.md). */
const LONG_CONTEXT_END_46 = '2026-03-13';

/** Applies all rules in order. */
export function cleanRows(drafts: readonly DraftRow[], correctionsCsv: string): DraftRow[] {
  let rows = drafts.filter((row) => !isNoise(row)).map(takeIdApart);
  rows = applyCorrections(rows, correctionsCsv);
  rows = expandGroups(rows);
  rows = splitBedrockProfiles(rows);
  rows = writeOutBedrockUplift(rows);
  endBands(rows);
  reopenUnitChanges(rows);
  return dropAgreeingReasoning(rows);
}

/** Claude 4.5 and later: the models whose regional and geo endpoints cost 1.1 times the global one. */
function hasRegionalUplift(model: string): boolean {
  return /claude-(opus-4-[5-8]|opus-5|sonnet-4-[56]|sonnet-5|haiku-4-5|haiku-5|fable|mythos)/.test(model);
}

function isNoise(row: DraftRow): boolean {
  if (row.model.startsWith('azure/') || row.model.startsWith('openrouter/') || row.model.startsWith('claude_platform/'))
    return true;
  if (row.provider === 'anthropic' && (row.region === 'fast' || row.model.startsWith('us/'))) return true;
  if (row.provider === 'anthropic' && row.region === 'us' && row.meter !== 'region_multiplier') return true;
  if (row.provider === 'google' && row.model.startsWith('claude-')) return true;
  if (isPerCharacterSlip(row)) return true;
  // image models priced per step, listed as a price per token
  if (row.provider === 'fireworks' && row.unit === 'per_1M_tokens' && Number(row.value) < 0.002) return true;
  if (row.meter === 'region_multiplier' && row.note.startsWith('no longer in catalogue')) return true;
  return row.tier === 'decisions' || Number(row.value) < 0;
}

/** Vertex priced Gemini 1.5 per character; for months the catalogue carried that number as a price per token. */
function isPerCharacterSlip(row: DraftRow): boolean {
  if (row.provider !== 'vertex' || !row.model.startsWith('gemini-1.5')) return false;
  return row.from === '2024-10-16' || (row.to !== '' && row.to <= '2024-06-30');
}

/** `high/1024-x-1024/gpt-image-1` is an image size, `global/grok-3` a region, not a model. */
function takeIdApart(row: DraftRow): DraftRow {
  const image = /^(?:(hd|standard|low|medium|high)\/)?(\d+)-x-(\d+)\/([^/]+)$/.exec(row.model);
  if (image && row.meter === 'image') {
    const quality = image[1] === undefined ? '' : `quality=${image[1]};`;
    return { ...row, model: image[4] ?? '', band: `${quality}size=${image[2]}x${image[3]}` };
  }
  const global = /^global\/(.+)$/.exec(row.model);
  return global ? { ...row, model: global[1] ?? '', region: 'global' } : row;
}

const MATCHED = ['provider', 'model', 'region', 'meter', 'tier', 'band', 'value', 'from'] as const;

/** `drop` removes every row that agrees in all given columns (`*` = any); `add` adds a row; `rename` names the model anew. */
function applyCorrections(rows: readonly DraftRow[], csv: string): DraftRow[] {
  let result = [...rows];
  for (const fix of parse<DraftRow & { op: string }>(csv, { columns: true, comment: '#', comment_no_infix: true })) {
    const { op, ...row } = fix;
    if (op === 'add') {
      result.push(row);
      continue;
    }
    const hits = new Set(
      result.filter((candidate) => MATCHED.every((column) => row[column] === '*' || row[column] === candidate[column])),
    );
    if (op === 'rename')
      result = result.map((candidate) => (hits.has(candidate) ? { ...candidate, model: row.note } : candidate));
    else result = result.filter((candidate) => !hits.has(candidate));
    if (hits.size === 0) throw new Error(`correction matches nothing: ${MATCHED.map((c) => row[c]).join(' ')}`);
  }
  return result;
}

/** Rows that name a group of models become one row per model of the provider that the group covers. */
function expandGroups(rows: readonly DraftRow[]): DraftRow[] {
  const models = new Map<string, Set<string>>();
  for (const row of rows) {
    if (row.model.includes(' ') || row.model === '*') continue;
    const set = models.get(row.provider) ?? new Set<string>();
    models.set(row.provider, set.add(row.model));
  }
  const members = (group: DraftRow, covers: (model: string) => boolean): string[] =>
    [...(models.get(group.provider) ?? [])].filter((model) => model !== group.model && covers(model)).toSorted();
  const has = (model: string, group: DraftRow): boolean =>
    rows.some((row) => row.provider === group.provider && row.model === model && row.meter === group.meter);
  const result: DraftRow[] = [];
  for (const row of rows) {
    if (row.model === 'claude-4.6-and-later') {
      for (const model of members(row, (m) => hasRegionalUplift(m) && !/4-5/.test(m))) result.push({ ...row, model });
    } else if (row.provider === 'vertex' && row.model === 'claude 4.5 and later') {
      for (const model of members(row, hasRegionalUplift)) result.push({ ...row, model });
    } else if (row.model === 'gemini-2.x' || row.model === 'gemini-3.x') {
      const prefix = row.model.slice(0, -1);
      for (const model of members(row, (m) => m.startsWith(prefix) && !has(m, row))) result.push({ ...row, model });
    } else if (row.meter === 'region_multiplier' && row.provider === 'anthropic') continue;
    else if (row.meter === 'region_multiplier' && row.provider === 'vertex' && row.model.startsWith('claude')) continue;
    else if (!/ and later|^models released/.test(row.model)) result.push(openAiRegionalFromLaunch(row));
  }
  return result;
}

/** OpenAI's regional uplift holds for models from 2026-03-05 on since their launch, whenever a catalogue noticed it. */
function openAiRegionalFromLaunch(row: DraftRow): DraftRow {
  if (row.meter !== 'region_multiplier' || row.provider !== 'openai') return row;
  return { ...row, from: '2026-03-05', basis: 'announced', source: `BerriAI/litellm PR 28622; ${row.source}` };
}

/**
 * `global.X` is model X in scope `global`, `regional.X` is X anywhere else. These ids come from the catalogue that dates its
 * changes: its dated rows replace the other's, an equal price with an earlier start lends it, a scope nobody else lists is
 * filled, and a plain id that the other priced like `global` is put right.
 */
function splitBedrockProfiles(rows: readonly DraftRow[]): DraftRow[] {
  const plain = rows.filter((row) => row.provider !== 'bedrock' || !PROFILE.test(row.model));
  const spelled = new Map(
    plain.filter((row) => row.provider === 'bedrock').map((row) => [bedrockStem(row.model), row.model]),
  );
  const scopes = new Set(plain.filter((row) => row.provider === 'bedrock').map((row) => `${row.model}|${row.region}`));
  const byKey = groupBy(plain, meterKey);
  for (const group of groupBy(
    rows.filter((row) => row.provider === 'bedrock' && PROFILE.test(row.model)),
    meterKey,
  ).values()) {
    const [, kind, id = ''] = PROFILE.exec(group[0]?.model ?? '') ?? [];
    if (kind === 'in') continue;
    const stem = bedrockStem(id);
    const model = spelled.get(stem) ?? stem;
    const asked = kind === 'global' ? ['global'] : ['in-region(bare-id)', ...GEO_SCOPES];
    const listed = asked.filter((region) => scopes.has(`${model}|${region}`));
    // what a vendor states for all geo scopes fills those nobody lists; where scopes differ (Nova) it would be a guess
    for (const region of listed.length === 0 || hasRegionalUplift(model) ? asked : listed) {
      const own = group.map((row) => ({ ...row, model, region }));
      const key = own.map(meterKey)[0] ?? '';
      byKey.set(key, reconciled(byKey.get(key), own));
    }
  }
  return [...byKey.values()].flat();
}

const PROFILE = /^(global|regional|in)\.(.+)$/;

function reconciled(listed: readonly DraftRow[] | undefined, own: DraftRow[]): DraftRow[] {
  const first = listed?.[0];
  if (listed === undefined || first === undefined || own.some((row) => row.basis === 'dated')) return own;
  if (first.region === 'in-region(bare-id)' && / says /.test(first.note)) return own;
  const lent = own.find((row) => row.from === '' && Number(row.value) === Number(first.value));
  return lent === undefined ? [...listed] : [{ ...first, from: '', basis: lent.basis }, ...listed.slice(1)];
}

function meterKey(row: DraftRow): string {
  return [row.provider, row.model, row.region, row.meter, row.unit, row.tier, row.band, row.window].join('|');
}

/** Rows by key, each group in order of start. */
function groupBy(rows: readonly DraftRow[], keyOf: (row: DraftRow) => string): Map<string, DraftRow[]> {
  const groups = new Map<string, DraftRow[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  for (const group of groups.values()) group.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  return groups;
}

/** A Bedrock id without its version suffix (`-v1:0`, `:0`). */
export function bedrockStem(id: string): string {
  return id.replace(/(-v\d+)?(:\d+)?$/, '');
}

/**
 * Bedrock, Claude 4.5 and later: geo profiles and plain ids cost 1.1 times `global` (BerriAI/litellm#42679; models.dev
 * PR 1917). The catalogue carries the global price on plain ids, so those rows are written anew; geo scopes are only filled.
 */
function writeOutBedrockUplift(rows: readonly DraftRow[]): DraftRow[] {
  const isUplifted = (row: DraftRow): boolean => row.provider === 'bedrock' && hasRegionalUplift(row.model);
  const global = rows.filter((row) => isUplifted(row) && row.region === 'global' && row.unit === 'per_1M_tokens');
  const withGlobal = new Set(global.map((row) => row.model));
  const kept = rows.filter(
    (row) =>
      !(
        isUplifted(row) &&
        row.region === 'in-region(bare-id)' &&
        row.unit === 'per_1M_tokens' &&
        withGlobal.has(row.model)
      ),
  );
  const key = (model: string, region: string, row: DraftRow): string =>
    [model, region, row.meter, row.tier, row.band].join('|');
  const present = new Set(kept.filter(isUplifted).map((row) => key(row.model, row.region, row)));
  const scopes = new Set(rows.filter(isUplifted).map((row) => `${row.model}|${row.region}`));
  for (const row of global) {
    for (const region of ['in-region(bare-id)', ...GEO_SCOPES]) {
      if (present.has(key(row.model, region, row)) || !scopes.has(`${row.model}|${region}`)) continue;
      const value = decimalText((parseDecimal(row.value, 12) ?? 0n) * 11n, 13);
      const source = `1.1 x global (BerriAI/litellm#42679, announced ${REGIONAL_UPLIFT_FROM}) of ${row.source}`;
      kept.push({ ...row, region, value, source, confidence: 'medium', note: '' });
    }
  }
  return kept;
}

/**
 * Where bands end. Claude 4.6: the known day for every meter of the band. Otherwise a band that left the catalogue just
 * before the base price changed belonged to the old price list and ends with it; one that merely left stays.
 */
function endBands(rows: readonly DraftRow[]): void {
  const key = (row: DraftRow): string => [row.provider, row.model, row.region, row.meter, row.tier].join('|');
  const baseStarts = new Map<string, string[]>();
  for (const row of rows)
    if (row.band === '') baseStarts.set(key(row), [...(baseStarts.get(key(row)) ?? []), row.from].toSorted());
  for (const row of rows) {
    if (!row.band.startsWith('>') || row.to !== '') continue;
    if (/claude-(opus|sonnet)-4-6/.test(row.model) && row.tier === 'standard') row.to = LONG_CONTEXT_END_46;
    const left = /^no longer in catalogue after (\S+)/.exec(row.note)?.[1];
    if (left === undefined || row.to !== '') continue;
    row.to = baseStarts.get(key(row))?.find((from) => from > left) ?? '';
  }
}

/** A price quoted in another unit from some day on did not end: the older unit stays valid beside it. */
function reopenUnitChanges(rows: readonly DraftRow[]): void {
  const starts = new Set<string>();
  const at = (row: DraftRow, meter: string, day: string): string =>
    [row.provider, row.model, row.region, row.tier, meter, day].join('|');
  const other: Readonly<Record<string, string>> = {
    audio_in: 'audio_duration',
    audio_duration: 'audio_in',
    image: 'image_out',
    image_out: 'image',
  };
  for (const row of rows) starts.add(at(row, row.meter, row.from));
  for (const row of rows) {
    const sibling = other[row.meter];
    if (sibling === undefined || row.to === '') continue;
    if (starts.has(at(row, sibling, row.to)) && !starts.has(at(row, row.meter, row.to))) row.to = '';
  }
}

/**
 * Catalogues copy the output price into a reasoning price. Only the two Gemini 2.5 Flash previews had a real one; a copy that
 * misses a later change of the output price would misprice, so copies go.
 */
function dropAgreeingReasoning(rows: readonly DraftRow[]): DraftRow[] {
  return rows.filter((row) => row.meter !== 'reasoning' || /^gemini-2\.5-flash-preview-0[45]-/.test(row.model));
}
