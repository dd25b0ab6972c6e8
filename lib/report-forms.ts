/**
 * All forms of a document in one place: page, text, mail, chat. In: what charts are painted with. Out: the forms that delivery takes. A mail is
 * painted once however often it is asked for, since it is kept and sent.
 */
import type { Envelope, ReportForms } from './report-delivery.ts';
import type { ChartPainter } from './report/chart-painter.ts';
import { chatMessage } from './report/chat.ts';
import { renderDocumentText } from './report/document-text.ts';
import type { ReportDocument } from './report/document.ts';
import { mailBytes } from './report/mail.ts';
import { renderPage } from './report/page.ts';

/** Makes the forms; `openPainter` is called when the first mail is made. */
export function reportForms(openPainter: () => Promise<ChartPainter>): ReportForms {
  let painter: Promise<ChartPainter> | null = null;
  const mails = new WeakMap<ReportDocument, Map<string, Promise<Uint8Array>>>();
  const painted = async (document: ReportDocument, envelope: Envelope): Promise<Uint8Array> => {
    painter ??= openPainter();
    return await mailBytes(document, envelope, await painter);
  };
  return {
    async mail(document, envelope) {
      const made = mails.get(document) ?? new Map<string, Promise<Uint8Array>>();
      mails.set(document, made);
      const key = JSON.stringify(envelope);
      const bytes = made.get(key) ?? painted(document, envelope);
      made.set(key, bytes);
      return await bytes;
    },
    chat: chatMessage,
    page: renderPage,
    text: renderDocumentText,
  };
}
