/** The bytes of a mail read by a third parser, in another language: Python's own. It finds what the parsers of `npm test` find, and no defect. */
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailBytes } from '../../lib/report/mail.ts';
import { exampleDocument, hostileDocument } from '../fixtures/report-document.ts';
import { ENVELOPE, testPainter } from '../report/mail-tools.ts';

const exec = promisify(execFile);
const READER = fileURLToPath(new URL('read_mail.py', import.meta.url));

interface PythonMail {
  readonly subject: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly date: string;
  readonly headers: readonly string[];
  readonly types: readonly string[];
  readonly charsets: readonly string[];
  readonly pictures: Readonly<Record<string, string>>;
  readonly text: string;
  readonly html: string;
  readonly defects: readonly string[];
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mail-'));
});

afterAll(async () => await rm(folder, { recursive: true, force: true }));

async function readByPython(bytes: Uint8Array): Promise<PythonMail> {
  const path = join(folder, 'report.eml');
  await writeFile(path, bytes);
  const { stdout } = await exec('python3', [READER, path], { maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as PythonMail;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test.each([
  ['the example', exampleDocument()],
  ['names that mean harm', hostileDocument()],
])('%s: Python finds the same mail', async (_, document) => {
  const bytes = await mailBytes(document, ENVELOPE, await testPainter());
  const [mail, other] = [await readByPython(bytes), await PostalMime.parse(bytes)];
  expect(mail.defects).toEqual([]);
  expect(mail.subject).toBe(other.subject);
  expect(mail.from).toBe('Inference ledger <ledger@example.com>');
  expect(mail.to).toEqual(['finance@example.com', 'platform@example.org']);
  expect(mail.date).toBe('2026-11-16T07:00:00+00:00');
  expect(mail.headers.filter((name) => /^bcc$|^cc$/i.test(name))).toEqual([]);
  expect(mail.types.slice(0, 4)).toEqual(['multipart/alternative', 'text/plain', 'multipart/related', 'text/html']);
  expect(mail.charsets).toEqual(['utf-8', 'utf-8']);
  const attached = other.attachments.map(({ contentId = '', content }) => [
    contentId.replace(/^<|>$/g, ''),
    sha256(new Uint8Array(content as ArrayBuffer)),
  ]);
  expect(mail.pictures).toEqual(Object.fromEntries(attached));
  expect([...mail.html.matchAll(/src="cid:([^"]+)"/g)].map((match) => match[1])).toEqual(Object.keys(mail.pictures));
  expect(mail.text.trim()).toBe((other.text ?? '').trim());
  expect(mail.html.trim()).toBe((other.html ?? '').trim());
});
