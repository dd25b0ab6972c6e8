/**
 * The parts of an Office file (docx, pptx, xlsx) that its text lies in, with their checksums verified. What they unpack to is limited by what comes
 * out, not by what the file says, and parts that declare entities are refused, so that no library expands them. Pictures are passed over.
 */
import { zipEntries } from '../zip-entries.ts';
import type { ExtractInput } from './extraction.ts';
import { guardOf } from './limits.ts';
import { UnreadableDocument } from './unreadable.ts';

/** Parts by path, unpacked. */
export type OfficeParts = Readonly<Record<string, Uint8Array>>;

/** The parts that `isWanted`. Throws `UnreadableDocument` for what has none or unpacks to too much, `BrokenContainer` for what is damaged. */
export async function officeParts(
  { reader, budget }: ExtractInput,
  isWanted: (path: string) => boolean,
): Promise<OfficeParts> {
  const { maxBytes } = budget.limits;
  const parts: Record<string, Uint8Array> = {};
  let unpacked = 0;
  for await (const { name, chunks } of zipEntries(reader, guardOf(budget))) {
    if (!isWanted(name)) continue;
    const pieces: Uint8Array[] = [];
    for await (const chunk of chunks) {
      unpacked += chunk.length;
      if (unpacked > maxBytes) {
        throw new UnreadableDocument(`unpacks to more than ${maxBytes} bytes (documents.limits.maxBytes)`);
      }
      pieces.push(chunk);
    }
    const part = Buffer.concat(pieces);
    refuseEntities(part);
    parts[name] = part;
  }
  if (unpacked === 0) throw new UnreadableDocument('is broken: it is a zip archive without the parts of its format');
  return parts;
}

/** Why a file in the container of old Office files is not read: it is one, or a new one that is encrypted, which is kept in such a container. */
export function oldOfficeReason(file: Uint8Array): string {
  const isEncrypted = Buffer.from(file.buffer, file.byteOffset, file.length).includes('EncryptedPackage', 0, 'utf16le');
  return isEncrypted
    ? 'is encrypted with a password'
    : 'is of a type that is not read: application/x-ole-storage (Office before 2007)';
}

/** No part of an Office file has a document type; one with entities can make a gigabyte of a kilobyte. */
function refuseEntities(part: Buffer): void {
  if (part.includes('<!ENTITY') || part.includes('<!DOCTYPE')) {
    throw new UnreadableDocument('declares entities of XML, which are never expanded');
  }
}
