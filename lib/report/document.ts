/**
 * A report as data, before it has a form: what is said, in which order, with which tables and charts. Page, text, mail and chat messages are made from it
 * and from nothing else, so that they cannot differ. In: nothing. Out: types. Invariant: texts are plain; each form escapes them itself.
 */
import type { Pico } from '../money.ts';
import type { AskedQuery } from './ask.ts';
import type { TableSpec } from './table.ts';

export interface ReportDocument {
  /** heading of all forms, from config `report.title` */
  readonly title: string;
  /** what it is about, such as `Week of Nov 9 – Nov 15, 2026` */
  readonly subtitle: string;
  /** last day of the week that is reported */
  readonly weekEnd: string;
  /** whose; null = everybody's */
  readonly team: string | null;
  /** subject of the mail */
  readonly subject: string;
  readonly first: FirstScreen;
  readonly sections: readonly ReportSection[];
  /** every query behind the numbers, for "how to reproduce" */
  readonly queries: readonly AskedQuery[];
  readonly footer: string;
}

/** At most 120 words in all, and one chart. Of a quiet week three lines and none. */
export interface FirstScreen {
  readonly lines: readonly FirstLine[];
  readonly chart: ReportChart | null;
  readonly isQuiet: boolean;
}

export interface FirstLine {
  /** such as `Month to date`; the forms set it apart */
  readonly label: string;
  readonly text: string;
  /** name of the query the figures are from */
  readonly query?: string;
}

export interface ReportSection {
  /** anchor, `[a-z-]+` */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly ReportBlock[];
}

export type ReportBlock =
  | {
      readonly kind: 'paragraph';
      readonly text: string;
      readonly tone?: 'plain' | 'hint' | 'warning';
      readonly query?: string;
    }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** `mailRows`: rows that mail and chat show; the page shows all */
  | { readonly kind: 'table'; readonly table: TableSpec; readonly mailRows: number }
  | { readonly kind: 'chart'; readonly chart: ReportChart };

/** A chart as data; `charts.ts` draws it for a page or for mail. */
export interface ReportChart {
  /** part of file names and content ids, `[a-z-]+` */
  readonly id: string;
  readonly title: string;
  /** what it shows, in a sentence, for those who do not see it */
  readonly alt: string;
  /** name of the query the figures are from */
  readonly query: string;
  readonly data: TrendData | BarsData | WaterfallData;
}

/** Spend by day, stacked. */
export interface TrendData {
  readonly kind: 'trend';
  readonly days: readonly { readonly day: string; readonly isComplete: boolean }[];
  /** amounts in the order of the days; null = not known */
  readonly series: readonly { readonly name: string; readonly costPico: readonly (Pico | null)[] }[];
}

/** A bar a name, and where it ended the time before. */
export interface BarsData {
  readonly kind: 'bars';
  readonly rows: readonly {
    readonly name: string;
    readonly currentPico: Pico | null;
    readonly previousPico: Pico | null;
  }[];
}

/** From what was spent to what would be: a step a lever, with its range. Steps sum to the plan. */
export interface WaterfallData {
  readonly kind: 'waterfall';
  readonly baselinePico: Pico;
  readonly steps: readonly {
    readonly name: string;
    readonly savingPico: Pico;
    readonly lowPico: Pico;
    readonly highPico: Pico;
  }[];
}
