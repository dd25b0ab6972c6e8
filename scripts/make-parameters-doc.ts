/**
 * Writes the generated tables of docs/simulation.md (the parameter register, rules of prompt caches, rules of batches), each between its two
 * marker comments; the text around them stays:
 *   node scripts/make-parameters-doc.ts
 * A test fails when the committed page is not what this gives.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { BATCH_RULES } from '../lib/simulate/batch-rules-data.ts';
import { CACHE_RULES } from '../lib/simulate/cache-rules-data.ts';
import type { CacheLifetime } from '../lib/simulate/cache-rules-data.ts';
import type { DatedRule } from '../lib/simulate/dated-rules.ts';
import { PARAMETERS_OF_PLANS } from '../lib/simulate/lever-config.ts';
import { MOVE_PARAMETERS, ROUTER_PARAMETER } from '../lib/simulate/model-moves.ts';
import type { Distribution } from '../lib/simulate/parameter-row.ts';
import { PARAMETER_ROWS } from '../lib/simulate/parameters-data.ts';
import type { ParameterId } from '../lib/simulate/parameters-data.ts';

const PAGE = new URL('../docs/simulation.md', import.meta.url);

const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;

type Row = readonly string[];

/** A Markdown table; a bar inside a cell would end it. */
function table(header: Row, rows: readonly Row[]): string {
  const line = (cells: Row): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Parameters that a plan hangs on, those of moves included. */
export function parametersOfPlan(): ReadonlySet<ParameterId> {
  return new Set([...PARAMETERS_OF_PLANS, ...Object.values(MOVE_PARAMETERS), ROUTER_PARAMETER]);
}

function drawn(distribution: Distribution): string {
  return distribution.shape === 'lognormal' ? `lognormal, σ ${distribution.sigma}` : distribution.shape;
}

/** Small numbers as decimals, not as powers of ten; commas from 10,000 on. */
function plainNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 12, useGrouping: Math.abs(value) >= 10_000 });
}

function parameterTable(): string {
  const inPlan = parametersOfPlan();
  const rows = PARAMETER_ROWS.map(({ id, doc, value, low, high, unit, distribution, kind, source, date }) => [
    `\`${id}\``,
    inPlan.has(id) ? 'yes' : '',
    plainNumber(value),
    `${plainNumber(low)} to ${plainNumber(high)}`,
    unit,
    drawn(distribution),
    doc,
    `${kind}: ${source} (${date})`,
  ]);
  return table(['id', 'plan', 'value', 'low to high', 'unit', 'varies', 'meaning', 'source'], rows);
}

function providers(rule: DatedRule): string {
  return rule.providers.map((provider) => `\`${provider}\``).join(', ');
}

function models({ models: names, except }: DatedRule): string {
  const text = (list: readonly string[]): string => list.map((name) => `\`${name}\``).join(', ');
  return except === undefined ? text(names) : `${text(names)}; not ${text(except)}`;
}

function validity({ fromDay, toDay }: DatedRule): string {
  const words = [fromDay === null ? '' : `from ${fromDay}`, toDay === null ? '' : `until ${toDay}`];
  return words.filter((word) => word !== '').join(' ');
}

function origin({ kind, source, date, doubt }: DatedRule): string {
  return `${kind}: ${source} (${date})${doubt === null ? '' : `; ${doubt}`}`;
}

function duration(ms: number): string {
  return ms % MS_PER_HOUR === 0 ? `${ms / MS_PER_HOUR} h` : `${ms / MS_PER_MINUTE} min`;
}

function lifetime({ lifeMs, write }: CacheLifetime): string {
  return write === 'implicit' ? duration(lifeMs) : `${duration(lifeMs)} (write \`${write}\`)`;
}

function cacheTable(): string {
  const rows = CACHE_RULES.map((rule) => [
    `\`${rule.id}\``,
    providers(rule),
    models(rule),
    rule.rule,
    plainNumber(rule.minimumTokens),
    plainNumber(rule.incrementTokens),
    rule.lifetimes.map(lifetime).join(', '),
    rule.isAutomatic ? 'by itself' : 'by marking',
    rule.stored === null ? '' : `${rule.stored.usdPerMillionHour} (${duration(rule.stored.defaultLifeMs)})`,
    validity(rule),
    origin(rule),
  ]);
  return table(
    [
      'row',
      'provider',
      'models',
      'rule',
      'minimum',
      'step',
      'lifetime',
      'switched on',
      'stored, USD per million tokens and hour (unless told otherwise for)',
      'valid',
      'source, doubt',
    ],
    rows,
  );
}

const IN_BATCH = {
  batch_price: 'batch price of cached input',
  cache_price: 'standard price of cached input',
  not_cached: 'as fresh input',
} as const;

function batchTable(): string {
  const rows = BATCH_RULES.map((rule) => [
    `\`${rule.id}\``,
    providers(rule),
    duration(rule.deadlineMs),
    `${plainNumber(rule.minimumRecords)} to ${rule.maximumRecords === null ? '?' : plainNumber(rule.maximumRecords)}`,
    rule.maximumFileBytes === null ? '?' : `${plainNumber(rule.maximumFileBytes / 1e6)} MB`,
    rule.allowsTools ? 'yes' : 'no',
    IN_BATCH[rule.cachedTokens],
    rule.cacheKept === null ? 'none' : `${rule.cacheKept.low} to ${rule.cacheKept.high}`,
    origin(rule),
  ]);
  return table(
    ['row', 'provider', 'deadline', 'calls per job', 'file', 'tools', 'cached tokens', 'share kept', 'source, doubt'],
    rows,
  );
}

const TABLES: Readonly<Record<string, () => string>> = {
  parameters: parameterTable,
  'cache-rules': cacheTable,
  'batch-rules': batchTable,
};

/** The page with its tables made anew. Throws where a marker is missing. */
export function withGeneratedTables(page: string): string {
  return Object.entries(TABLES).reduce((text, [name, make]) => {
    const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new RangeError(`docs/simulation.md lacks ${begin} … ${end}`);
    return `${text.slice(0, from + begin.length)}\n\n${make()}\n\n${text.slice(to)}`;
  }, page);
}

if (import.meta.main) writeFileSync(PAGE, withGeneratedTables(readFileSync(PAGE, 'utf8')));
