/**
 * A report as the bytes of a mail (RFC 5322, MIME): text part, HTML part, pictures by content id. The same bytes go to SES, to SMTP and into report.eml.
 * In: a document, an envelope, a painter. Out: bytes. Invariant: the same inputs give the same bytes: date, message id and boundaries come from them;
 * HTML stays below what Gmail clips; no header holds anything but what was given.
 */
import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import { LedgerError } from '../errors.ts';
import type { ChartPainter } from './chart-painter.ts';
import type { ReportDocument } from './document.ts';
import { filledSql } from './ask.ts';
import { renderDocumentText } from './document-text.ts';
import { shownName } from './format.ts';
import { paintCharts } from './mail-figures.ts';
import type { ChartPictures } from './mail-figures.ts';
import { mailHtml } from './mail-html.ts';
import type { MailExtent } from './mail-html.ts';

export interface MailEnvelope {
  /** `Name <user@host>` or the address alone */
  readonly from: string;
  readonly to: readonly string[];
  readonly replyTo?: string;
  /** moment the mail is dated with, Unix milliseconds: made on, at the hour it is sent; not the clock */
  readonly dateMs: number;
}

/** Gmail clips what is longer than 102 KB; the limit is 100 KB. */
export const MAIL_HTML_LIMIT = 100_000;

const SUBJECT_LIMIT = 150;
const LINE_LIMIT = 900;

/** Ever less of the tables, then of the sections, until the HTML is short enough; the page has all of it. */
const EXTENTS: readonly MailExtent[] = [
  { sections: 1000, rows: 1000, hasSql: true },
  { sections: 1000, rows: 1000, hasSql: false },
  { sections: 1000, rows: 10, hasSql: false },
  { sections: 1000, rows: 5, hasSql: false },
  { sections: 1000, rows: 3, hasSql: false },
  { sections: 1000, rows: 1, hasSql: false },
  { sections: 20, rows: 3, hasSql: false },
  { sections: 10, rows: 1, hasSql: false },
  { sections: 0, rows: 0, hasSql: false },
];

/**
 * The mail. Throws `LedgerError` if there is nobody to write to, an address holds a line break, or its first screen alone is too long.
 */
export async function mailBytes(
  document: ReportDocument,
  envelope: MailEnvelope,
  painter: ChartPainter,
): Promise<Uint8Array> {
  checkAddresses(envelope);
  const painted = await paintCharts(document, painter);
  const html = await fittingHtml(document, painted);
  const text = mailText(document);
  const id = fingerprint([envelope, document.weekEnd, document.team, text, html]);
  const composer = new MailComposer({
    from: envelope.from,
    to: [...envelope.to],
    ...(envelope.replyTo === undefined ? {} : { replyTo: envelope.replyTo }),
    subject: shownName(document.subject, SUBJECT_LIMIT),
    date: new Date(envelope.dateMs),
    messageId: `<${id}@${hostOf(envelope.from)}>`,
    baseBoundary: id,
    // keeps answering machines silent (RFC 3834)
    headers: { 'Auto-Submitted': 'auto-generated' },
    text,
    html,
    textEncoding: 'quoted-printable',
    attachments: [...painted.values()].flatMap(({ pictures }) =>
      pictures.map(({ cid, filename, png }) => ({
        cid,
        filename,
        content: Buffer.from(png),
        contentType: 'image/png',
        contentDisposition: 'inline' as const,
      })),
    ),
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: '\r\n',
  });
  return new Uint8Array(await composer.compile().build());
}

/** HTML of the document with as much of it as a mail may hold. */
export async function fittingHtml(
  document: ReportDocument,
  painted: ReadonlyMap<string, ChartPictures>,
): Promise<string> {
  for (const extent of EXTENTS) {
    const html = await mailHtml(document, painted, extent);
    if (Buffer.byteLength(html) < MAIL_HTML_LIMIT) return html;
  }
  throw new LedgerError(
    `the first screen of the week to ${document.weekEnd} is too long for a mail: ${MAIL_HTML_LIMIT} bytes`,
  );
}

/** report.txt, and the queries below it; no line of it holds a control or direction mark, or is without end. */
function mailText(document: ReportDocument): string {
  const queries = document.queries.flatMap((query) => ['', `[${query.name}]`, ...filledSql(query).trim().split('\n')]);
  const lines = [
    ...renderDocumentText(document).trimEnd().split('\n'),
    ...(queries.length > 0 ? ['', 'Queries'] : []),
    ...queries,
  ];
  return `${lines.map((line) => shownName(line, LINE_LIMIT)).join('\n')}\n`;
}

function checkAddresses({ from, to, replyTo }: MailEnvelope): void {
  if (to.length === 0) throw new LedgerError('the mail has nobody to go to');
  for (const address of [from, ...to, ...(replyTo === undefined ? [] : [replyTo])]) {
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u001f\u007f]/.test(address) || !address.includes('@'))
      throw new LedgerError(`not an address of a mail: ${shownName(address)}`);
  }
}

function hostOf(address: string): string {
  return /@([A-Za-z0-9.-]+)/.exec(address)?.[1] ?? 'inference-ledger.invalid';
}

function fingerprint(values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 32);
}
