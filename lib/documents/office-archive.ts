/**
 * The parts of an Office file (docx, pptx, xlsx) that its text lies in. What they unpack to is limited before they are unpacked, and parts that
 * declare entities are refused, so that no library expands them. Pictures are never unpacked.
 */
import type { ExtractInput } from './extraction.ts';
import { UnreadableDocument } from './unreadable.ts';
import { wholeFile } from './whole-file.ts';

/** Parts by path, unpacked. */
export type OfficeParts = Readonly<Record<string, Uint8Array>>;

const OLE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);

/** The parts that `isWanted`. Throws `UnreadableDocument` for what is no zip archive, is encrypted or unpacks to too much. */
export async function officeParts(input: ExtractInput, isWanted: (path: string) => boolean): Promise<OfficeParts> {
  const { unzipSync } = await import('fflate');
  const file = await wholeFile(input);
  if (Buffer.from(file.buffer, 0, Math.min(4, file.length)).equals(OLE))
    throw new UnreadableDocument(oldOfficeReason(file));
  const { maxBytes } = input.budget.limits;
  let unpacked = 0;
  const parts = unzipSync(file, {
    filter({ name, originalSize }) {
      if (!isWanted(name)) return false;
      unpacked += originalSize;
      if (unpacked > maxBytes) {
        throw new UnreadableDocument(`unpacks to more than ${maxBytes} bytes (documents.limits.maxBytes)`);
      }
      input.budget.addUnpacked(originalSize);
      return true;
    },
  });
  if (Object.keys(parts).length === 0)
    throw new UnreadableDocument('is broken: it is a zip archive without the parts of its format');
  for (const part of Object.values(parts)) refuseEntities(part);
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
function refuseEntities(part: Uint8Array): void {
  const bytes = Buffer.from(part.buffer, part.byteOffset, part.length);
  if (bytes.includes('<!ENTITY') || bytes.includes('<!DOCTYPE')) {
    throw new UnreadableDocument('declares entities of XML, which are never expanded');
  }
}
