/**
 * Reads the shipped book's CSV files. In: `{ name, text }` of each file (the caller read them). Out: price rows of one provider,
 * declared aliases, release dates. Invariant: a line that does not parse stops the program; a half-read book never prices.
 */
import { parse } from 'csv-parse/sync';
import { fromIso } from '../time.ts';
import { priceRow, type PriceRow } from './price-row.ts';

export interface BookText {
  /** file name, `openai.csv` */
  readonly name: string;
  readonly text: string;
}

/** Another name of a model, from some day on or until some day where known. */
export interface Alias {
  readonly provider: string;
  readonly alias: string;
  readonly model: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly source: string;
  /** region scope the alias implies (a deployment), or null */
  readonly region: string | null;
}

export interface ModelFacts {
  /** UTC ms of the release day, or null */
  readonly releasedMs: number | null;
  /** dated and `latest` forms of the id are the same model */
  readonly isDated: boolean;
}

type CsvRow = Readonly<Record<string, string>>;

function csvRows(text: string): CsvRow[] {
  // line ends are named, because looking for them is a quarter of the work
  return parse<CsvRow>(text, { columns: true, comment: '#', comment_no_infix: true, record_delimiter: ['\n', '\r\n'] });
}

/** Price rows of one provider's file. */
export function parsePriceRows(file: BookText): PriceRow[] {
  const provider = file.name.replace(/\.csv$/, '');
  return csvRows(file.text).map((row, i) =>
    priceRow(
      { ...row, provider, model: row['model'] ?? '', meter: row['meter'] ?? '', value: row['value'] ?? '' },
      `${file.name} row ${i + 1}`,
      false,
    ),
  );
}

/** `aliases.csv`: declared aliases by provider. */
export function parseAliases(text: string): Map<string, Alias[]> {
  const byProvider = new Map<string, Alias[]>();
  for (const row of csvRows(text)) {
    const alias: Alias = {
      provider: row['provider'] ?? '',
      alias: row['alias'] ?? '',
      model: row['model'] ?? '',
      fromMs: -Infinity,
      toMs: Infinity,
      source: row['source'] ?? '',
      region: null,
    };
    const list = byProvider.get(alias.provider);
    if (list) list.push(alias);
    else byProvider.set(alias.provider, [alias]);
  }
  return byProvider;
}

/** `models.csv`: release dates and whether dated ids follow, by `provider/model`. */
export function parseModelFacts(text: string): Map<string, ModelFacts> {
  const facts = new Map<string, ModelFacts>();
  for (const row of csvRows(text)) {
    facts.set(`${row['provider']}/${row['model']}`, {
      releasedMs: fromIso(row['released']),
      isDated: row['dated'] === 'yes',
    });
  }
  return facts;
}
