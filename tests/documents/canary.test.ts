import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DocumentLimits } from '../../lib/documents/document.ts';
import { LOOPS, XML_BOMBS } from './hostile-files.ts';
import { exactCounters, readObject, zipOf } from './read-object.ts';

const FOLDER = new URL('../fixtures/documents/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => !name.endsWith('.py'));

/** Words of the documents' texts, and parts of them as they lie in the files. No result may have any of them. */
const SECRETS =
  /barrels|signature|invoice|harbour|clerk|Müller|anne@|größte|lamp oil|umlaut|frontier|Second point|item \d|CANARY/i;

/** What a library might say in an error: files that break within their text. */
const BROKEN: Readonly<Record<string, string | Uint8Array>> = {
  'broken.jsonl': '{"text":"CANARY one"}\n{"text":"CANARY two\n{"text": CANARY}\n[CANARY]\n',
  'broken.csv': 'id,text\n1,CANARY\n2,"CANARY" x "CANARY\n3',
  'broken.json': '{"CANARY": CANARY',
  'broken.html': `<p>CANARY${'<div>'.repeat(20_000)}CANARY`,
  'broken.eml': `Subject: CANARY\nContent-Type: multipart/mixed; boundary=CANARY\n\n--CANARY\n${'--CANARY\nContent-Type: multipart/CANARY; boundary=C\n\n'.repeat(400)}`,
  'broken.docx': zipOf({
    '[Content_Types].xml': '<CANARY',
    'word/document.xml': '<w:document>CANARY &CANARY; <CANARY',
  }),
  'broken.pptx': zipOf({
    'ppt/presentation.xml': '<p:presentation>CANARY &CANARY; <CANARY',
    'ppt/_rels/presentation.xml.rels': '<CANARY>',
  }),
  'broken.xlsx': zipOf({ 'xl/workbook.xml': '<workbook>CANARY &CANARY;', 'xl/sharedStrings.xml': '<sst>CANARY' }),
  'broken.pdf': '%PDF-1.4\n1 0 obj\n<< /CANARY (CANARY',
  'bytes.bin': 'CANARY\u0000CANARY',
  'picture.png': 'CANARY',
  ...LOOPS,
  ...XML_BOMBS,
};

/** A file cut off, and with bytes changed. */
function variants(bytes: Buffer): Buffer[] {
  const cut = [0.3, 0.7, 0.98].map((share) => bytes.subarray(0, Math.floor(bytes.length * share)));
  const changed = [3, 7].map((step) => {
    const copy = Buffer.from(bytes);
    for (let at = 64; at < copy.length; at += Math.ceil(bytes.length / step)) copy[at] = (copy[at] ?? 0) ^ 0x15;
    return copy;
  });
  return [...cut, ...changed];
}

const LIMITS: readonly Partial<DocumentLimits>[] = [
  {},
  { maxBytes: 500 },
  { maxCharacters: 50 },
  { maxParts: 2 },
  { maxDepth: 0 },
];

describe('no text of a document leaves its reader', () => {
  const printed: unknown[] = [];
  afterEach(() => {
    vi.restoreAllMocks();
    printed.length = 0;
  });

  test.each([...FILES, ...Object.keys(BROKEN)])('%s', async (name) => {
    for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
      vi.spyOn(console, method).mockImplementation((...what: unknown[]) => void printed.push(...what));
    }
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((what) => printed.push(String(what)) > 0);
    }
    const content = BROKEN[name];
    const bytes = content === undefined ? readFileSync(new URL(name, FOLDER)) : Buffer.from(content);
    const told: unknown[] = [];
    const counters = exactCounters();
    for (const limits of LIMITS) told.push(await readObject(name, bytes, { limits, counters }));
    for (const variant of variants(bytes)) told.push(await readObject(name, variant, { counters }));
    const said = JSON.stringify([told, printed.map(String)]);
    vi.restoreAllMocks();
    expect(told).toHaveLength(LIMITS.length + 5);
    expect(SECRETS.exec(said)).toBeNull();
  });

  test('the words that are looked for are in the files', () => {
    const texts = FILES.filter((name) => name.endsWith('.txt')).map((name) =>
      readFileSync(new URL(name, FOLDER), 'utf8'),
    );
    for (const text of texts) expect(text).toMatch(SECRETS);
  });
});
