import { describe, expect, test } from 'vitest';
import { documentType } from '../../lib/documents/media-type.ts';
import { zipOf } from './read-object.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex');
const OOXML = 'application/vnd.openxmlformats-officedocument.';

describe('the type of a document', () => {
  test.each([
    ['a sign in the bytes goes before the name', 'picture.txt', PNG, 'image/png', null],
    ['a PDF without an ending', 'scan', Buffer.from('%PDF-1.7\n'), 'application/pdf', 'pdf'],
    ['text by its ending', 'a/b.MD', Buffer.from('# x'), 'text/markdown', 'text'],
    ['source code by its language', 'x.py', Buffer.from('import os'), 'text/x-python', 'text'],
    ['a name without an ending', 'src/Makefile', Buffer.from('all:\n\tcc'), 'text/plain', 'text'],
    ['a name that is an ending', 'Dockerfile', Buffer.from('FROM x'), 'text/x-dockerfile', 'text'],
    ['an unknown ending with text', 'x.q7', Buffer.from('füß\r\n\tx\f'), 'text/plain', 'text'],
    ['an unknown ending with UTF-16', 'x.q7', Buffer.from('\ufefffüß', 'utf16le'), 'text/plain', 'text'],
    ['an unknown ending with a page', 'x.q7', Buffer.from('\n<!DOCTYPE html><p>'), 'text/html', 'html'],
    ['an unknown ending with XML', 'x.q7', Buffer.from('<?xml version="1.0"?><a/>'), 'application/xml', 'text'],
    ['an unknown ending with control characters', 'x.q7', Buffer.from('a\u0001b'), 'application/octet-stream', null],
    ['an unknown ending with bytes', 'x.q7', Buffer.from([0x61, 0xff, 0x62]), 'application/octet-stream', null],
    ['bytes with the ending of text', 'movie.ts', Buffer.from([0x47, 0, 1]), 'application/octet-stream', null],
    ['an empty file', 'x.csv', Buffer.alloc(0), 'text/csv', 'csv'],
    ['a picture without its sign', 'x.png', Buffer.from('oops'), 'image/png', null],
    ['words that look like a sign', 'x.md', Buffer.from('BZhou wrote ORC'), 'text/markdown', 'text'],
    ['an old Office file', 'x.doc', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'application/msword', 'ole'],
    ['rich text', 'x', Buffer.from('{\\rtf1 x}'), 'application/rtf', null],
    ['JSON Lines', 'x.ndjson', Buffer.from('{}'), 'application/x-ndjson', 'json_lines'],
  ])('%s', (_what, path, head, mediaType, format) => {
    expect(documentType(path, head)).toMatchObject({ mediaType, format });
  });

  test.each([
    [
      'x.docx',
      { 'word/document.xml': '<a/>', '[Content_Types].xml': '<a/>' },
      `${OOXML}wordprocessingml.document`,
      'docx',
    ],
    ['unnamed', { '[Content_Types].xml': '<a/>', 'xl/workbook.xml': '<a/>' }, `${OOXML}spreadsheetml.sheet`, 'xlsx'],
    ['x.zip', { '_rels/.rels': '<a/>', 'ppt/presentation.xml': '<a/>' }, `${OOXML}presentationml.presentation`, 'pptx'],
    ['x.whl', { 'word/a.py': 'x' }, 'application/zip', 'zip'],
    ['x.txt', { 'a.txt': 'x' }, 'application/zip', 'zip'],
    ['epub', { mimetype: 'application/epub+zip', 'a.html': 'x' }, 'application/epub+zip', null],
    ['words', { mimetype: 'application/secret-words', 'a.html': 'x' }, 'application/zip', 'zip'],
    ['x.odt', { 'content.xml': '<a/>' }, 'application/vnd.oasis.opendocument.text', null],
  ])('archive %s', (path, entries, mediaType, format) => {
    expect(documentType(path, Buffer.from(zipOf(entries, 0)))).toMatchObject({ mediaType, format });
  });

  test('what holds no text and what is not read are told apart', () => {
    expect(documentType('a.png', PNG)).toMatchObject({ reason: 'not a document of text: image/png' });
    expect(documentType('a.tar', Buffer.from('x'))).toMatchObject({
      reason: 'is of a type that is not read: application/x-tar',
    });
  });
});
