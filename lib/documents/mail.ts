/**
 * Mails: the lines From, To, Cc, Date and Subject, an empty line, and the body: its plain text, or its HTML as text where there is none. Attachments
 * are documents of their own.
 */
import type { Address, Attachment } from 'postal-mime';
import type { ExtractInput, Piece } from './extraction.ts';
import { htmlText } from './html.ts';
import { wholeFile } from './whole-file.ts';

/** The text of a mail, then its attachments. */
export async function* extractMail(input: ExtractInput): AsyncGenerator<Piece> {
  const { default: PostalMime } = await import('postal-mime');
  const mail = await PostalMime.parse(await wholeFile(input), { forceRfc822Attachments: true });
  const headers = [
    ['From', mail.from === undefined ? '' : addressText(mail.from)],
    ['To', (mail.to ?? []).map(addressText).join(', ')],
    ['Cc', (mail.cc ?? []).map(addressText).join(', ')],
    ['Date', mail.date ?? ''],
    ['Subject', mail.subject ?? ''],
  ].filter(([, value]) => value !== '');
  yield headers.map(([name, value]) => `${name}: ${value}\n`).join('');
  const body = mail.text ?? (mail.html === undefined ? '' : await htmlText(mail.html));
  if (body !== '') yield headers.length > 0 ? `\n${body}` : body;
  for (const [i, attachment] of mail.attachments.entries()) {
    const name = attachment.filename ?? `attachment-${i + 1}${attachment.mimeType === 'message/rfc822' ? '.eml' : ''}`;
    yield { kind: 'file', name, chunks: bytesOf(attachment) };
  }
}

function addressText(address: Address): string {
  if (address.group !== undefined) return `${address.name}: ${address.group.map(addressText).join(', ')};`;
  return address.name === '' ? (address.address ?? '') : `${address.name} <${address.address ?? ''}>`;
}

async function* bytesOf({ content }: Attachment): AsyncGenerator<Uint8Array> {
  yield typeof content === 'string' ? Buffer.from(content, 'utf8') : new Uint8Array(content);
}
