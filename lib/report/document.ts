/**
 * A report as data, before it has a form: what is said, in which order, with which tables and charts. Page, text, mail and chat messages are made from it
 * and from nothing else, so that they cannot differ. In: nothing. Out: types. Invariant: texts are plain; each form escapes them itself.
 */
import type { ReportChart } from './charts.ts';
import type { AskedQuery } from './summary.ts';
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
  | { readonly kind: 'paragraph'; readonly text: string; readonly tone?: 'plain' | 'hint' | 'warning'; readonly query?: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** `mailRows`: rows that mail and chat show; the page shows all */
  | { readonly kind: 'table'; readonly table: TableSpec; readonly mailRows: number }
  | { readonly kind: 'chart'; readonly chart: ReportChart };
