/** Office files of before 2007, and new ones behind a password: not read, and told apart. */
import type { ExtractInput, Piece } from './extraction.ts';
import { oldOfficeReason } from './office-archive.ts';
import { UnreadableDocument } from './unreadable.ts';
import { wholeFile } from './whole-file.ts';

// oxlint-disable-next-line require-yield -- such a file has no text for us
export async function* extractOldOffice(input: ExtractInput): AsyncGenerator<Piece> {
  throw new UnreadableDocument(oldOfficeReason(await wholeFile(input)));
}
