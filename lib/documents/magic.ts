/** Media types by the first bytes of a file, for formats that begin with a sign of their own. Sources: the formats' specifications. */

interface Magic {
  readonly type: string;
  readonly at: number;
  readonly bytes: Buffer;
}

/** Type, place and bytes in hex. */
const SIGNS = `
application/pdf 0 255044462d
application/zip 0 504b0304
application/zip 0 504b0506
application/gzip 0 1f8b08
application/zstd 0 28b52ffd
application/vnd.apache.parquet 0 50415231
application/x-ole-storage 0 d0cf11e0a1b11ae1
image/png 0 89504e470d0a1a0a
image/jpeg 0 ffd8ff
image/gif 0 474946383761
image/gif 0 474946383961
image/webp 8 57454250
image/tiff 0 49492a00
image/tiff 0 4d4d002a
image/avif 4 6674797061766966
image/heic 4 6674797068656963
audio/wav 8 57415645
audio/mpeg 0 494433
audio/flac 0 664c6143
audio/ogg 0 4f676753
video/x-msvideo 8 41564920
video/mp4 4 66747970
video/x-matroska 0 1a45dfa3
font/woff 0 774f4646
font/woff2 0 774f4632
font/otf 0 4f54544f
font/ttf 0 0001000000
application/x-elf 0 7f454c46
application/java-vm 0 cafebabe
application/x-mach-binary 0 cffaedfe
application/wasm 0 0061736d
application/vnd.sqlite3 0 53514c69746520666f726d6174203300
application/x-bzip2 0 425a68
application/x-xz 0 fd377a585a00
application/x-7z-compressed 0 377abcaf271c
application/vnd.rar 0 526172211a07
application/x-tar 257 7573746172
application/rtf 0 7b5c727466
application/vnd.apache.arrow.file 0 4152524f5731
application/vnd.apache.orc 0 4f5243
application/vnd.apache.avro 0 4f626a01
`;

const MAGICS: readonly Magic[] = SIGNS.trim()
  .split('\n')
  .map((line) => {
    const [type = '', at = '0', hex = ''] = line.split(' ');
    return { type, at: Number(at), bytes: Buffer.from(hex, 'hex') };
  });

/** Signs of few letters of ASCII, which a text may begin with by chance: they count only where bytes follow that no text has. */
const WEAK = new Set(['application/x-bzip2', 'application/vnd.apache.orc', 'audio/mpeg', 'audio/flac', 'audio/ogg']);

/** Type of what begins with these bytes; null where there is no sign. `isText` tells whether they could be text all the same. */
export function magicType(head: Buffer, isText: boolean): string | null {
  const found = MAGICS.find(({ at, bytes }) => head.subarray(at, at + bytes.length).equals(bytes));
  return found === undefined || (isText && WEAK.has(found.type)) ? null : found.type;
}

/**
 * Type of a zip archive by its first entry and the names of those that follow: Office files and others are zip archives, too. `isKnown` tells
 * which declared types are believed; any other could be words of the document.
 */
export function zipType(head: Buffer, isKnown: (type: string) => boolean): string {
  const declared = declaredType(head);
  if (declared !== null && isKnown(declared)) return declared;
  const names = head.toString('latin1');
  if (!names.includes('[Content_Types].xml') && !names.includes('_rels/.rels')) return 'application/zip';
  for (const [folder, type] of OFFICE_FOLDERS) if (names.includes(folder)) return type;
  return 'application/zip';
}

/** Content of a first entry `mimetype`, which is stored. Source: OpenDocument 1.3 part 2, §3.3; EPUB OCF 3.3, §4.3. */
function declaredType(head: Buffer): string | null {
  const name = 'mimetype';
  if (head.length < 38 || head.toString('latin1', 30, 38) !== name || head.readUInt16LE(26) !== name.length)
    return null;
  const start = 38 + head.readUInt16LE(28);
  return head.toString('latin1', start, start + head.readUInt32LE(18)).trim();
}

const OFFICE = 'application/vnd.openxmlformats-officedocument.';
const OFFICE_FOLDERS = [
  ['word/', `${OFFICE}wordprocessingml.document`],
  ['ppt/', `${OFFICE}presentationml.presentation`],
  ['xl/', `${OFFICE}spreadsheetml.sheet`],
] as const;
