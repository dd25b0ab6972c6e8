/** One painter for all tests of the mail, and the envelope they use. */
import { readPaintingFiles } from '../../lib/adapters/local/painting-files.ts';
import { createPainter } from '../../lib/report/chart-painter.ts';
import type { ChartPainter } from '../../lib/report/chart-painter.ts';
import type { MailEnvelope } from '../../lib/report/mail.ts';

let painter: Promise<ChartPainter> | null = null;

export async function testPainter(): Promise<ChartPainter> {
  painter ??= readPaintingFiles().then(createPainter);
  return await painter;
}

export const ENVELOPE: MailEnvelope = {
  from: 'Inference ledger <ledger@example.com>',
  to: ['finance@example.com', 'Plattform Größe <platform@example.org>'],
  replyTo: 'owner@example.com',
  dateMs: Date.UTC(2026, 10, 16, 7),
};
