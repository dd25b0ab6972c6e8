/** What a run says of corpora: documents by corpus and outcome, why some were rejected, what waits or was left out. For people and as JSON. */
import type { RanCorpora } from '../lib/corpora.ts';
import type { SqlEngine, SqlRow } from '../lib/ports.ts';
import { renderTable } from './table-text.ts';
import { printable } from './terminal.ts';

/** Documents of one corpus, as table `documents` has them. */
export interface CorpusCounts {
  readonly corpus: string;
  readonly documents: number;
  readonly counted: number;
  readonly duplicates: number;
  readonly empty: number;
  readonly rejected: number;
  readonly bytes: number;
  readonly tokensO200k: number;
  readonly tokensCl100k: number;
  /** objects that were not read yet */
  readonly pending: readonly string[];
}

export interface RejectedReason {
  readonly corpus: string;
  readonly reason: string;
  readonly documents: number;
  readonly first: string;
}

export interface CorporaSummary {
  /** objects read in this run, and those that were read before */
  readonly read: number;
  readonly unchanged: number;
  readonly corpora: readonly CorpusCounts[];
  readonly rejected: readonly RejectedReason[];
  readonly leftOut: RanCorpora['leftOut'];
}

const TOP = 12;

/** Asks the tables; `queries` are those of lib/report/queries. */
export async function readCorporaSummary(
  engine: SqlEngine,
  queries: Readonly<Record<string, string>>,
  ran: RanCorpora,
): Promise<CorporaSummary> {
  const rows = ran.corpora.length === 0 ? [] : await engine.query(queries['corpora'] ?? '');
  const byName = new Map(rows.map((row) => [String(row['corpus']), row]));
  const corpora = ran.corpora.map(({ corpus, pending }) => countsOf(corpus, byName.get(corpus), pending));
  const reasons = corpora.some(({ rejected }) => rejected > 0)
    ? await engine.query(queries['rejected-documents'] ?? '')
    : [];
  return {
    read: ran.landed.batches.reduce((sum, { objects }) => sum + objects.length, 0),
    unchanged: ran.landed.unchanged,
    corpora,
    rejected: reasons.map((row) => ({
      corpus: String(row['corpus']),
      reason: String(row['reason']),
      documents: Number(row['documents']),
      first: String(row['first_document']),
    })),
    leftOut: ran.leftOut,
  };
}

function countsOf(corpus: string, row: SqlRow | undefined, pending: readonly string[]): CorpusCounts {
  const number = (name: string): number => Number(row?.[name] ?? 0);
  return {
    corpus,
    documents: number('documents'),
    counted: number('counted'),
    duplicates: number('duplicates'),
    empty: number('empty'),
    rejected: number('rejected'),
    bytes: number('bytes'),
    tokensO200k: number('tokens_o200k'),
    tokensCl100k: number('tokens_cl100k'),
    pending,
  };
}

/** Documents over all corpora, and those that were rejected. */
export function documentSums({ corpora }: CorporaSummary): { documents: number; rejected: number } {
  const sum = (of: (corpus: CorpusCounts) => number): number => corpora.reduce((total, one) => total + of(one), 0);
  return { documents: sum(({ documents }) => documents), rejected: sum(({ rejected }) => rejected) };
}

/** Lines for a person; none where there are no corpora. */
export function corporaLines({ read, unchanged, corpora, rejected, leftOut }: CorporaSummary): string[] {
  if (corpora.length === 0 && leftOut.length === 0) return [];
  const number = (n: number): string => (n === 0 ? '' : n.toLocaleString('en-US'));
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [{ title: 'corpus' }, ...['documents', 'counted', 'duplicates', 'empty', 'rejected'].map(right)];
  const lines =
    corpora.length === 0
      ? []
      : [
          renderTable(
            [...columns, right('tokens o200k'), right('cl100k')],
            corpora
              .slice(0, TOP)
              .map((one) => [
                printable(one.corpus, 40),
                ...[one.documents, one.counted, one.duplicates, one.empty, one.rejected].map(number),
                number(one.tokensO200k),
                number(one.tokensCl100k),
              ]),
          ),
        ];
  if (corpora.length > TOP) lines.push(`… and ${corpora.length - TOP} more: table documents has them all`);
  for (const { corpus, reason, documents, first } of rejected.slice(0, TOP))
    lines.push(
      `  ! ${printable(corpus, 40)}: ${documents.toLocaleString('en-US')} rejected, ${printable(reason, 160)}; first ${printable(first, 80)}`,
    );
  if (rejected.length > TOP) lines.push(`  … and ${rejected.length - TOP} more reasons: table documents has them all`);
  for (const { corpus, pending } of corpora)
    if (pending.length > 0)
      lines.push(
        `  ? ${printable(corpus, 40)}: ${pending.length.toLocaleString('en-US')} not read yet, first ${printable(pending[0] ?? '', 80)}; run again`,
      );
  for (const { reason, objects, first } of leftOut)
    lines.push(`  ! ${objects.toLocaleString('en-US')} left out, ${reason}; first ${printable(first, 80)}`);
  return [...lines, `documents ${read} objects read, ${unchanged} unchanged`, ''];
}

/** The same as stable JSON. */
export function corporaJson({ read, unchanged, corpora, rejected, leftOut }: CorporaSummary): Record<string, unknown> {
  return {
    read,
    unchanged,
    corpora: corpora.map((one) => ({
      corpus: one.corpus,
      documents: one.documents,
      counted: one.counted,
      duplicates: one.duplicates,
      empty: one.empty,
      rejected: one.rejected,
      bytes: one.bytes,
      tokens: { o200k_base: one.tokensO200k, cl100k_base: one.tokensCl100k },
      pending: one.pending,
    })),
    rejected: rejected.map(({ corpus, reason, documents, first }) => ({ corpus, reason, documents, first })),
    left_out: leftOut.map(({ reason, objects, first }) => ({ reason, objects, first })),
  };
}
